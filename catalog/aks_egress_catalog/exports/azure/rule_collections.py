"""What Azure Firewall can say: a resolution as the rule collections of one rule collection group, in no file format.

The semantics that decide what becomes of a rule, from Microsoft's articles on Azure Firewall, and its limits, from
*Azure subscription and service limits, quotas, and constraints*:

- Application rules speak HTTP and HTTPS (and MSSQL) on ports up to 64000. A host with another application protocol,
  or none, goes into a network rule.
- A star stands only at the left of an application rule's host. ``*.x`` covers names of any depth below ``x`` and not
  ``x`` itself, as ours does. ``*x`` would cover ``x`` and whatever ends in it, wider than our star inside a label; a
  star elsewhere cannot be written. Both are dropped with a reason, never widened.
- Network rules take address ranges, service tags and ``*``; and host names without a star, while the DNS proxy of
  the firewall policy is on. IPv6 is a preview for dual-stack firewalls: its ranges are left out, with a note.
- TLS inspection ends the client's TLS session on the firewall, so a rule that must keep ALPN forbids it.
- A firewall takes 20,000 pairs of a source and a destination in network rules, each rule counted by itself, and a group
  2 MB of rules; how Azure measures those is not published, and we count the letters of what stands in them.
- Network rules are processed before application rules. All rules here allow, so order decides nothing.

Rules are grouped: one for all that a feature reaches by one protocol and port (``grouping``), so that a review fits
on a screen; on request one a rule of the catalog. Names follow from what a rule is for, priorities from the feature, so
that one more host moves no other. On request the FQDN tag stands for the rules that it is credited with (``fqdn_tag``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.azure.firewall_rules import (
    KEEP_TLS,
    NAME_LIMIT,
    ApplicationRule,
    CollectionKind,
    FirewallRule,
    NetworkRule,
    unique_names,
)
from aks_egress_catalog.exports.azure.fqdn_tag import DOUBT, TAG, is_credited
from aks_egress_catalog.exports.azure.grouping import group_rules
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    RANGES_OR_ANY,
    Declaration,
    Fitted,
    Limit,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Fidelity, FidelityNote, Header, unmet_notes
from aks_egress_catalog.exports.limits import within
from aks_egress_catalog.exports.placement import NotExpressibleError
from aks_egress_catalog.model import Cloud, Constraint, DestinationForm, Feature

TARGET: Final = Target(fqdn_in_network_rules=True, service_tags=True, azure_firewall=True)
OPTIONS: Final = ("one_rule_per_host", "use_fqdn_tag")
GROUP_NAME: Final = "aks-egress"
GROUP_PRIORITY: Final = 500
PRIORITIES: Final = range(100, 65_001)
SOURCE_ADDRESSES: Final = ("*",)
"""Where the cluster's traffic comes from, until the operator says so: each file has a parameter for it."""
API_VERSION: Final = "2024-05-01"
"""Of ``Microsoft.Network/firewallPolicies``: stable, and the one that the azurerm provider uses in every cloud."""

DESTINATIONS: Final = Limit(most=20_000, of="destinations of network rules, for one source")
SIZE: Final = Limit(most=2_000_000, of="characters of rules")
_DNS_PROXY: Final = "a host name in a network rule works only while the DNS proxy of the firewall policy is on"
_BY_APPLICATION: Final = Way(
    name="an application rule", stated=True, wildcard=Wildcard.ANY_DEPTH, no_port=NoPort.DROPPED
)
DECLARATION: Final = Declaration(
    title="Azure Firewall",
    ways=(
        _BY_APPLICATION,
        Way(name="a network rule", traffic=EVERY_TRAFFIC, no_port=NoPort.DROPPED, by_address=True, remark=_DNS_PROXY),
        Way(
            name="a network rule",
            forms=RANGES_OR_ANY | {DestinationForm.SERVICE_TAG},
            traffic=EVERY_TRAFFIC,
            no_port=NoPort.DROPPED,
            no_ipv6="IPv6 needs a dual-stack Azure Firewall, which is in preview",
        ),
    ),
    limits=(DESTINATIONS, SIZE),
    needs=("its DNS proxy, for names in network rules",),
)
_CONSTRAINTS: Final = {Constraint.PRESERVE_ALPN: KEEP_TLS}
_BY_TAG: Final = f"by the FQDN tag {TAG}, which may let more through; {DOUBT}"
_PRIORITY_BASES: Final = {CollectionKind.NETWORK: 1_000, CollectionKind.APPLICATION: 10_000}
_PRIORITY_STEP: Final = 10


