"""Comments that silence findings: in the syntax of each format, for their lines only, and never within a string."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.linting.counting import without_ignored
from aks_egress_catalog.linting.ignoring.comment_syntax import SYNTAX, comment_lines
from aks_egress_catalog.linting.ignoring.comments import Comment, comments_in
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.formats import FORMATS
from tests.catalog.cli.command_line import ask

pytestmark = pytest.mark.usefixtures("base_shipped")

PROFILE: Final = aec.Profile(region="westeurope", recommended=False)
SAYS: Final = "aks-egress: ignore retired why"
RETIRED: Final = "*.cdn.mscr.io"
"""Retired in 2020, for good."""

TERRAFORM: Final = """\
resource "azurerm_firewall_policy_rule_collection_group" "aks" {
  firewall_policy_id = azurerm_firewall_policy.hub.id
  application_rule_collection {
    name     = "aks"
    priority = 200
    action   = "Allow"
    rule {
      name              = "core"
      source_addresses  = ["10.0.0.0/16"]
      destination_fqdns = [
        "mcr.microsoft.com",
BEFORE
        "*.cdn.mscr.io", BEHIND
      ]
      protocols {
        type = "Https"
        port = 443
      }
    }
  }
}
"""
BICEP: Final = """\
resource group 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2023-09-01' = {
  name: 'policy/aks'
  properties: {
    ruleCollections: [{
      ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
      name: 'aks'
      priority: 200
      action: { type: 'Allow' }
      rules: [{
        ruleType: 'ApplicationRule'
        name: 'core'
        sourceAddresses: ['10.0.0.0/16']
        protocols: [{ protocolType: 'Https', port: 443 }]
        targetFqdns: [
          'mcr.microsoft.com'
BEFORE
          '*.cdn.mscr.io' BEHIND
        ]
      }]
    }]
  }
}
"""
ARM: Final = """\
{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [{
  "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "apiVersion": "2023-09-01", "name": "policy/aks",
  "properties": {"ruleCollections": [{
    "ruleCollectionType": "FirewallPolicyFilterRuleCollection", "name": "aks", "priority": 200,
    "action": {"type": "Allow"},
    "rules": [{
      "ruleType": "ApplicationRule", "name": "core", "sourceAddresses": ["10.0.0.0/16"],
      "protocols": [{"protocolType": "Https", "port": 443}],
      "targetFqdns": [
        "mcr.microsoft.com",
BEFORE
        "*.cdn.mscr.io" BEHIND
      ]}]}]}}]}
"""
SCRIPT: Final = """\
BEFORE
az network firewall application-rule create -g rg -f fw --collection-name aks --name core --priority 200 \\
  --action Allow --source-addresses '*' --protocols 'https=443' \\
  --target-fqdns mcr.microsoft.com '*.cdn.mscr.io' BEHIND
"""
SQUID: Final = """\
acl aks dstdomain mcr.microsoft.com
BEFORE
acl aks dstdomain .cdn.mscr.io BEHIND
http_access allow aks
http_access deny all
"""
CILIUM: Final = """\
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: nodes}
spec:
  nodeSelector: {}
  egress:
    - toFQDNs:
        - matchName: mcr.microsoft.com
BEFORE
        - matchPattern: "*.cdn.mscr.io" BEHIND
      toPorts:
        - ports: [{port: "443", protocol: TCP}]
