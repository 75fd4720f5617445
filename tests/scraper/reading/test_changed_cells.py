"""Today's page with one thing changed in a cell: it is read right or reported, and all else is read as before."""

from __future__ import annotations

import pytest

from tests.scraper.changing import (
    GLOBAL_NETWORK,
    GOV_FQDN,
    NVIDIA,
    OTHER_GPU,
    ROW,
    TABLE,
    TUNNEL,
    destination,
    difference,
    differs,
    everywhere,
    of,
    port,
    rule,
    strictly,
    within,
)

# ---------------------------------------------------------------- a destination


@pytest.mark.parametrize(
    ("cell", "hosts", "findings"),
    [
        ("<b>a</b>.contoso.com", ["a.contoso.com"], []),
        ("con<span></span>.contoso<wbr>.com", ["con.contoso.com"], []),
        ('<a href="https://b.contoso.com/">a.contoso.com</a>', ["a.contoso.com"], []),
        ("a.contoso.com<!-- , b.contoso.com -->", ["a.contoso.com"], []),
        ("<ul><li>a.contoso.com</li><li>b.contoso.com</li></ul>", ["a.contoso.com", "b.contoso.com"], []),
        ("<code><var>region</var>.contoso.com</code>", ["{region}.contoso.com"], []),
        ("a.<em>location</em>.contoso.com", ["a.{region}.contoso.com"], []),
        ("a<em>b</em>.contoso.com", ["ab.contoso.com"], []),
        ("<var>workspace id</var>.contoso.com", ["{workspace-id}.contoso.com"], ["hold unknown-placeholder"]),
        ("a.contoso.zz", ["a.contoso.zz"], ["hold unknown-domain"]),
        ("a.contoso.com, , b.contoso.com", ["a.contoso.com", "b.contoso.com"], ["hold stray-separator"]),
        ("a.contoso.com or b.contoso.com", ["a.contoso.com"], ["hold or-between-hosts"]),
        ("20.1.2.3", ["cidr:20.1.2.3/32"], []),
        ('<a href="x">ServiceTag</a> - <code>Storage.WestUS</code>', ["tag:Storage.WestUS"], []),
    ],
)
def test_a_destination_is_read_as_it_is_meant(cell: str, hosts: list[str], findings: list[str]) -> None:
    assert difference(destination(cell)) == differs(
        added=everywhere(*(f"gpu/{host}:tcp-443" for host in hosts)),
        removed=NVIDIA,
        reported=[f"{finding} {ROW}/destination" for finding in findings],
    )


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "empty-cell"),
        ("N/A", "not-a-host"),
        ("a.contoso.com and b.contoso.com", "not-a-host"),
        ("<code>a.contoso.com</code><code>b.contoso.com</code>", "not-a-host"),
        ("<code>AzureFrontDoor.FirstParty</code>", "not-a-host"),
        ("a.contoso.com&lt;script&gt;", "not-a-host"),
        ("<code>a.contoso.com</code><sup>1</sup>", "not-a-host"),
        ("nvidia.github.io&#xE000;", "strange-letter"),
        ("nvidia.github.io\0", "strange-letter"),
        ("<del>nvidia.github.io</del>", "strange-letter"),
        ('<img src="x.png" alt="nvidia.github.io">', "strange-letter"),
        ("<svg><text>nvidia.github.io</text></svg>", "strange-letter"),
        ("nvidia.github.io<span hidden>, b.contoso.com</span>", "strange-letter"),
        ('nvidia.github.io<span style="Display: none">, b.contoso.com</span>', "strange-letter"),
        (TABLE, "strange-letter"),
    ],
)
def test_what_is_no_destination_is_refused_with_its_place(cell: str, code: str) -> None:
    found = difference(destination(cell))
    assert f"error {code} {ROW}/destination" in found.reported
    assert {place for _, _, place in map(str.split, found.reported)} == {f"{ROW}/destination"}
    assert found == differs(removed=NVIDIA, reported=found.reported)


def test_an_address_range_is_a_network_rule() -> None:
    found = rule(destination("20.10.0.0/16"), "AzureCloud/gpu/cidr:20.10.0.0/16:tcp-443")
    assert [str(destination) for destination in found.destinations] == ["cidr:20.10.0.0/16"]
    assert found.kind == "network"


def test_sovereign_twins_are_one_rule_a_cloud() -> None:
    """From then on the section is split by cloud, and its other rows would be the public cloud's: a person looks."""
    assert difference(destination("a.contoso.com or a.contoso.us or a.contoso.cn")) == differs(
        added=[
            "AzureCloud/gpu/a.contoso.com:tcp-443",
            "AzureUSGovernment/gpu/a.contoso.us:tcp-443",
            "AzureChinaCloud/gpu/a.contoso.cn:tcp-443",
        ],
        removed=(of("gpu") - of("gpu", "AzureCloud")) | NVIDIA,
        altered=of("gpu", "AzureCloud") - NVIDIA,
        reported=[f"hold suffix-decides {ROW}"],
    )


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("<em>Or</em>", "<em>Alternatively</em>", "error mixed-list"),
        ("<em>Or</em>", "<em>And</em>", "error mixed-list"),
        ("<br/> <em>Or</em> <br/>", "<br/>", "error mixed-list"),
        ("<br/> <em>Or</em> <br/>", ",", "error mixed-list"),
        ("<code>RegionCIDRs:1194", "<code>RegionCIDRs:1195", "error ports-differ"),
        ("AzureCloud.&lt;Region&gt;:1194", "AzureCloud.&lt;Geo&gt;:1194", "error not-a-service-tag"),
        (">ServiceTag</a> -", ">ServiceTag</a> \N{EN DASH}", "error strange-letter"),
        (">ServiceTag</a> -", ">ServiceTag</a>:", "error not-a-host"),
        (">ServiceTag</a> -", ">Service group</a> -", "hold unknown-label"),
        ("(only known after cluster creation)", "(known in time)", "hold unreviewed-sentence"),
    ],
)
def test_alternatives_that_do_not_fit_together_are_told(old: str, new: str, reported: str) -> None:
    found = strictly(within(GLOBAL_NETWORK, old, new))
    assert f"{reported} {GLOBAL_NETWORK}/table[1]/row[1]/destination" in found.reported
    assert found == differs(altered=found.altered & {TUNNEL}, reported=found.reported)


