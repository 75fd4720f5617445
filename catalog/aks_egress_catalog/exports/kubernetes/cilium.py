"""Cilium: a policy a feature for what pods send. Nodes are not pods: what they fetch never meets such a policy.

Image pulls, package updates and the set-up of nodes go out by the network of the host, past every policy for pods;
those rules are dropped, each with that word. What is left is for the pods of add-ons. Each policy lets its pods ask
kube-dns for the very names, which Cilium needs to learn their addresses. ``**.x`` is names of any depth below ``x``; it
needs a Cilium that knows it (1.18 or newer).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from aks_egress_catalog.cluster.needs_less import names_api_server
from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.exports.declaration import EVERY_TRAFFIC, Declaration, Fitted, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import head
from aks_egress_catalog.model import DestinationForm, Feature

DESCRIPTION: Final = "CiliumNetworkPolicies for what the pods of add-ons send; node traffic never meets them"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
FILE: Final = "cilium.yaml"
_OF_NODES: Final = frozenset({Feature.OS_UPDATES, Feature.GPU, Feature.WINDOWS})


def _why_not(rule: ConcreteRule) -> str:
    of_pods = rule.feature not in _OF_NODES and rule.feature != Feature.CORE
    if of_pods or (rule.feature == Feature.CORE and any(map(names_api_server, rule.values))):
        return ""
    return "not expressible: node traffic"


DECLARATION: Final = Declaration(
    title="Cilium",
    wildcard=Wildcard.ANY_DEPTH,
    partial_labels=True,
    traffic=EVERY_TRAFFIC,
    forms=frozenset({DestinationForm.FQDN, DestinationForm.CIDR}),
    by_address=True,
    needs=("Azure CNI powered by Cilium with Advanced Container Networking Services", "Cilium 1.18 for **. patterns"),
    judge="its CRD schema, and its matching as published",
    why_not=_why_not,
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write a policy a feature, as YAML documents; each is JSON, which is YAML and has one serializer.

    >>> import aks_egress_catalog as aec
    >>> profile = aec.Profile(region="westeurope", features="azure-policy")
    >>> found = aec.load(as_of="2026-07-02").resolve(profile, target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["cilium.yaml"].count("CiliumClusterwideNetworkPolicy")
    2
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    features: dict[str, list[Fitted]] = {}
    for one in fitted:
        features.setdefault(one.rule.feature, []).append(one)
    documents = [json.dumps(_policy(name, some, header), indent=1) for name, some in sorted(features.items())]
    told = head(header, notes, resolution.caveats)
    return Export(files={FILE: "\n".join((*told, "\n---\n".join(documents), ""))}, notes=notes)


def _policy(feature: str, some: list[Fitted], header: Header) -> dict[str, Any]:
    names = sorted({_pattern(value) for one in some if one.rule.form is DestinationForm.FQDN for value in one.values})
    dns = {
        "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"}}],
        "toPorts": [
            {
                "ports": [{"port": "53", "protocol": "ANY"}],
                "rules": {"dns": [_named(name) for name in names]},
            }
        ],
    }
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy",
        "metadata": {
            "name": f"aks-egress-{feature}",
            "labels": {"app.kubernetes.io/managed-by": "aks-egress-catalog"},
            "annotations": {"aks-egress-catalog/version": header.catalog_version},
        },
        "spec": {
            "endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}},
            "egress": [*([dns] if names else []), *_egress(some)],
        },
    }


def _egress(some: Iterable[Fitted]) -> list[dict[str, Any]]:
    """One entry for all destinations of a kind on one port."""
    groups: dict[tuple[DestinationForm, str, int], set[str]] = {}
    for one in some:
        rule = one.rule
        groups.setdefault((rule.form, str(rule.protocol or ""), rule.port or 0), set()).update(one.values)
    found: list[dict[str, Any]] = []
    for (form, protocol, port), values in sorted(groups.items()):
        if form is DestinationForm.FQDN:
            entry: dict[str, Any] = {"toFQDNs": [_named(name) for name in sorted(map(_pattern, values))]}
        else:
            entry = {"toCIDR": sorted(values)}
        if port:
            entry["toPorts"] = [{"ports": [{"port": str(port), "protocol": protocol}]}]
        found.append(entry)
    return found


def _pattern(value: str) -> str:
    """``*.x`` in Cilium is one label below; ``**.x`` is as many as there are."""
    return f"*{value}" if value.startswith("*.") else value


def _named(name: str) -> dict[str, str]:
    return {"matchPattern" if "*" in name else "matchName": name}
