"""The glossary: every word of the site that means something particular, once, with an anchor that stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.model import Destination, DestinationForm, NamedSet, When
from publish.site.words.labels import when_text


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word with its meaning; ``anchor`` is where it stands on the page."""

    anchor: str
    word: str
    meaning: str


_VERDICTS: Final = {
    "required": "Every cluster needs it: the core of the article states it without a condition.",
    "required-if": "A feature or a circumstance decides, and is named beside it: with the feature, it is required.",
    "recommended": "The article advises it. A cluster runs without it.",
    "informational": "Of a rule: only the prose of the article names it, and nobody has to allow it. "
    "Of a change: no firewall has to move.",
    "known-gap": "The article lacks it, by evidence from elsewhere that somebody reviewed.",
    "not-needed": "A rule exists, and it is not one of this cloud, region or cluster.",
    "retired": "A rule asked for it until a day that is named, and none does today: “was required until”.",
    "not-listed": "No rule names it. The nearest rules are shown with the reason why each is not for it.",
    "unnamed": "An address without its name: no list of host names can explain it.",
}
_RULES: Final = {
    "rule": "One thing that a firewall must allow: cloud, feature, destination, transport protocol and port.",
    "level": "How strongly the article asks for a rule: required, recommended or informational.",
    "feature": "What a rule is for. The core is for every cluster; every other feature only for those that use it.",
    "alternatives": "Destinations that the article joins with “or”. Any one of them is enough for the rule.",
    "application-rule": "A rule by host name, for a firewall that sees names: its kind is fqdn.",
    "network-rule": "A rule by address, for any firewall: its kind is network.",
    "preserve-alpn": "A firewall must pass the TLS ALPN extension on unchanged. One that opens TLS breaks it.",
}
_DESTINATIONS: Final = {
    "wildcard": "*.example.com takes in every name below example.com, at any depth, and not example.com itself. "
    "Any other star stands for one or more characters within one label.",
    "region": "{region} stands for exactly one label, the name of the region of the cluster, such as westeurope.",
    "tag": "tag:NAME is an Azure service tag: addresses that Microsoft keeps up to date, in Azure Firewall and network "
    "security groups. A service tag never takes in a host name.",
    "set": "set:NAME is a set of addresses that only you know.",
    "any": "* as the destination of a network rule is any address.",
}
_SETS: Final = {
    NamedSet.REGION_CIDRS: ("addresses of the region", "All addresses of the region, from the file of service tags."),
    NamedSet.API_SERVER_PUBLIC_IP: ("address of your API server", "The public address of the cluster’s API server."),
    NamedSet.CUSTOM_DNS_IP: ("your DNS servers", "The addresses of your own DNS servers."),
    NamedSet.API_SERVER_SUBNET_CIDR: ("subnet of your API server", "The subnet that the API server was put into."),
}
_EFFECTS: Final = {
    "only-if": "A condition: where it does not hold, the rule is not needed. In files: only-if:WHEN.",
    "not-if": "“Unless”, a condition: where it holds, the rule is not needed, whatever other conditions say.",
    "stressed": "“Required if”, a condition: the article stresses the rule for this case. It never removes a rule.",
}
_CIRCUMSTANCES: Final = {
    When.PRIVATE_CLUSTER: "The API server has a private address, and no public one.",
    When.KONNECTIVITY_AGENT: "The tunnel between the API server and the nodes is made by the konnectivity agent, as in "
    "every cluster of today; older ones used other tunnels.",
    When.CUSTOM_DNS: "The virtual network names your DNS servers and not those of Azure.",
    When.PODS_USE_API_SERVER_IP: "Pods reach the API server by its IP address, as Kubernetes tools mostly do.",
    When.AZURE_FIREWALL_NETWORK_RULES: "Azure Firewall takes host names in network rules once its DNS proxy is on.",
    When.CLUSTER_EXISTS: "An address of the API server can only be allowed once there is one.",
    When.NODES_AFTER_2021_03: "Newer Linux nodes take their time from the host, and need no time server.",
    When.NETWORK_ISOLATED: "The cluster was created as network isolated, and needs no access to the internet.",
    When.PRIVATE_ENDPOINT: "The service is reached by a private endpoint within the virtual network.",
}
_CHANGES: Final = {
    "breaking": "Something new must be allowed, or is required now.",
    "relaxing": "Less must be allowed than before. What is no longer asked for may go once nothing of yours uses it.",
    "missing": "A rule has left the article, and is still within its hold: keep it.",
    "hold": "14 days for which a missing rule stays in every answer and every export. Only then it counts as removed.",
    "version": "The data of one day: 2026.7.2 is that of 2 July 2026. A version names the same data for ever.",
}


def glossary() -> dict[str, tuple[Term, ...]]:
    """Every term, by what it belongs to.

    >>> [term.word for term in glossary()["Verdicts and levels"]][:2]
    ['required', 'required if']
    """
    named = {"Verdicts and levels": _VERDICTS, "Rules": _RULES}
    return {
        **{title: tuple(_terms(words)) for title, words in named.items()},
        "Destinations": (
            *_terms(_DESTINATIONS, {"region": "{region}", "tag": "tag:", "set": "set:", "any": "*"}),
            *_set_terms(),
        ),
        "Conditions": (
            *_terms(_EFFECTS, {"not-if": "unless (not-if)", "stressed": "required-if", "only-if": "only if (only-if)"}),
            *_circumstances(),
        ),
        "Changes": tuple(_terms(_CHANGES)),
    }


def destination_words(destination: Destination) -> str:
    """Say in words what a destination is that is no host; empty for one.

    >>> destination_words(Destination(form=DestinationForm.NAMED_SET, value="CustomDNSIP"))
    'your DNS servers'
    """
    if destination.form is DestinationForm.NAMED_SET:
        return _SETS[NamedSet(destination.value)][0]
    return {DestinationForm.ANY: "any address", DestinationForm.SERVICE_TAG: "service tag"}.get(destination.form, "")


def destination_anchor(destination: Destination) -> str:
    """Where the glossary explains such a destination."""
    named = destination.form is DestinationForm.NAMED_SET
    return destination.value if named else {DestinationForm.SERVICE_TAG: "tag"}.get(destination.form, "any")


def _terms(words: dict[str, str], written: dict[str, str] | None = None) -> Iterator[Term]:
    for anchor, meaning in words.items():
        yield Term(anchor=anchor, word=(written or {}).get(anchor, anchor.replace("-", " ")), meaning=meaning)


def _set_terms() -> Iterator[Term]:
    return (Term(anchor=name, word=f"set:{name}", meaning=meaning) for name, (_, meaning) in _SETS.items())


def _circumstances() -> Iterator[Term]:
    return (Term(anchor=str(when), word=when_text(when), meaning=meaning) for when, meaning in _CIRCUMSTANCES.items())
