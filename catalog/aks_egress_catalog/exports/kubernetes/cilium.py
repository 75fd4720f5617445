"""Cilium: a policy a feature for what pods send. Nodes are not pods: what they fetch never meets such a policy.

Image pulls, package updates and the set-up of nodes go out by the network of the host, past every policy for pods;
those rules are dropped, each with that word. What is left is for the pods of add-ons in ``kube-system``, and for pods
of any namespace that carry the label of workload identity.

The policies only allow (``enableDefaultDeny``): alone they cut nothing off, since these pods also need what is inside
the cluster. What denies the rest is a policy of yours. Each lets its pods ask kube-dns, which Cilium learns addresses
from. ``**.x`` is names of any depth below ``x``. Each entry has one port; Cilium takes 40 (``MaxItems`` of
``PortRule.Ports``), and of a pattern the letters, digits, ``-``, ``.`` and stars of a host (``FQDNSelector``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    NAMES,
    RANGES,
    Declaration,
    Fitted,
    InnerStar,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.expressions import is_pattern
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import by_port, comment, head, hosts_of, named, ranges_of, to_know
from aks_egress_catalog.model import Feature

DESCRIPTION: Final = "Cilium policies for what the pods of add-ons send; node traffic never meets them"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
FILE: Final = "cilium.yaml"
APPLIED: Final = "apply.yaml"
SHRUNK: Final = "shrink.yaml"
DELETED: Final = "delete.yaml"
CHANGED_BY_COMMANDS: Final = (FILE,)
_OF_NODES: Final = frozenset({Feature.CORE, Feature.OS_UPDATES, Feature.GPU, Feature.WINDOWS})
_NAMESPACE: Final = "k8s:io.kubernetes.pod.namespace"


def _why_not(rule: ConcreteRule) -> str:
    """What pods need of the core is the API server; all else there is what nodes fetch."""
    of_pods = rule.feature not in _OF_NODES or any(".hcp." in value for value in rule.values)
    return "" if of_pods else "not expressible: node traffic"


DECLARATION: Final = Declaration(
    title="Cilium",
    ways=(
        Way(
            name="a rule of a policy",
            forms=NAMES | RANGES,
            traffic=EVERY_TRAFFIC,
            wildcard=Wildcard.ANY_DEPTH,
            inner=InnerStar.PART,
            no_port=NoPort.EXACT,
            by_address=True,
        ),
    ),
    needs=(
        "Azure CNI powered by Cilium with Advanced Container Networking Services",
        "Cilium 1.18 or newer for **. patterns",
        "a policy that denies the rest: these only allow",
    ),
    judge="a schema of its CRD, and its matching as published",
    why_not=_why_not,
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write a policy a feature, as YAML documents; each is JSON, which is YAML and has one serializer.

    >>> import aks_egress_catalog as aec
    >>> profile = aec.Profile(region="westeurope", features="azure-policy, workload-identity")
    >>> found = aec.load(as_of="2026-07-02").resolve(profile, target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["cilium.yaml"].count("CiliumClusterwideNetworkPolicy")
    1
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    told = head(header, notes, to_know(resolution))
    return Export(files={FILE: _documents(told, _policies(fitted, header).values())}, notes=notes)


def change(before: State, after: State, said: list[str]) -> dict[str, str]:
    """Write three files of policies: to apply, to apply when those are in force, and to delete at last.

    The first add, and keep what was there: a name may move from one policy to another. The second are those of them
    that lose something. A file without any policy has none.
    """
    old_rules, new_rules = (place_rules(state.resolution, partial(fit, DECLARATION))[0] for state in (before, after))
    old, new = _policies(old_rules, before.header), _policies(new_rules, after.header)
    both = _policies([*old_rules, *new_rules], after.header)
    told = [line for text in said for line in comment(text)]
    return {
        APPLIED: _documents(told, (both[feature] for feature in new if old.get(feature) != new[feature])),
        SHRUNK: _documents(told, (text for feature, text in new.items() if both[feature] != text)),
        DELETED: _documents(told, (text for feature, text in old.items() if feature not in new)),
    }


def _documents(told: list[str], documents: Iterable[str]) -> str:
    return "\n---\n".join(("\n".join(told), *documents)) + "\n"


def _policies(fitted: list[Fitted], header: Header) -> dict[str, str]:
    """The policy of each feature, as JSON."""
    features: dict[str, list[Fitted]] = {}
    for one in fitted:
        features.setdefault(one.rule.feature, []).append(one)
    return {name: json.dumps(_policy(name, some, header), indent=1) for name, some in sorted(features.items())}


def _policy(feature: str, some: list[Fitted], header: Header) -> dict[str, Any]:
    """One feature's policy: of a namespace, or of the whole cluster where its pods may be anywhere."""
    everywhere = feature == Feature.WORKLOAD_IDENTITY
    labels = {"k8s:azure.workload.identity/use": "true"} if everywhere else {}
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy" if everywhere else "CiliumNetworkPolicy",
        "metadata": {
            "name": f"aks-egress-{feature}",
            **({} if everywhere else {"namespace": "kube-system"}),
            "labels": {"app.kubernetes.io/managed-by": "aks-egress-catalog"},
            "annotations": {"aks-egress-catalog/version": header.catalog_version},
        },
        "spec": {
            "endpointSelector": {"matchLabels": labels} if labels else {},
            "enableDefaultDeny": {"egress": False, "ingress": False},
            "egress": [*([_DNS] if named(some) else []), *_egress(some)],
        },
    }


_DNS: Final = {
    "toEndpoints": [{"matchLabels": {_NAMESPACE: "kube-system", "k8s:k8s-app": "kube-dns"}}],
    "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchPattern": "*"}]}}],
}


def _egress(some: list[Fitted]) -> Iterator[dict[str, Any]]:
    """One entry for all names on a port, and one for all ranges on it."""
    for (protocol, port), group in by_port(some).items():
        ports = {"toPorts": [{"ports": [{"port": str(port), "protocol": protocol}]}]} if port else {}
        if named(group):
            yield {"toFQDNs": [_named(host) for host in hosts_of(group)], **ports}
        ranges = [*ranges_of(group, 4), *ranges_of(group, 6)]
        if ranges:
            yield {"toCIDR": ranges, **ports}


def _named(host: str) -> dict[str, str]:
    """``*.x`` in Cilium is one label below; ``**.x`` is as many as there are."""
    if not is_pattern(host):
        return {"matchName": host}
    pattern = f"*{host}" if host.startswith("*.") else host
    return {"matchPattern": re.sub(r"\{[^}]*\}", "*", pattern)}
