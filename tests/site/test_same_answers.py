"""The scripts of the site give the answers of the package: each is asked the same, in a real browser."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from aks_egress_catalog.ask.check import Answer, Checker, Endpoint, Verdict, parse_endpoint
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import load_advisories
from aks_egress_catalog.hosts.endpoint import EndpointError
from aks_egress_catalog.hosts.patterns import address_in
from aks_egress_catalog.model import (
    Destination,
    DestinationForm,
    Kind,
    Level,
    Protocol,
    Rule,
    Rules,
    Source,
)
from publish.site.browser_data import check_json
from publish.site.rulebook import grouped, rule_pages
from tests.base import CATALOG, HISTORY
from tests.site.conftest import Tab

CHECK = """
async ([data, asked, place]) => {
  const { check } = await import("/static/match.js");
  const { parseEndpoint, written, EndpointError } = await import("/static/endpoint.js");
  return asked.map((text) => {
    try {
      const endpoint = parseEndpoint(text);
      const ids = (rules) => rules.map((rule) => rule.id).sort();
      const { verdict, reason, rules, near, gone, advisories, needs } = check(data, endpoint, place);
      const misses = near.map((rule) => [rule.id, rule.why]);
      return [endpoint, verdict, reason, ids(rules), misses, ids(gone), ids(advisories), needs, written(endpoint)];
    } catch (error) {
      if (error instanceof EndpointError) return "refused";
      throw error;
    }
  });
}
"""
REFUSED = (
    "",
    ":",
    "a b",
    "-a.io",
    "a-.io",
    "a..b",
    ".a",
    "a:x",
    "a:70000",
    "a:0",
    "a/icmp",
    "x" * 64,
    "a." * 130,
    "[::1",
    "1.2.3.4.5:y",
    "a:" + "4" * 5000,
    "https://",
    "ftp://a.io",
)
PASTED = (
    "https://mcr.microsoft.com/v2/?a=b:1",
    "HTTP://packages.microsoft.com#x",
    "https://mcr.microsoft.com:8443/udp",
    "mcr.microsoft.com:0000443",
)

TYPED = (
    *(
        "mcr.microsft.com",
        "mrc.microsoft.com",
        "mcr.microsoft.com.evil.io",
        "x.vault.azure.net.evil.io",
        "my.vault.azure.net",
    ),
    *(
        "developer.download.nvidia.com:8443",
        "mcrprod.azurecr.io",
        "packages.aks.azure.co",
        "localhost",
        "evilsnapcraft.io",
    ),
    *("ntp.ubuntu.com/udp", "192.0.2.7/udp", "192.0.2.7:5432", "md-a.blob.storage.azure.net", "a.b", "go.micosoft.com"),
)


def endpoints(catalog: Catalog) -> list[str]:
    """Every host of the catalog in several guises, on its port and on others, and hosts that nobody asked for."""
    names = sorted({str(one) for rule in catalog.rules for one in rule.destinations})
    hosts = [
        name.replace("*", "a1").replace("{region}", "westeurope") for name in names if ":" not in name and "." in name
    ]
    gone = sorted({name.split("/", 2)[2].rpartition(":")[0] for name in HISTORY.rules})
    hosts += [
        name.replace("*", "b-2").replace("{region}", "x").replace("{guid}", "y") for name in gone if ":" not in name
    ]
    guises = [
        guise
        for host in hosts
        for guise in (host, f"x.{host}", f"x.y.{host}", f"evil{host}", host.partition(".")[2], host.upper() + ".")
    ]
    ports = ("", ":80", ":443", ":123/udp", ":1194/UDP", ":9000", ":8443")
    found = [f"{guise}{port}" for guise, port in itertools.product(sorted(set(guises)), ports)]
    return [
        *found,
        "192.0.2.7",
        "192.0.2.7:1194/udp",
        "[2001:db8::7]:443",
        "2001:db8::7",
        "bücher.example",
        "a_b.example",
    ]


def answer(checker: Checker, text: str) -> object:
    """What the package says, in the shape of what the script says."""
    try:
        endpoint = parse_endpoint(text)
    except EndpointError:
        return "refused"
    return in_shape(checker(endpoint), endpoint)


def in_shape(found: Answer, endpoint: Endpoint) -> list[object]:
    protocol = str(endpoint.protocol) if endpoint.protocol else None
    named = {"host": endpoint.host, "port": endpoint.port, "protocol": protocol}
    rules, near = [rule.id for rule in found.rules], [[one.rule.id, one.why_not] for one in found.near]
    gone, advisories = sorted(found.gone), sorted(one.id for one in found.advisories)
    said = [str(found.verdict), found.reason, rules, near, gone, advisories, list(found.needs)]
    return [named, *said, str(endpoint)]


def test_the_host_check_answers_as_the_package_does(desk: Tab) -> None:
    catalog = with_ranges(CATALOG)
    entries = rule_pages(catalog, HISTORY, {}, announced=(), advisories=()).values()
    data = json.loads(check_json(grouped(entries), load_advisories()))
    asked = [*endpoints(catalog), *PASTED, *REFUSED, "10.1.2.3", *TYPED, "10.2.0.0", "[2001:db8:1::1]", "2001:db8:2::1"]
    answers = dict(zip(asked, desk.open("index.html").evaluate(CHECK, [data, asked, {}]), strict=True))
    checker = Checker(catalog, lives=HISTORY.rules)
    assert {text: answers[text] for text in asked} == {text: answer(checker, text) for text in asked}
    assert len(asked) > 5000
    verdicts = {one[1] for one in answers.values() if one != "refused"}
    assert verdicts == set(Verdict) - {Verdict.NOT_NEEDED, Verdict.INVALID}


@pytest.mark.parametrize(
    ("cloud", "region"), [("AzureCloud", ""), ("AzureCloud", "westeurope"), ("AzureChinaCloud", "chinaeast2")]
)
def test_in_a_cloud_and_a_region_the_rules_of_that_cloud_decide_with_the_region_in_them(
    desk: Tab, cloud: str, region: str
) -> None:
    entries = rule_pages(CATALOG, HISTORY, {}, announced=(), advisories=()).values()
    data = json.loads(check_json(grouped(entries), load_advisories()))
    asked = [text for text in endpoints(CATALOG)[::3] if not text.startswith(":") and text]
    asked += ["x.hcp.eastus.azmk8s.io", "x.hcp.westeurope.azmk8s.io:443", *TYPED]
    found = desk.open("index.html").evaluate(CHECK, [data, asked, {"cloud": cloud, "region": region}])
    expected = list(in_place(asked, cloud, region))
    for text, one, other in zip(asked, found, expected, strict=True):  # an id says {region} on the site, and not here
        written = [json.dumps(said).replace("{region}", region or "{region}") for said in (one[1:8], other)]
        assert written[0] == written[1], text
    assert {"required", "required-if", "not-needed", "retired", "not-listed"} <= {str(one[0]) for one in expected}


def in_place(asked: list[str], cloud: str, region: str) -> Iterator[list[object]]:
    """What the package says of the rules of one cloud, and of all others where these name a host nowhere."""
    lives = {name: life for name, life in HISTORY.rules.items() if name.startswith(f"{cloud}/")}
    local = sorted((in_region(rule, region) for rule in CATALOG.rules(cloud=cloud)), key=lambda rule: rule.id)
    here, anywhere = Checker(replace(CATALOG, rules=Rules(local)), lives=lives), Checker(CATALOG, lives=HISTORY.rules)
    for text in asked:
        endpoint = parse_endpoint(text)
        found, other = here(endpoint), anywhere(endpoint)
        foreign = found.verdict is Verdict.KNOWN_GAP and found.rules[0].cloud != cloud  # advisories know no catalog
        another_region = any(rule.cloud == cloud for rule in other.rules) and not is_yes(found)
        elsewhere_only = not is_yes(found) and (found.verdict is Verdict.NOT_LISTED or another_region)
        said = in_shape(found, endpoint)
        if foreign or (elsewhere_only and not address_in(endpoint.host)):
            said = in_shape(other, endpoint)
            if is_yes(other):
                said[1:3] = [Verdict.NOT_NEEDED, elsewhere(other.rules, cloud, region)]
                said[-2] = []
        yield said[1:8]


def is_yes(found: Answer) -> bool:
    return found.verdict.is_yes or found.verdict is Verdict.KNOWN_GAP


def in_region(rule: Rule, region: str) -> Rule:
    written = tuple(
        replace(one, value=one.value.replace("{region}", region or "{region}")) for one in rule.destinations
    )
    return replace(rule, destinations=written, id="")


def elsewhere(rules: Sequence[Rule], cloud: str, region: str) -> str:
    """Why rules that name a host are not those of a cloud and a region."""
    for rule in rules:
        if rule.cloud == cloud:
            return f"in {region} it is {in_region(rule, region).destinations[0]}"
    clouds = list(dict.fromkeys(rule.cloud for rule in rules))
    return f"only {' and '.join(clouds)} {'have' if len(clouds) > 1 else 'has'} it, not {cloud}"


def with_ranges(catalog: Catalog) -> Catalog:
    """The catalog with two ranges of addresses, of which the page has none today."""
    made = [
        network_rule("10.1.0.0/16", Protocol.TCP, 443),
        network_rule("2001:db8:1::/48", Protocol.TCP, 443),
    ]
    return replace(catalog, rules=Rules(sorted((*catalog.rules, *made), key=lambda rule: rule.id)))


def network_rule(value: str, protocol: Protocol, port: int) -> Rule:
    return Rule(
        cloud="AzureCloud",
        feature="core",
        kind=Kind.NETWORK,
        level=Level.REQUIRED,
        destinations=(Destination(form=DestinationForm.CIDR, value=value),),
        protocol=protocol,
        port=port,
        cloud_stated=True,
        sources=(Source(locale="en-us", url="", heading="ranges", table=1, row=1, commit=""),),
    )