@dataclass(frozen=True, kw_only=True)
class RuleCollection:
    """The rules of one kind and feature, by protocol and port; ungrouped ones in the order of the resolution."""

    kind: CollectionKind
    name: str
    priority: int
    rules: tuple[FirewallRule, ...]


@dataclass(frozen=True, kw_only=True)
class RuleCollectionGroup:
    """What a file holds: the collections in the order of processing, what to know, and a note for each rule."""

    collections: tuple[RuleCollection, ...]
    remarks: tuple[str, ...]
    notes: tuple[FidelityNote, ...]

    def __post_init__(self) -> None:
        rules = [rule.name for collection in self.collections for rule in collection.rules]
        for names in ([collection.name for collection in self.collections], rules):
            if len(set(map(str.lower, names))) < len(names) or any(len(name) > NAME_LIMIT for name in names):
                raise ValueError(f"names of collections and of rules are unique and at most {NAME_LIMIT} characters")


def rule_collection_group(
    resolution: Resolution, *, one_rule_per_host: bool = False, use_fqdn_tag: bool = False
) -> RuleCollectionGroup:
    """Say a resolution in rule collections, with a note for every rule of it.

    With ``one_rule_per_host`` each rule of the catalog is one of the firewall. With ``use_fqdn_tag`` the tag
    ``AzureKubernetesService`` stands for the rules that it is credited with.

    Raises:
        AksEgressError: the tag is asked for in a cloud where nothing is known of it, or there is more than one group or
            firewall takes.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> [collection.name for collection in rule_collection_group(found).collections]
    ['aks-egress-core-application', 'aks-egress-os-updates-application']
    """
    names = unique_names(rule.id for rule in resolution.rules)
    expressed = {rule: _express(rule, names[rule.id]) for rule in resolution.rules}
    written = {rule: found for rule, (found, _) in expressed.items() if found}
    by_tag = _by_tag(written) if use_fqdn_tag else {}
    named = {rule: found for rule, found in written.items() if rule not in by_tag}
    features = [*Feature, *sorted({rule.feature for rule in written} - set(Feature))]
    grouped = _one_each(named) if one_rule_per_host else group_rules(named, features)
    if by_tag:
        grouped[Feature.CORE] = (*_tag_rules(by_tag), *grouped.get(Feature.CORE, ()))
    _expect_room([rule for rules in grouped.values() for rule in rules])
    notes = (
        *(_noted_by_tag(note) if rule in by_tag else note for rule, (_, note) in expressed.items()),
        *unmet_notes(resolution),
    )
    return RuleCollectionGroup(
        collections=tuple(each for kind in CollectionKind for each in _collections(grouped, features, kind)),
        remarks=tuple(_remarks(resolution, notes)),
        notes=notes,
    )


def _expect_room(rules: Iterable[FirewallRule]) -> None:
    """Refuse more than a firewall takes."""
    addresses, texts = list[str](), list[str]()
    for rule in rules:
        addresses += () if isinstance(rule, ApplicationRule) else rule.addresses
        texts += (rule.name, rule.description, *rule.fqdns)
    within(DESTINATIONS, addresses, GROUP_NAME)
    within(SIZE, '","'.join((*texts, *addresses)), GROUP_NAME)


def comment_lines(header: Header, group: RuleCollectionGroup) -> tuple[str, ...]:
    """The header and the remarks, each as one line of printable ASCII, so that no text can leave a comment."""
    remarks = ("", *(f"- {remark}" for remark in group.remarks)) if group.remarks else ()
    return tuple(text.encode("unicode_escape").decode("ascii") for text in (*header.lines(), *remarks))


def _express(rule: ConcreteRule, name: str) -> tuple[FirewallRule | None, FidelityNote]:
    """Write one rule, if Azure Firewall can say it, and say how faithful that is."""
    try:
        fitted = fit(DECLARATION, rule)
    except NotExpressibleError as error:
        return None, FidelityNote(id=rule.id, fidelity=Fidelity.DROPPED, reason=str(error))
    return _write(fitted, name), FidelityNote(id=rule.id, fidelity=fitted.fidelity, reason=fitted.reason)


