"""The scripts of the site give the answers of the package: each is asked the same, in a real browser."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from dataclasses import asdict, replace
from typing import Any

import aks_egress_catalog as aec
from aks_egress_catalog.ask.check import check, parse_endpoint
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import load_advisories
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.compare import between
from aks_egress_catalog.history.history_file import load_history
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep, upgrade_plan
from aks_egress_catalog.hosts.endpoint import EndpointError
from aks_egress_catalog.model import (
    Condition,
    Constraint,
    Destination,
    DestinationForm,
    Effect,
    Kind,
    Level,
    Lifecycle,
    Protocol,
    Rule,
    Rules,
    Source,
    Status,
    When,
)
from aks_egress_catalog.render.words import describe
from publish.site.browser_data import check_json, compare_json
from publish.site.rulebook import entries_of, grouped
from publish.site.versions import versions_of
from tests.site.conftest import Tab

CHECK = """
async ([data, asked]) => {
  const { check, parseEndpoint, EndpointError } = await import("/static/match.js");
  return asked.map((text) => {
    try {
      const endpoint = parseEndpoint(text);
      const ids = (rules) => rules.map((rule) => rule.id).sort();
      const { verdict, rules, possible, gone, advisories } = check(data, endpoint);
      return [endpoint, verdict, ids(rules), ids(possible), ids(gone), ids(advisories)];
    } catch (error) {
      if (error instanceof EndpointError) return "refused";
      throw error;
    }
  });
}
"""
COMPARE = """
async ([data, pairs]) => {
  const { plan } = await import("/static/plan.js");
  const { stateAt } = await import("/static/states.js");
  const { describe } = await import("/static/changes.js");
  const told = (change) => [
    change.kind, change.severity, change.before?.id ?? null, change.after?.id ?? null, change.differs, describe(change),
  ];
  return pairs.map(([from, to]) => {
    const { add, mayGo, conditions, changes } = upgrade_plan(stateAt(data, from), stateAt(data, to));
    return { add, may_go: mayGo, conditions: conditions.map(told), changes: changes.map(told) };
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


def endpoints(catalog: Catalog) -> list[str]:
    """Every host of the catalog in several guises, on its port and on others, and hosts that nobody asked for."""
    names = sorted({str(one) for rule in catalog.rules for one in rule.destinations})
    hosts = [
        name.replace("*", "a1").replace("{region}", "westeurope") for name in names if ":" not in name and "." in name
    ]
    gone = sorted({name.split("/", 2)[2].rpartition(":")[0] for name in load_history().rules})
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


def answer(catalog: Catalog, text: str) -> object:
    """What the package says, in the shape of what the script says."""
    try:
        endpoint = parse_endpoint(text)
        found = check(catalog, endpoint, lives=load_history().rules)
    except EndpointError:
        return "refused"
    named = {"host": endpoint.host, "port": endpoint.port, "protocol": str(endpoint.protocol)}
    rules, possible = ([rule.id for rule in rules] for rules in (found.rules, found.possible))
    return [named, str(found.verdict), rules, possible, sorted(found.gone), sorted(one.id for one in found.advisories)]


def covering(catalog: Catalog, text: str) -> object:
    """The rules that cover an endpoint, as the package says: the one thing that is asked of every endpoint."""
    try:
        endpoint = parse_endpoint(text)
        return [rule.id for rule in catalog.match(endpoint.host, endpoint.port, endpoint.protocol)]
    except EndpointError:
        return "refused"


def ids_of(found: Any) -> object:
    return found if found == "refused" else found[2]


def test_the_host_check_answers_as_the_package_does(desk: Tab) -> None:
    catalog = with_ranges(aec.load())
    entries = entries_of(catalog, load_history(), {}, told=(), advisories=()).values()
    data = json.loads(check_json(grouped(entries), load_advisories()))
    asked = [*endpoints(catalog), *PASTED, *REFUSED, "10.1.2.3", "10.2.0.0", "[2001:db8:1::1]", "2001:db8:2::1"]
    answers = dict(zip(asked, desk.open("index.html").evaluate(CHECK, [data, asked]), strict=True))
    judged = {text for text in asked if covering(catalog, text) != ids_of(answers[text])}
    assert judged == set()
    some = {*random.Random(1).sample(asked, 150), *asked[-40:]}
    assert {text: answers[text] for text in some} == {text: answer(catalog, text) for text in some}
    assert len(asked) > 5000
    assert {one[1] for one in answers.values() if one != "refused"} == {"covered", "possible", "not covered"}


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


def told(change: Change) -> list[object]:
    ids = [rule.id if rule else None for rule in (change.before, change.after)]
    return [str(change.kind), str(change.severity), *ids, list(change.differs), list(describe(change))]


def step_of(step: UpgradeStep) -> dict[str, Any]:
    found = asdict(step) | {"features": list(step.features), "rules": list(step.rules)}
    return {name: str(value) if isinstance(value, dt.date) else value for name, value in found.items()}


def planned(found: UpgradePlan, changes: tuple[Change, ...]) -> dict[str, Any]:
    return {
        "add": list(map(step_of, found.add)),
        "may_go": list(map(step_of, found.may_go)),
        "conditions": list(map(told, found.conditions)),
        "changes": list(map(told, changes)),
    }


def same_answers(desk: Tab, current: Catalog, pairs: list[tuple[str, str]]) -> None:
    """Ask both for the way between pairs of versions, where the last version is a catalog."""
    history = load_history()
    versions = versions_of(history)
    catalogs = {one.version: one.catalog for one in versions} | {current.version: current}
    data = json.loads(compare_json(history, current, versions))
    assert [name for name, *_ in data["versions"]][-1] == current.version
    answers = desk.open("index.html").evaluate(COMPARE, [data, pairs])
    for (one, other), found in zip(pairs, answers, strict=True):
        old, new = catalogs[one], catalogs[other]
        lives = history.lives_at(new.facts_date or dt.date.max)
        assert found == planned(upgrade_plan(old, new, lives=lives), between(old, new)), (one, other)


def test_a_comparison_answers_as_the_package_does(desk: Tab) -> None:
    current = aec.load()
    names = [*(one.version for one in versions_of(load_history())), current.version]
    pairs = [*itertools.pairwise(names), *((name, names[-1]) for name in names[::6])]
    chosen = random.Random(1).sample(list(itertools.product(names, names)), 20)
    same_answers(desk, current, pairs + chosen)


def test_what_no_revision_ever_did_is_compared_as_the_package_does(desk: Tab) -> None:
    current = replace(aec.load(), rules=Rules(sorted(_unheard_of(aec.load()), key=lambda rule: rule.id)))
    names = [one.version for one in versions_of(load_history())][-3:]
    same_answers(
        desk, current, [*((name, current.version) for name in names), *((current.version, name) for name in names)]
    )


def _unheard_of(catalog: Catalog) -> list[Rule]:
    """Rules that are missing, a feature that was renamed, conditions and constraints that came and went, ranges."""
    rules = [
        replace(rule, feature="policy", id="") if rule.feature == "azure-policy" else rule for rule in catalog.rules
    ]
    gone = Lifecycle(status=Status.MISSING, since=dt.date(2026, 7, 1), until=dt.date(2026, 7, 15), commit="c")
    isolated = Condition(effect=Effect.REQUIRED_IF, when=When.NETWORK_ISOLATED)
    custom = Condition(effect=Effect.ONLY_IF, when=When.CUSTOM_DNS)
    rules[3] = replace(rules[3], lifecycle=gone)
    rules[20] = replace(rules[20], lifecycle=replace(gone, replaced_by="x"))
    rules[30] = replace(rules[30], level=Level.RECOMMENDED, conditions=(custom,))
    rules[31] = replace(rules[31], conditions=(isolated,), constraints=(Constraint.PRESERVE_ALPN,))
    rules[32] = replace(rules[32], destinations=(replace(rules[32].destinations[0], conditions=(custom,)),))
    rules[33] = replace(rules[33], application=None, cloud_stated=not rules[33].cloud_stated)
    hosts = [place for place, rule in enumerate(rules) if str(rule.destinations[0]).startswith("*.")][:2]
    for place in hosts:
        apex = replace(rules[place].destinations[0], value=rules[place].destinations[0].value[2:])
        rules[place] = replace(rules[place], destinations=(apex,), id="")
    return [*{rule.id: rule for rule in rules}.values(), network_rule("10.1.0.0/16", Protocol.UDP, 53)]
