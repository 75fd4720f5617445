"""What is each entry there for? Nothing, once, elsewhere, or more than it should be.

An entry gets the first answer that fits, in this order:

    it can never match                    invalid-pattern
    everything is let through             any-destination
    a tag                                 too-broad, not-needed, or nothing
    a rule has it as written              nothing, retiring, not-needed, wrong-region, wrong-cloud
    it is a rule's in some region         nothing, not-needed
    it lets more than rules through       too-broad
    one name where a rule has a wildcard  single-instance, redundant
    a rule had it                         retired
    the name for what is below it         apex-or-wildcard
    a slip of the pen                     near-miss
    none of these                         not-aks
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.cluster.regions import cloud_of
from aks_egress_catalog.linting.entry import NO_LIMIT, Entry, Form, Layer, ListRule, Service
from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.judging.book import Former
from aks_egress_catalog.linting.judging.case import Case
from aks_egress_catalog.linting.judging.coverage import ANY_REGION, is_for, satisfies
from aks_egress_catalog.linting.judging.policies import sources_of
from aks_egress_catalog.linting.judging.tags import FQDN_TAG, TOO_BROAD, is_service_tag
from aks_egress_catalog.model import DestinationForm, Level, Rule

_SHOWN: Final = 4
_WEB: Final = (80, 443)


def of_entries(case: Case) -> Iterator[Finding]:
    """Say of each entry of a policy what is wrong with it, if anything is."""
    for entry in case.group.faulty:
        yield _finding(Code.INVALID_PATTERN, Severity.ERROR, entry, f"this can never match: {entry.fault}")
    for entry in case.group.allowed:
        yield from _of_entry(case, entry)
    yield from _of_shadowed(case)
    yield from _of_extra_ports(case)


def _of_entry(case: Case, entry: Entry) -> Iterator[Finding]:
    if entry.form is Form.ANY:
        yield from _of_any(case, entry)
    elif entry.form is Form.SERVICE_TAG:
        yield from _of_service_tag(case, entry)
    elif entry.form is Form.FQDN_TAG and is_service_tag(entry.pattern):
        message = "this can never match: it is a service tag, which belongs to the addresses of a network rule"
        yield _finding(Code.INVALID_PATTERN, Severity.ERROR, entry, message)
    elif entry.form is Form.FQDN_TAG and entry.pattern != FQDN_TAG and entry.pattern.lower().startswith("azurekube"):
        message = f"there is no such FQDN tag; {FQDN_TAG} is one"
        yield _finding(Code.NEAR_MISS, Severity.WARNING, entry, message, instead=FQDN_TAG)
    elif entry.form is Form.NAME and not entry.has_holes:
        yield from _of_name(case, entry)


def _of_name(case: Case, entry: Entry) -> Iterator[Finding]:
    pattern = case.written(entry)
    invalid = _why_invalid(pattern)
    if invalid:
        yield _finding(Code.INVALID_PATTERN, Severity.ERROR, entry, f"this can never match: {invalid}")
        return
    rules, region = case.book.same(pattern)
    if rules and not case.book.is_wider(pattern):
        yield from _of_known(case, entry, rules, region)
        return
    wide = [rule for rule in case.book.taken_in(pattern) if rule.cloud in case.clouds]
    if wide or rules or case.book.is_shared(pattern):
        yield _too_broad(case, entry, pattern, [*rules, *wide])
        return
    if pattern.startswith("/"):
        return
    in_some_region = case.book.taken_in(pattern.replace("{region}", ANY_REGION)) if "{region}" in pattern else ()
    regional = [rule for rule in in_some_region if rule.cloud in case.clouds]
    if regional:
        yield from _of_known(case, entry, regional, "")
        return
    holding = [rule for rule in case.book.holding(pattern) if rule.cloud in case.clouds]
    if holding:
        yield from _single_instance(case, entry, holding)
        return
    yield from _of_unknown(case, entry, pattern)


def _of_unknown(case: Case, entry: Entry, pattern: str) -> Iterator[Finding]:
    """Of a name that no rule has or takes in."""
    former = case.book.former(pattern) or case.book.former(_with_dot(pattern))
    if former:
        yield _retired(entry, former)
        return
    rules, other = case.book.apex_or_wildcard(pattern)
    if rules:
        below = "the names below it" if other.startswith("*.") else "the name itself"
        message = f"the article asks for {other}, {below}, which this does not let through"
        ids = tuple(rule.id for rule in rules if rule.cloud in case.clouds) or tuple(rule.id for rule in rules)
        yield _finding(Code.APEX_OR_WILDCARD, Severity.WARNING, entry, message, rules=ids, instead=other)
        return
    advisory = case.book.advisory(pattern)
    if advisory:
        yield _finding(Code.NOT_AKS, Severity.NOTE, entry, f"no rule has it; {advisory}")
        return
    near = case.book.near(pattern, case.clouds)
    if near:
        rule, host = near
        message = f"no rule has it, and {host} is but a slip away"
        yield _finding(Code.NEAR_MISS, Severity.WARNING, entry, message, rules=(rule.id,), instead=host)
        return
    yield _finding(Code.NOT_AKS, Severity.NOTE, entry, "no rule of the article explains it: not for AKS itself")


def _retired(entry: Entry, former: Former) -> Finding:
    message = f"the article asked for it until {former.day}; no rule has it today"
    day = str(former.day)
    return _finding(
        Code.RETIRED, Severity.WARNING, entry, message, rules=(former.id,), instead="take it out", since=day
    )


def _of_known(case: Case, entry: Entry, rules: list[Rule], region: str) -> Iterator[Finding]:
    """Of a host as a rule has it, in whatever cloud and region."""
    here = [rule for rule in rules if rule.cloud in case.clouds]
    if not here or (region and cloud_of(region) not in (None, *case.clouds)):
        clouds = " and ".join(sorted({rule.cloud for rule in rules} if not here else {str(cloud_of(region))}))
        ids = tuple(rule.id for rule in rules)
        yield _finding(Code.WRONG_CLOUD, Severity.WARNING, entry, f"it is a host of {clouds}", rules=ids)
        return
    if region and case.regions and region not in case.regions:
        known = " and ".join(sorted(case.regions))
        ids = tuple(rule.id for rule in here)
        message = f"it is for {region}; the cluster is in {known}"
        instead = entry.value.replace(region, known) if len(case.regions) == 1 else ""
        yield _finding(Code.WRONG_REGION, Severity.WARNING, entry, message, rules=ids, instead=instead)
        return
    needed = [rule for rule in here if rule.id in case.needed]
    if not needed:
        why = next((case.why_not[rule.id] for rule in here if rule.id in case.why_not), "this cluster does not need it")
        ids = tuple(rule.id for rule in here)
        yield _finding(Code.NOT_NEEDED, Severity.NOTE, entry, f"the article has it, but {why}", rules=ids)
        return
    for rule in needed:
        if rule.lifecycle.replaced_by:
            other = case.rules.get(rule.lifecycle.replaced_by)
            instead = str(other.destinations[0]) if other else ""
            message = f"the article says that {instead or 'another host'} replaces it; keep it until it is gone"
            yield _finding(Code.RETIRING, Severity.NOTE, entry, message, rules=(rule.id,), instead=instead)
            break


def _of_extra_ports(case: Case) -> Iterator[Finding]:
    """Of rules whose hosts are also let through where nothing asks for any of them: one finding a rule."""
    by_rule: dict[ListRule, list[tuple[Entry, list[Rule]]]] = {}
    for entry in case.group.allowed:
        if entry.form is Form.NAME and not entry.has_holes:
            asking = [rule for rule in case.book.same(case.written(entry))[0] if rule.cloud in case.clouds]
            by_rule.setdefault(entry.rule, []).append((entry, asking))
    for each, entries in by_rule.items():
        known = [(entry, asking) for entry, asking in entries if asking]
        asked = {(str(rule.protocol), rule.port) for _, asking in known for rule in asking}
        if len(known) < len(entries) or any(port is None for _, port in asked):
            continue  # a host of the owner's may need the port
        extra = [service for service in each.services if not _is_asked(service, asked)]
        if extra and len(extra) < len(each.services):
            services = " and ".join(map(str, extra))
            message = f"this rule also lets {services} through, which no rule of the article asks for"
            ids = tuple(rule.id for _, asking in known for rule in asking)
            yield _finding(Code.WRONG_PORT, Severity.NOTE, known[0][0], message, rules=ids)


def _is_asked(service: Service, asked: set[tuple[str, int | None]]) -> bool:
    return any(port is not None and service.takes_in(protocol, port) for protocol, port in asked)


def _too_broad(case: Case, entry: Entry, pattern: str, wide: list[Rule]) -> Finding:
    former = case.book.former(pattern)
    hosts = tuple(dict.fromkeys(str(rule.destinations[0]) for rule in wide))
    stated = [rule for rule in wide if rule.level is not Level.INFORMATIONAL]
    needed = tuple(dict.fromkeys(str(rule.destinations[0]) for rule in stated if rule.id in case.needed))
    shown = ", ".join((needed or hosts)[:_SHOWN]) + (" and others" if len(needed or hosts) > _SHOWN else "")
    stands = f"it stands for {shown}" if hosts else "no rule asks for any of it"
    shared = "; any customer may have a name below it" if case.book.is_shared(pattern) else ""
    past = f"; the article had it until {former.day}" if former else ""
    is_narrowest = entry.rule.names_below and bool(case.book.same(pattern.removeprefix("."))[0])
    return _finding(
        Code.TOO_BROAD,
        Severity.NOTE if is_narrowest else Severity.WARNING,
        entry,
        f"it lets more through than any rule asks for: {stands}{shared}{past}",
        rules=tuple(rule.id for rule in wide),
        instead=", ".join(needed) or "name the hosts that you mean",
    )


def _single_instance(case: Case, entry: Entry, holding: list[Rule]) -> Iterator[Finding]:
    """Of one name where a rule asks for all below a domain."""
    ids = tuple(rule.id for rule in holding)
    hosts = tuple(dict.fromkeys(str(rule.destinations[0]) for rule in holding))
    needs = [need for need in case.needs if set(ids) & set(need.rules) and is_for(entry, need)]
    source = next(iter(sources_of(entry.rule)), "")
    covered = [need for need in needs if case.coverage.of(need, source).by]
    if needs and len(covered) == len(needs):
        message = f"{hosts[0]} is allowed already, and takes it in"
        yield _finding(Code.REDUNDANT, Severity.NOTE, entry, message, rules=ids)
        return
    level = Severity.WARNING if needs else Severity.NOTE
    message = f"it is one name of many: the article asks for {hosts[0]}"
    yield _finding(Code.SINGLE_INSTANCE, level, entry, message, rules=ids, instead=hosts[0])


def _of_any(case: Case, entry: Entry) -> Iterator[Finding]:
    """Of an entry for every destination: right where the article itself says so, a hole on the ports of the web."""
    services = entry.rule.services
    ids = tuple(name for need in case.needs if is_for(entry, need) for name in need.rules)
    if any(service.takes_in("TCP", port) for service in services for port in _WEB):
        ports = ", ".join(map(str, services))
        message = f"every destination is let through on {ports}: no other rule for it decides anything"
        hosts = tuple(dict.fromkeys(need.value for need in case.needs if is_for(entry, need)))
        instead = ", ".join(hosts[:_SHOWN]) + (" and the other hosts that are needed" if len(hosts) > _SHOWN else "")
        yield _finding(Code.ANY_DESTINATION, Severity.WARNING, entry, message, rules=ids, instead=instead)
        return
    known = [
        rule
        for rule in case.book.rules
        if rule.cloud in case.clouds
        and any(one.form is DestinationForm.ANY for one in rule.destinations)
        and rule.port is not None
        and any(service.takes_in(str(rule.protocol), rule.port) for service in services)
    ]
    if any(_is_wide(service) for service in services):
        message = f"every destination is let through on {', '.join(map(str, services))}"
        yield _finding(Code.ANY_DESTINATION, Severity.WARNING, entry, message, rules=tuple(rule.id for rule in known))
    elif known and not any(rule.id in case.needed for rule in known):
        why = next((case.why_not[rule.id] for rule in known if rule.id in case.why_not), "this cluster needs no such")
        names = tuple(rule.id for rule in known)
        yield _finding(Code.NOT_NEEDED, Severity.NOTE, entry, f"the article has it, but {why}", rules=names)
    elif not known:
        yield _finding(Code.NOT_AKS, Severity.NOTE, entry, "no rule of the article is for these ports")


def _is_wide(service: Service) -> bool:
    return (service.first, service.last) == NO_LIMIT


def _of_service_tag(case: Case, entry: Entry) -> Iterator[Finding]:
    """Of a service tag: too wide on the ports of the web, or one that no tag is written like."""
    tag = case.written(entry)
    if "*" in tag.replace("{*}", ""):
        yield _finding(Code.INVALID_PATTERN, Severity.ERROR, entry, "a service tag takes no star", instead="")
        return
    wide = TOO_BROAD.get(tag.partition(".")[0].lower())
    on_the_web = any(service.takes_in("TCP", port) for service in entry.rule.services for port in _WEB)
    asked = any(
        need.port in _WEB
        and is_for(entry, need)
        and any(one.form is DestinationForm.SERVICE_TAG for one in need.alternatives)
        and satisfies(entry, need)
        for need in case.needs
    )
    if wide and on_the_web and not asked:
        message = f"it lets more through than any rule asks for: {wide}"
        yield _finding(Code.TOO_BROAD, Severity.WARNING, entry, message, instead="name the hosts that you mean")
        return
    known = [rule for rule in case.book.rules if rule.cloud in case.clouds and _is_tagged(rule, tag, entry)]
    if known and not any(rule.id in case.needed for rule in known):
        why = next((case.why_not[rule.id] for rule in known if rule.id in case.why_not), "this cluster needs no such")
        names = tuple(rule.id for rule in known)
        yield _finding(Code.NOT_NEEDED, Severity.NOTE, entry, f"the article has it, but {why}", rules=names)
    former = None if known else case.book.former_tag(tag)
    if former:
        yield _retired(entry, former)


def _is_tagged(rule: Rule, tag: str, entry: Entry) -> bool:
    """Say whether a rule names a service tag, in whichever region, on a port of the entry's."""
    tags = (one.value for one in rule.destinations if one.form is DestinationForm.SERVICE_TAG)
    on_port = rule.port is not None and any(one.takes_in(str(rule.protocol), rule.port) for one in entry.rule.services)
    return on_port and any(one.partition(".")[0].lower() == tag.partition(".")[0].lower() for one in tags)