def _write(fitted: Fitted, name: str) -> FirewallRule:
    rule, values = fitted.rule, fitted.values
    if rule.port is None or rule.protocol is None:
        raise ValueError(f"{rule.id} states no port, and no way of Azure Firewall takes such a rule")
    description = f"{rule.id} ({rule.level})" + "".join(f"; {_CONSTRAINTS[each]}" for each in rule.constraints)
    if fitted.way is _BY_APPLICATION and rule.application:
        return ApplicationRule(
            name=name,
            description=description,
            fqdns=values,
            application=rule.application,
            port=rule.port,
            keep_tls=Constraint.PRESERVE_ALPN in rule.constraints,
        )
    by_name = rule.form is DestinationForm.FQDN
    return NetworkRule(
        name=name,
        description=description,
        protocol=rule.protocol,
        port=rule.port,
        addresses=() if by_name else values,
        fqdns=values if by_name else (),
    )


def _by_tag(written: Mapping[ConcreteRule, FirewallRule]) -> dict[ConcreteRule, ApplicationRule]:
    """The rules that the FQDN tag may stand for."""
    clouds = {rule.id.partition("/")[0] for rule in written} - {Cloud.PUBLIC}
    if clouds:
        raise AksEgressError(f"the FQDN tag {TAG}: nothing is known of what it covers in {', '.join(sorted(clouds))}")
    return {rule: found for rule, found in written.items() if isinstance(found, ApplicationRule) and is_credited(rule)}


def _tag_rules(by_tag: Mapping[ConcreteRule, ApplicationRule]) -> Iterator[ApplicationRule]:
    """One rule with the tag for each protocol and port of the rules that it stands for."""
    for application, port in sorted({(found.application, found.port) for found in by_tag.values()}):
        keep_tls = any(
            found.keep_tls for found in by_tag.values() if (found.application, found.port) == (application, port)
        )
        yield ApplicationRule(
            name=f"{Feature.CORE}-fqdn-tag-{application.lower()}-{port}",
            description=f"{Feature.CORE}: {application} {port}, by the FQDN tag"
            + (f"; {KEEP_TLS}" if keep_tls else ""),
            fqdns=(),
            fqdn_tags=(TAG,),
            application=application,
            port=port,
            keep_tls=keep_tls,
        )


def _noted_by_tag(note: FidelityNote) -> FidelityNote:
    """What becomes of a rule that the tag stands for: the tag may allow more, and what it allows cannot be checked."""
    return replace(note, fidelity=Fidelity.WIDENED, reason="; ".join(filter(None, (_BY_TAG, note.reason))))


def _one_each(written: Mapping[ConcreteRule, FirewallRule]) -> dict[str, tuple[FirewallRule, ...]]:
    """The rules by feature, in the order of the resolution."""
    found: dict[str, tuple[FirewallRule, ...]] = {}
    for rule, one in written.items():
        found[rule.feature] = (*found.get(rule.feature, ()), one)
    return found


def _collections(
    grouped: Mapping[str, tuple[FirewallRule, ...]], features: list[str], kind: CollectionKind
) -> Iterator[RuleCollection]:
    """One collection a feature that has rules of a kind, in the order of the features."""
    names = unique_names(f"{GROUP_NAME}-{feature}-{kind}" for feature in features)
    for place, feature in enumerate(features):
        rules = tuple(found for found in grouped.get(feature, ()) if found.kind is kind)
        if rules:
            name, priority = names[f"{GROUP_NAME}-{feature}-{kind}"], _PRIORITY_BASES[kind] + _PRIORITY_STEP * place
            yield RuleCollection(kind=kind, name=name, priority=priority, rules=rules)


def _remarks(resolution: Resolution, notes: tuple[FidelityNote, ...]) -> Iterator[str]:
    """What the reader of the file should know: of the whole, of single rules, and of the rules that are not in it."""
    yield from resolution.caveats
    yield from (f"{rule.id}: {remark}" for rule in resolution.rules for remark in rule.remarks)
    yield from (f"{note.id} ({note.fidelity}): {note.reason}" for note in notes if note.reason)