"""
XML: Final = """\
<config><shared><profiles><custom-url-category><entry name="aks"><list>
<member>mcr.microsoft.com/</member>
BEFORE
<member>*.cdn.mscr.io/</member> BEHIND
</list></entry></custom-url-category></profiles></shared></config>
"""
PLAIN: Final = "mcr.microsoft.com:443\nBEFORE\n*.cdn.mscr.io:443 BEHIND\n"
LISTS: Final = {
    "terraform": ("main.tf", TERRAFORM, ("# {}", "// {}", "/* {} */")),
    "bicep": ("main.bicep", BICEP, ("// {}", "/* {} */")),
    "arm": ("azuredeploy.json", ARM, ("// {}", "/* {} */")),
    "az-script": ("firewall.sh", SCRIPT, ("# {}",)),
    "squid": ("squid.conf", SQUID, ("# {}",)),
    "cilium": ("policy.yaml", CILIUM, ("# {}",)),
    "paloalto-xml": ("config.xml", XML, ("<!-- {} -->",)),
    "plain": ("hosts.txt", PLAIN, ("# {}", "; {}", "// {}")),
}
CASES: Final = [(name, mark) for name, (_, _, marks) in LISTS.items() for mark in marks]


def written(folder: Path, name: str, *, before: str = "", behind: str = "") -> Path:
    file, text, _ = LISTS[name]
    place = folder / file
    place.write_text(text.replace("BEFORE", before).replace("BEHIND", behind))
    return place


def retired(found: Lint) -> tuple[int, int]:
    """How many findings of the code count, and how many are silenced."""
    counted = sum(one.code == "retired" for one in found.findings)
    return counted, sum(one.finding.code == "retired" for one in found.silenced)


def test_the_comments_of_every_format_are_known() -> None:
    assert set(SYNTAX) == set(FORMATS)


@pytest.mark.parametrize("name", LISTS)
def test_each_list_has_the_finding(tmp_path: Path, name: str) -> None:
    found = aec.lint(written(tmp_path, name), profile=PROFILE)
    assert [one.format for one in found.read] == [name]
    assert retired(found) == (1, 0)


@pytest.mark.parametrize(("name", "mark"), CASES)
def test_a_comment_behind_the_value(tmp_path: Path, name: str, mark: str) -> None:
    found = aec.lint(written(tmp_path, name, behind=mark.format(SAYS)), profile=PROFILE)
    assert retired(found) == (0, 1)
    assert [one.reason for one in found.silenced] == ["why"]


@pytest.mark.parametrize(("name", "mark"), CASES)
def test_a_comment_alone_on_a_line_above(tmp_path: Path, name: str, mark: str) -> None:
    found = aec.lint(written(tmp_path, name, before=f"  {mark.format(SAYS)}  "), profile=PROFILE)
    assert retired(found) == (0, 1)


@pytest.mark.parametrize(("name", "mark"), CASES)
def test_comments_may_stand_one_upon_the_other(tmp_path: Path, name: str, mark: str) -> None:
    others = [mark.format(SAYS), mark.format("aks-egress: ignore too-broad"), "", mark.format("nothing for lint")]
    found = aec.lint(written(tmp_path, name, before="\n".join(others)), profile=PROFILE)
    assert retired(found) == (0, 1)
    assert any("silences nothing: no too-broad" in note for note in found.notes)


@pytest.mark.parametrize("name", ["terraform", "bicep", "arm"])
def test_a_comment_of_several_lines(tmp_path: Path, name: str) -> None:
    found = aec.lint(written(tmp_path, name, before=f"/* one\n   {SAYS}\n   three */"), profile=PROFILE)
    assert retired(found) == (0, 1)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("terraform", 'description = "# aks-egress: ignore retired"'),
        ("terraform", 'description = "\\" // aks-egress: ignore retired"'),
        ("bicep", "description: 'it\\'s // aks-egress: ignore retired'"),
        ("bicep", "description: '''\n// aks-egress: ignore retired\n'''"),
        ("arm", '{"a": "/* aks-egress: ignore retired */"}'),
        ("arm", '{"a": "x"} # aks-egress: ignore retired'),
        ("terraform-plan", '{"a": "x"} // aks-egress: ignore retired'),
        ("egress-endpoints", "# aks-egress: ignore retired"),
        ("az-script", "az x --name 'a # aks-egress: ignore retired'"),
        ("az-script", "az x --name a#aks-egress: ignore retired"),
        ("cilium", 'a: "# aks-egress: ignore retired"'),
        ("cilium", "a: 'it''s # aks-egress: ignore retired'"),
        ("paloalto-xml", "<a># aks-egress: ignore retired</a>"),
        ("plain", "https://example.com/#aks-egress: ignore retired"),
        ("aks-egress-catalog", 'a,"# aks-egress: ignore retired"'),
    ],
)
def test_what_is_no_comment_of_the_format_silences_nothing(form: str, text: str) -> None:
    assert list(comments_in("a", text, form)) == []


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("az-script", "echo it's # aks-egress: ignore retired"),
        ("cilium", "a: it's # aks-egress: ignore retired"),
        ("terraform", 'a = "${lookup(x, "y")}" # aks-egress: ignore retired'),
        ("bicep", "a: '${b('c')}' // aks-egress: ignore retired"),
        ("terraform", "/* open\naks-egress: ignore retired"),
    ],
)
def test_what_is_a_comment_all_the_same(form: str, text: str) -> None:
    (found,) = comments_in("a", text, form)
    assert isinstance(found, Comment)


def said(words: str) -> Comment:
    (found,) = comments_in("a.txt", f"# aks-egress: {words}", "plain")
    assert isinstance(found, Comment), found
    return found


def test_codes_hosts_day_and_reason() -> None:
    found = said("ignore missing,Retired *.A.io b.io tag:AzureCloud 10.0.0.0/8 until 2027-01-31 until we move, v1.2")
    assert found.codes == ("missing", "retired")
    assert found.hosts == {"*.a.io", "b.io", "tag:azurecloud", "10.0.0.0/8"}
    assert found.until == dt.date(2027, 1, 31)
    assert found.reason == "until we move, v1.2"
    assert said("ignore retired we wait until 2027-01-31").until == dt.date(2027, 1, 31)
    assert said("ignore retired we wait until Monday").until is None


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("ignore", "'nothing' is no code"),
        ("ignore retierd", "'retierd' is no code"),
        ("ignore retired, ", ""),
        ("ingore retired", "'ingore' is neither"),
        ("", "'nothing' is neither"),
        ("ignore retired until tomorrow", "'tomorrow' is no day"),
        ("ignore retired until 2027-02-30", "'2027-02-30' is no day"),
    ],
)
def test_what_nobody_understands_is_told(words: str, wrong: str) -> None:
    (found,) = comments_in("a.txt", f"x\n # aks-egress: {words}", "plain")
    assert wrong in found if isinstance(found, str) else not wrong
    assert not isinstance(found, str) or found.startswith("a.txt:2:2: ")


@pytest.mark.parametrize(("today", "counts"), [("2027-01-30", 0), ("2027-01-31", 0), ("2027-02-01", 1)])
def test_a_comment_is_good_through_its_last_day(tmp_path: Path, today: str, counts: int) -> None:
    file = written(tmp_path, "plain", behind="# aks-egress: ignore retired until 2027-01-31")
    plain = aec.lint(written(tmp_path, "plain"), profile=PROFILE)
    written(tmp_path, "plain", behind="# aks-egress: ignore retired until 2027-01-31")
    found = without_ignored(plain, read_lists([str(file)]).texts, today=dt.date.fromisoformat(today))
    assert retired(found) == (counts, 1 - counts)
    assert any("ran out on 2027-01-31" in note for note in found.notes) is bool(counts)


def test_one_missing_destination_leaves_the_others(tmp_path: Path) -> None:
    place = tmp_path / "main.tf"
    mark = "# aks-egress: ignore missing packages.aks.azure.com the nodes are old"
    place.write_text(TERRAFORM.replace("    rule {", f"    {mark}\n    rule {{").replace("BEFORE\n", ""))
    found = aec.lint(place, profile=PROFILE)
    assert [one.finding.value for one in found.silenced] == ["packages.aks.azure.com"]
    left = {one.value for one in found.findings if one.code == "missing"}
    assert "management.azure.com" in left
    assert "packages.aks.azure.com" not in left


def test_a_comment_on_top_of_a_plain_list_is_for_what_it_lacks(tmp_path: Path) -> None:
    place = tmp_path / "hosts.txt"
    place.write_text("# aks-egress: ignore missing\nmcr.microsoft.com:443\n")
    assert "missing" not in {one.code for one in aec.lint(place, profile=PROFILE).findings}


def test_a_comment_in_a_file_that_nobody_named_counts_too(tmp_path: Path) -> None:
    hosts = 'locals {\n  hosts = ["mcr.microsoft.com", "*.cdn.mscr.io"] # aks-egress: ignore retired\n}\n'
    (tmp_path / "locals.tf").write_text(hosts)
    listed = TERRAFORM.replace(
        '[\n        "mcr.microsoft.com",\nBEFORE\n        "*.cdn.mscr.io", BEHIND\n      ]', "local.hosts"
    )
    (tmp_path / "main.tf").write_text(listed)
    assert retired(aec.lint(tmp_path / "main.tf", profile=PROFILE)) == (0, 1)
    assert retired(aec.lint(tmp_path, profile=PROFILE)) == (0, 1)


def test_what_a_comment_silences_fails_nothing_and_is_counted(tmp_path: Path) -> None:
    file = written(tmp_path, "plain", before="# aks-egress: ignore-file missing old", behind=f"# {SAYS}")
    done = ask("lint", file, "--set", "region=westeurope", "--fail-on", "warning")
    assert done.returncode == 0, done.stdout
    assert "findings silenced" in done.stdout


@pytest.mark.parametrize(
    "piece", ["/* aks-egress: ", '"\\"', "'", "<!-- aks-egress:", "# aks-egress: ignore x\n", "\\\n"]
)
@pytest.mark.parametrize("form", ["terraform", "bicep", "az-script", "paloalto-xml", "unknown"])
def test_no_text_takes_for_ever(form: str, piece: str) -> None:
    start = time.perf_counter()
    list(comment_lines(piece * 20_000, form))
    assert time.perf_counter() - start < 5
