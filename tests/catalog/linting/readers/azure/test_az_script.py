"""Scripts with az: rules as options of commands, with the variables of the script."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, Layer
from aks_egress_catalog.linting.readers.azure import az_script
from aks_egress_catalog.linting.source import Source
from tests.catalog.linting.readers.azure.lists import entry, patterns, read_files, rule, services, unread

SCRIPT: Final = r"""#!/bin/bash
set -e
FW="hub-fw"
export POLICY=hub-policy
HOSTS="a.io b.io"
EXTRA=("c.io"
  'd.io' # a comment
)
EXTRA+=(e.io)
NODES=$(az aks show -g rg -n aks --query "nodes[?contains(name, 'x')]" -o tsv)
if [ "$FW" != "" ]; then
  az network firewall network-rule create -g rg -f $FW --collection-name net -n tunnel \
    --protocols 'UDP' --source-addresses '*' --destination-addresses "AzureCloud.$LOCATION" 10.0.0.0/8 \
    --destination-ports 1194 9000-9001 --action allow --priority 110
fi
# az network firewall application-rule create --target-fqdns comment.io
az network firewall network-rule create -g rg -f $FW -c net -n more --protocols Any --source-addresses 10.1.0.0/16 \
  --destination-fqdns ntp.ubuntu.com --destination-ports "*"
az network firewall application-rule create -f "$FW" -c apps -n tag --source-addresses '*' \
  --protocols 'http=80' https=443 --fqdn-tags "AzureKubernetesService" --action Deny --priority 200
az network firewall application-rule create -f "$FW" -c more -n names --source-addresses '*' --priority 210 \
  --action Allow --protocols=https=443 --target-fqdns $HOSTS ${EXTRA[@]} "*.$REGION.io" ${ONE:-f.io} "['g.io','h.io']" \
  x.$(hostname).io "$UNKNOWN"
az network firewall nat-rule create -f $FW -c nat -n in
az network nsg rule create -g rg --nsg-name nsg -n out --destination-address-prefixes Internet

az network firewall policy create -g rg -n ${POLICY} --enable-dns-proxy true --base-policy Root
az network firewall policy rule-collection-group create -g rg --policy-name $POLICY --name group --priority 300
az network firewall policy rule-collection-group collection add-filter-collection -g rg --policy-name $POLICY \
  --rcg-name group --name col --collection-priority 120 --action Allow --rule-type ApplicationRule --rule-name first \
  --source-ip-groups $GROUP --protocols Https=443 --target-fqdns p.io --enable-tls-inspection true
for host in q.io "${EXTRA[@]}"; do
  az network firewall policy rule-collection-group collection rule add -g rg --policy-name $POLICY --rcg-name group \
    --collection-name col --name "for-$host" --rule-type NetworkRule --ip-protocols TCP --source-addresses '*' \
    --destination-fqdns $host --destination-ports 443
done
cat <<EOF
az network firewall application-rule create --target-fqdns heredoc.io
EOF
"""


def test_classic_rules(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"fw.sh": SCRIPT})
    tunnel, more, tag = rule(found, "tunnel"), rule(found, "more"), rule(found, "tag")
    assert (tunnel.policy, tunnel.layer, tunnel.order[:3]) == ("hub-fw", Layer.NETWORK, (0, 0, 110))
    assert services(tunnel) == ["UDP 1194", "UDP 9000-9001"]
    assert more.order[:3] == (0, 0, 110)  # the priority of a collection is said once
    assert services(more) == ["TCP and UDP any port"]
    assert more.sources == ("10.1.0.0/16",)
    assert (tag.action, services(tag)) == (Action.DENY, ["HTTP 80", "HTTPS 443"])
    assert entry(found, "AzureCloud.{region}").value == "AzureCloud.$LOCATION"
    assert entry(found, "AzureKubernetesService").form is Form.FQDN_TAG
    assert found.skipped == 2


def test_variables_of_the_script_are_followed(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"fw.sh": SCRIPT})
    hosts = [one.pattern for one in found.entries if one.rule.name == "names"]
    assert hosts == ["a.io", "b.io", "c.io", "d.io", "e.io", "*.{region}.io", "f.io", "g.io", "h.io", "x.{?}.io"]
    assert unread(found) == ["$UNKNOWN"]
    assert "comment.io" not in patterns(found)
    assert "heredoc.io" not in patterns(found)


def test_rules_of_a_policy(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"fw.sh": SCRIPT})
    first = rule(found, "first")
    assert (first.policy, first.collection, first.order[:3]) == ("hub-policy", "col", (1, 300, 120))
    assert (first.inspects, first.sources, first.sources_known) == (True, ("$GROUP",), False)
    looped = [one for one in found.entries if one.rule.name.startswith("for-")]
    assert [one.pattern for one in looped] == ["q.io", "c.io", "d.io", "e.io"]
    assert {one.rule.order[:3] for one in looped} == {(0, 300, 120)}
    (policy,) = found.policies
    assert (policy.name, policy.parent, policy.dns_proxy) == ("hub-policy", "Root", True)


def test_a_variable_in_a_variable_is_followed(tmp_path: Path) -> None:
    script = """\
LOCATION=westeurope
HOST="x.$LOCATION.io"
az network firewall application-rule create -f fw -c c -n r --action Allow --priority 100 --source-addresses '*' \\
  --protocols https=443 --target-fqdns $HOST
"""
    found = read_files(tmp_path, {"fw.sh": script})
    assert patterns(found) == ["x.westeurope.io"]
    assert found.entries[0].place.line == 2


def test_what_is_not_read_of_scripts_is_said(tmp_path: Path) -> None:
    script = """\
$rule = New-AzFirewallPolicyApplicationRule -Name r -TargetFqdn "a.io" -Protocol "https:443" -SourceAddress "*"
"""
    found = read_files(tmp_path, {"fw.ps1": script})
    assert (found.entries, len(found.unread)) == ([], 1)
    script = "OUT=$(az network firewall application-rule create -f fw --target-fqdns a.io)\n"
    found = read_files(tmp_path, {"fw.sh": script})
    assert (found.entries, len(found.unread)) == ([], 1)


def test_windows_line_ends_and_carets(tmp_path: Path) -> None:
    script = (
        "set REGION=x\r\naz network firewall application-rule create -f fw -c c -n r ^\r\n"
        " --protocols https=443 --action Allow ^\r\n --target-fqdns a.io b.io\r\n"
    )
    (tmp_path / "fw.cmd").write_bytes(script.encode())
    path = tmp_path / "fw.cmd"
    found = az_script.read(Source(str(path), script))
    assert patterns(found) == ["a.io", "b.io"]
    assert all(script[one.place.start : one.place.end] == one.value for one in found.entries)


def test_a_rule_within_another_command_is_told_and_a_question_is_not(tmp_path: Path) -> None:
    asked = "ID=$(az network firewall list -g rg --query \"[?contains(name, 'x')].id\" -o tsv)\n"
    count = "N=$(az network firewall nat-rule list --query 'length(@)' -o tsv || echo 0)\n"
    made = "OUT=$(az network firewall application-rule create -f fw --target-fqdns within.io)\n"
    rule_after = (
        "az network firewall network-rule create -f fw -c c -n n --destination-addresses '*' --destination-ports 123\n"
    )
    assert not unread(read_files(tmp_path, {"fw.sh": asked + count + rule_after}))
    assert unread(read_files(tmp_path, {"fw.sh": asked + made})) == ["az network firewall application-rule create"]
