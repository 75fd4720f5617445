"""Can the cluster live? What it needs and does not get, and why it may be there all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Entry, Form, Layer
from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.judging.case import Case
from aks_egress_catalog.linting.judging.coverage import Answer, is_for
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.model import Constraint, DestinationForm, Level

_NO_CLIENT_ASKS: Final = frozenset({"mcr-0001.mcr-msedge.net"})
"""Hosts of the article that no TLS client asks for by name, as the advisory ``mcr-cname`` has it."""
_TAG_DOUBT: Final = "nobody can check what a tag covers, and it may change"


def of_needs(case: Case) -> Iterator[Finding]:
    """Say what becomes of each need that not every source of the cluster gets."""
    if case.clusters:
        for name, (sources, needs) in case.clusters.items():
            for need in needs:
                yield from (_named(found, name) for found in _of_need(case, need, sources))
        return
    for need in case.needs:
        for found in _of_need(case, need, case.coverage.sources):
            yield _named(found, case.group.deployment) if case.group.deployment else found


def _named(found: Finding, cluster: str) -> Finding:
    return replace(found, message=f"{cluster}: {found.message}")


def _of_need(case: Case, need: Need, sources: tuple[str, ...]) -> Iterator[Finding]:
    answers = {source: case.coverage.of(need, source) for source in sources}
    lacking = {source: answer for source, answer in answers.items() if answer.by is None}
    yield from _on_the_way(need, [answer.by for answer in answers.values() if answer.by])
    if not lacking:
        return
    some = {source: answer.by for source, answer in answers.items() if answer.by}
    if not some and not case.clusters:
        others = {source: case.coverage.of(need, source).by for source in case.coverage.other_sources}
        some = {source: by for source, by in others.items() if by}
    if some and not case.clusters:
        by = next(iter(some.values()))
        yield Finding(
            code=Code.SOME_SOURCES,
            level=Severity.WARNING,
            value=by.value,
            message=(
                f"only {_some_of(tuple(some))} may reach {need.value} ({need.service}), and not"
                f" {_some_of(tuple(lacking))}, which reaches what else the cluster needs"
            ),
            place=by.place,
            rules=need.rules,
            instead="give this rule the sources of all nodes",
            entry=by,
            need=need,
        )
        return
    yield replace(_absent(case, need, next(iter(lacking.values()))), sources=tuple(lacking))


def _some_of(sources: tuple[str, ...]) -> str:
    shown = [source.removeprefix(HOLE) or "traffic from elsewhere" for source in sources[:3]]
    return ", ".join(shown) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")


def _absent(case: Case, need: Need, answer: Answer) -> Finding:
    """Say of a need that a source does not get what is the matter."""
    if answer.blocked_by and (answer.blocked_by.form is not Form.ANY or _would_pass(case, need)):
        return _blocked(case, need, answer.blocked_by)
    named = [entry for entry in case.coverage.allowing(need) if entry.form is Form.NAME]
    elsewhere_ports = [entry for entry in named if not is_for(entry, need)]
    if elsewhere_ports:
        return _wrong_port(need, elsewhere_ports[0])
    tag = next((entry for entry in answer.perhaps if entry.form in (Form.FQDN_TAG, Form.SERVICE_TAG)), None)
    if tag:
        return Finding(
            code=Code.TAG_UNPROVEN,
            level=Severity.NOTE,
            value=tag.value,
            message=f"{need.value} ({need.service}) may be covered by the tag {tag.value}: {_TAG_DOUBT}",
            place=tag.place,
            rules=need.rules,
            instead=f"name {need.value} in a rule of its own",
            entry=tag,
            need=need,
        )
    return _missing(case, need, answer)


def _would_pass(case: Case, need: Need) -> bool:
    """Whether an entry allows a need, were it reached. A list that ends by denying all the rest blocks nothing."""
    return any(is_for(entry, need) for entry in case.coverage.allowing(need))


def _blocked(case: Case, need: Need, by: Entry) -> Finding:
    after = "before the rule that allows it is reached" if _would_pass(case, need) else "and no rule allows it"
    return Finding(
        code=Code.BLOCKED,
        level=Severity.ERROR if need.level is Level.REQUIRED and not need.optional else Severity.WARNING,
        value=by.value,
        message=f"{need.value} ({need.service}) is denied here, {after}",
        place=by.place,
        rules=need.rules,
        instead=f"allow {need.value} before this rule, or take it out of what is denied",
        entry=by,
        need=need,
    )


def _wrong_port(need: Need, entry: Entry) -> Finding:
    allowed = ", ".join(map(str, entry.rule.services))
    return Finding(
        code=Code.WRONG_PORT,
        level=_gravity(need),
        value=entry.value,
        message=f"{need.value} is needed on {need.service}, and is allowed on {allowed} only",
        place=entry.place,
        rules=need.rules,
        instead=f"allow it on {need.service}",
        entry=entry,
        rule=entry.rule,
        need=need,
    )


def _missing(case: Case, need: Need, answer: Answer) -> Finding:
    place, rule = case.home_of(need)
    level, why = _gravity(need), ""
    declared = next((case.declared[name] for name in need.rules if name in case.declared), "")
    open_ends = [str(one.place) for one in answer.perhaps if hasattr(one, "place")]
    open_ends += [f"{one.place} ({one.message})" for one in case.group.open_ends]
    instance = _single_name(case, need)
    if declared:
        level, why = Severity.NOTE, f"; the file says so itself: {declared}"
    elif need.value in _NO_CLIENT_ASKS:
        level, why = Severity.NOTE, "; no TLS client asks for this name (advisory mcr-cname)"
    elif instance and ".hcp." in need.value:
        level, why = Severity.WARNING, f"; {instance.value} is one such name: right for that cluster alone"
    elif open_ends and level is Severity.ERROR:
        level, why = Severity.WARNING, f"; it may stand in what was not read: {open_ends[0]}"
    elif need.optional:
        why = f"; {need.optional}"
    word = "recommended" if need.level is Level.RECOMMENDED else "required"
    others = [str(one) for one in need.alternatives[1:]]
    return Finding(
        code=Code.MISSING,
        level=level,
        value=need.value,
        message=f"{need.value} ({need.service}) is {word} for {need.feature}, and nothing allows it{why}",
        place=place,
        rules=need.rules,
        instead=f"allow {need.value} on {need.service}" + (f" (or {' or '.join(others)})" if others else ""),
        entry=instance if instance and ".hcp." in need.value else None,
        rule=rule,
        need=need,
    )


def _single_name(case: Case, need: Need) -> Entry | None:
    """One name of those that a wildcard need asks for, where the list has one."""
    hosts = [one.value for one in need.alternatives if one.form is DestinationForm.FQDN and one.value.startswith("*.")]
    endings = tuple(host[1:].replace("{region}", "") for host in hosts)
    named = (place for pattern, places in case.group.by_name.items() if pattern.endswith(endings) for place in places)
    return next((entry for place in named if is_for(entry := case.group.entries[place], need)), None) if hosts else None


def _gravity(need: Need) -> Severity:
    if need.level is Level.INFORMATIONAL:
        return Severity.NOTE
    return Severity.ERROR if need.level is Level.REQUIRED and not need.optional else Severity.WARNING


def _on_the_way(need: Need, by: list[Entry]) -> Iterator[Finding]:
    """Say what a rule that allows a need does on the way: open TLS, or ask for a DNS proxy."""
    for entry in {id(one): one for one in by}.values():
        if entry.rule.inspects and Constraint.PRESERVE_ALPN in need.constraints:
            yield Finding(
                code=Code.INSPECTED,
                level=Severity.WARNING,
                value=entry.value,
                message=f"TLS to {need.value} is opened on the way; the API server's tunnel needs its ALPN unchanged",
                place=entry.place,
                rules=need.rules,
                instead="take this host out of TLS inspection",
                entry=entry,
                need=need,
            )


def of_dns_proxy(case: Case) -> Iterator[Finding]:
    """Say which names stand in network rules of Azure Firewall, which resolve only through its DNS proxy."""
    policy = case.group.policy
    if policy and policy.dns_proxy:
        return
    seen = "the policy does not switch it on" if policy else "the policy is not among the files"
    by_rule = {
        id(entry.rule): entry
        for entry in case.group.allowed
        if entry.form is Form.NAME and entry.rule.layer is Layer.NETWORK
    }
    for entry in by_rule.values():
        yield Finding(
            code=Code.NEEDS_DNS_PROXY,
            level=Severity.WARNING if policy else Severity.NOTE,
            value=entry.value,
            message=f"a host name in a network rule works only with the DNS proxy of the firewall policy: {seen}",
            place=entry.place,
            instead="switch the DNS proxy on, or allow the name in an application rule",
            entry=entry,
        )