def test_a_bare_region_behind_a_service_tag_is_a_placeholder() -> None:
    changed = within(GLOBAL_NETWORK, "AzureCloud.&lt;Region&gt;:1194", "AzureCloud.Region:1194")
    assert difference(changed) == differs(
        reported=[f"note bare-placeholder {GLOBAL_NETWORK}/table[1]/row[1]/destination"],
    )


def test_the_old_name_of_a_named_set_is_the_same_set() -> None:
    assert difference(within(GLOBAL_NETWORK, "APIServerPublicIP:1194", "APIServerIP:1194")) == differs()


def test_a_named_set_that_nobody_knows_is_refused() -> None:
    changed = within(GLOBAL_NETWORK, "<code>CustomDNSIP:53", "<code>CustomResolverIP:53")
    assert difference(changed) == differs(
        removed=["AzureCloud/core/set:CustomDNSIP:udp-53"],
        reported=[f"error not-a-host {GLOBAL_NETWORK}/table[1]/row[4]/destination"],
    )


# ---------------------------------------------------------------- a note beside a destination


@pytest.mark.parametrize("note", ["Azure Bleu", "Azure Government DoD", "not Azure Government", "UDP"])
def test_a_note_that_nobody_knows_is_held_and_never_taken_for_a_known_cloud(note: str) -> None:
    found = difference(destination(f"nvidia.github.io ({note})"))
    assert found.reported == {f"hold unknown-note {ROW}/destination"}
    assert {name.partition("/")[2] for name in found.added} == {"gpu/nvidia.github.io:tcp-443"}
    assert found == differs(added=found.added, removed=NVIDIA, reported=found.reported)


def test_a_note_that_names_a_known_cloud_splits_its_section() -> None:
    assert difference(destination("nvidia.github.io (Azure Government)")) == differs(
        removed=of("gpu") - of("gpu", "AzureCloud") - {"AzureUSGovernment/gpu/nvidia.github.io:tcp-443"}
        | {"AzureCloud/gpu/nvidia.github.io:tcp-443"},
        altered=OTHER_GPU & of("gpu", "AzureCloud") | {"AzureUSGovernment/gpu/nvidia.github.io:tcp-443"},
    )


def test_a_note_that_contradicts_the_heading_is_held() -> None:
    cell = "<strong><code>management.usgovcloudapi.net</code></strong>"
    changed = within(GOV_FQDN, cell, f"{cell} (Azure operated by 21Vianet)")
    assert difference(changed) == differs(reported=[f"hold cloud-differs {GOV_FQDN}/table[1]/row[4]/destination"])


# ---------------------------------------------------------------- a port and a protocol


def test_a_bare_web_port_says_that_its_application_is_inferred() -> None:
    assert difference(port("443")) == differs(altered=NVIDIA)
    found = rule(port("443"), min(NVIDIA))
    assert (found.application, found.application_inferred) == ("HTTPS", True)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "empty-cell"),
        ("HTTPS:443*", "not-a-port"),
        ("<code>HTTPS:443</code><code>HTTP:80</code>", "not-a-port"),
        ("HTTPS:44&#xE000;3", "not-a-port"),
        ("<del>HTTPS:443</del> TCP:8443", "not-a-port"),
        (TABLE, "not-a-port"),
        ("HTTPS:443-445", "port-range"),
        ("SCTP:443", "unknown-protocol"),
        ("8443", "no-transport"),
    ],
)
def test_what_is_no_port_is_refused_with_its_place(cell: str, code: str) -> None:
    assert difference(port(cell)) == differs(removed=NVIDIA, reported=[f"error {code} {ROW}/port"])


def test_a_port_that_contradicts_the_one_beside_the_destination_is_refused() -> None:
    assert difference(within(GLOBAL_NETWORK, "<td>1194</td>", "<td>1195</td>")) == differs(
        removed=[TUNNEL], reported=[f"error port-differs {GLOBAL_NETWORK}/table[1]/row[1]/port"]
    )
    assert difference(destination("nvidia.github.io:8443")) == differs(
        removed=NVIDIA, reported=[f"error port-differs {ROW}/port"]
    )


@pytest.mark.parametrize("protocol", ["ICMP", "", "TCP or UDP", "TCP/UDP", "UDP, TCP"])
def test_a_protocol_that_nobody_knows_is_refused(protocol: str) -> None:
    assert difference(within(GLOBAL_NETWORK, "<td>UDP</td>", f"<td>{protocol}</td>")) == differs(
        removed=[TUNNEL], reported=[f"error unknown-protocol {GLOBAL_NETWORK}/table[1]/row[1]/protocol"]
    )


def test_a_port_cell_that_contradicts_the_protocol_column_is_refused() -> None:
    found = difference(within(GLOBAL_NETWORK, "<td>9000</td>", "<td>UDP:9000</td>"))
    reported = [f"error protocol-differs {GLOBAL_NETWORK}/table[1]/row[2]/protocol"]
    assert found == differs(removed=["AzureCloud/core/any:tcp-9000"], reported=reported)