def _of_shadowed(case: Case) -> Iterator[Finding]:
    """Of application rules that a network rule for every destination comes before: they decide nothing."""
    openings = [
        entry
        for entry in case.group.allowed
        if entry.form is Form.ANY and entry.rule.layer is Layer.NETWORK and not entry.rule.sources
    ]
    told: set[int] = set()
    for entry in case.group.allowed:
        if entry.rule.layer is not Layer.APPLICATION or id(entry.rule) in told:
            continue
        by = next((one for one in openings if _opens(one, entry)), None)
        if by:
            told.add(id(entry.rule))
            message = (
                f"the network rule {by.rule.name or by.value} ({by.place}) lets everything through before this rule"
            )
            yield _finding(Code.SHADOWED, Severity.WARNING, entry, message, instead="take the network rule out")


def _opens(opening: Entry, entry: Entry) -> bool:
    """Say whether all that an entry is for is let through before it."""
    return all(
        any(
            wide.protocol in ("", one.protocol) and wide.first <= one.first and one.last <= wide.last
            for wide in opening.rule.services
        )
        for one in entry.rule.services
    )


def _with_dot(pattern: str) -> str:
    """Write ``*x.io`` as ``*.x.io``, which is what its author meant; it lets ``otherx.io`` through as well."""
    return f"*.{pattern[1:]}" if pattern[:1] == "*" and pattern[1:2].isalnum() else pattern


def _why_invalid(pattern: str) -> str:
    """Say why no firewall can match a host pattern; empty where one can."""
    if pattern.startswith("/"):
        return ""
    bare = re.sub(r"\{(?:\*|\?|region)\}", "x", pattern).removeprefix("*").lstrip(".")
    if ".." in pattern:
        return "a label between two dots is empty"
    if not bare or pattern in ("*.", "."):
        return "there is no name in it"
    if any(len(label) > 63 for label in bare.split(".")):
        return "a label has more than 63 characters"
    if not all(sign.isalnum() or sign in "-_.*" for sign in bare):
        return "a host name has no such characters"
    return ""


def _finding(
    code: Code,
    level: Severity,
    entry: Entry,
    message: str,
    *,
    rules: tuple[str, ...] = (),
    instead: str = "",
    since: str = "",
) -> Finding:
    return Finding(
        code=code,
        level=level,
        value=entry.value,
        message=message,
        place=entry.place,
        rules=tuple(dict.fromkeys(rules)),
        instead=instead,
        since=since,
        entry=entry,
        rule=entry.rule,
    )
