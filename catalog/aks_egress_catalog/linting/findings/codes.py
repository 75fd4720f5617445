"""What each code means, why it matters and what to do: for SARIF, the docs and ``lint --help``."""

from __future__ import annotations

from typing import Final, NamedTuple

from aks_egress_catalog.linting.findings.finding import Code, Severity

ARTICLE: Final = "https://learn.microsoft.com/azure/aks/outbound-rules-control-egress"
"""The article that says what a cluster must reach."""


class Help(NamedTuple):
    """One code: its gravest level, what it says in a few words, and why that matters."""

    level: Severity
    short: str
    why: str


CODES: Final = {
    Code.MISSING: Help(
        Severity.ERROR,
        "a needed destination is not allowed",
        "The cluster needs it and no entry lets it through: nodes may not start, or a feature does not work. A warning"
        " where it is recommended only, or may stand in what could not be read; a note where no client asks for it.",
    ),
    Code.BLOCKED: Help(
        Severity.ERROR,
        "a needed destination is denied",
        "A deny rule comes first, so that what allows the destination later is never reached.",
    ),
    Code.RETIRED: Help(
        Severity.WARNING,
        "the article asked for it once",
        "It left the article on the day that is given. What nobody needs any more is a hole in the list.",
    ),
    Code.RETIRING: Help(
        Severity.NOTE,
        "the article names what replaces it",
        "It is still needed today. Allow the replacement as well, and take this one out once it has left the article.",
    ),
    Code.TOO_BROAD: Help(
        Severity.WARNING,
        "more is let through than any rule asks for",
        "A wildcard or a tag stands for more than the rules that it is there for, other customers' hosts among them.",
    ),
    Code.ANY_DESTINATION: Help(
        Severity.WARNING,
        "every destination is let through",
        "On the ports of the web this makes the whole list void.",
    ),
    Code.SHADOWED: Help(
        Severity.WARNING,
        "another rule lets everything through first",
        "Azure Firewall processes network rules before application rules: this rule decides nothing.",
    ),
    Code.WRONG_PORT: Help(
        Severity.ERROR,
        "the host is allowed on another port or protocol",
        "The destination is listed, but not where the cluster asks for it. A note where it is allowed on a port more.",
    ),
    Code.NEAR_MISS: Help(
        Severity.WARNING,
        "a name that is but a slip away from a rule's",
        "No rule has this name, and a rule has one that differs in a letter or in its separators. It is never mended"
        " by itself: it may be a name of your own.",
    ),
    Code.APEX_OR_WILDCARD: Help(
        Severity.WARNING,
        "the name where the names below it are meant, or the reverse",
        "A wildcard does not let its own domain through, and a name lets nothing below it through.",
    ),
    Code.INVALID_PATTERN: Help(
        Severity.ERROR,
        "a pattern that can never match",
        "The firewall refuses it, or reads it as something that never occurs: the entry lets nothing through.",
    ),
    Code.WRONG_CLOUD: Help(
        Severity.WARNING,
        "a host of another cloud",
        "Azure's clouds are apart: clusters of one never ask for the hosts of another.",
    ),
    Code.WRONG_REGION: Help(
        Severity.WARNING,
        "a host of another region",
        "The cluster asks for the hosts of its own region.",
    ),
    Code.SOME_SOURCES: Help(
        Severity.WARNING,
        "only some of the sources may reach it",
        "Nodes whose subnet is not among the sources of the rule are denied.",
    ),
    Code.INSPECTED: Help(
        Severity.WARNING,
        "TLS is opened where it must not be",
        "The tunnel from the nodes to the API server needs its ALPN unchanged, which TLS inspection does not keep.",
    ),
    Code.NEEDS_DNS_PROXY: Help(
        Severity.WARNING,
        "a host name in a network rule",
        "Azure Firewall resolves it only while the DNS proxy of the policy is on.",
    ),
    Code.REDUNDANT: Help(
        Severity.NOTE,
        "another entry lets it through already",
        "It does no harm, and can be taken out.",
    ),
    Code.SINGLE_INSTANCE: Help(
        Severity.WARNING,
        "one name where the article asks for all below a domain",
        "Such names change: the service picks another, and the cluster is denied.",
    ),
    Code.NOT_AKS: Help(
        Severity.NOTE,
        "no rule of the article explains it",
        "It is for your own workloads, or for nothing. Nothing is said against it.",
    ),
    Code.NOT_NEEDED: Help(
        Severity.NOTE,
        "the article has it, this cluster does not need it",
        "It is of a feature or a circumstance that the profile does not have.",
    ),
    Code.TAG_UNPROVEN: Help(
        Severity.NOTE,
        "a tag may cover it, and nobody can check",
        "Microsoft does not publish what the tag covers for good. A named rule is certain.",
    ),
    Code.UNREAD: Help(
        Severity.NOTE,
        "a part of the list could not be evaluated",
        "It may hold entries. Nothing was concluded from it. A warning where nothing else could be read.",
    ),
}
