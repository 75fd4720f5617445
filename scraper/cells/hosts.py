"""The grammar of host patterns: what a FQDN of the page may look like, and what it may never be."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import idna

from scraper.findings import Reporter
from scraper.page.marks import show

PLACEHOLDERS: Final = {
    "location": "region",
    "region": "region",
    "cluster-region-name": "region",
    "guid": "guid",
}
"""The placeholders that the page uses, by the name that the catalog gives them."""
SPLIT_STAR: Final = re.compile(r"\*\. +(?=[\w<{])")
"""A slip of the page: ``*. x`` for ``*.x``."""
_TOP_LEVELS: Final = frozenset(
    (
        "com", "net", "org", "io", "us", "cn", "gov", "mil", "edu", "info", "biz", "dev", "app", "cloud", "azure",
        "microsoft", "windows", "ms", "ai", "co", "eu", "de", "uk", "fr", "jp", "kr", "in", "br", "it", "es", "pl",
        "cz", "se", "nl", "hu", "tr", "ru", "bg", "tv", "me",
    )
)  # fmt: skip
"""Top-level domains that make a dotted word a host; another one makes it a question."""
_CAPITALS: Final = re.compile(
    r"\$\{?(\w[\w-]*)\}?(?=\.\w)|(?<![\w<{])(CLUSTER-REGION-NAME|[A-Z]*(?:REGION|LOCATION))(?=\.\w)"
)
"""A name to fill in that has no brackets around it: ``REGION.contoso.com``, ``$name.contoso.com``."""
_PLACEHOLDER: Final = re.compile(r"<([^<>]*)>|\{([^{}]*)\}")
_PIECE: Final = r"(?:[a-z0-9*]|\{[a-z0-9-]+\})"
_LABEL: Final = re.compile(rf"{_PIECE}(?:(?:{_PIECE}|-)*{_PIECE})?\Z")
_TOP_LEVEL: Final = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]+)\Z")
_TAG_LIKE: Final = re.compile(r"[A-Z][A-Za-z0-9]*\.[A-Za-z][A-Za-z0-9]*\Z")
_LABEL_MAX: Final = 63
_HOST_MAX: Final = 253


@lru_cache(maxsize=4096)
def host_fault(host: str) -> str:
    """Describe what is wrong with a host pattern; empty for a sound one. A label may hold stars and ``{names}``.

    >>> host_fault("*.hcp.{region}.azmk8s.io")
    ''
    >>> host_fault("*.com")
    'it would take in a whole top-level domain, or is a single label'
    """
    labels = host.split(".")
    if "" in labels:
        return "it has an empty label"
    if len(host) > _HOST_MAX or any(len(label) > _LABEL_MAX for label in labels):
        return "it is too long for a DNS name"
    if len(labels) == 1 or not re.search(r"[a-z0-9]", re.sub(r"\{[^}]*\}", "", ".".join(labels[:-1]))):
        return "it would take in a whole top-level domain, or is a single label"
    if "**" in host:
        return "two stars in a row mean nothing that is known"
    if labels[-2] == "*":
        return "two labels or more must stay literal"
    if not _TOP_LEVEL.match(labels[-1]):
        return f"{labels[-1]!r} cannot be a top-level domain"
    return next((fault for fault in map(_label_fault, labels) if fault), "")


def _label_fault(label: str) -> str:
    if not _LABEL.match(label):
        return f"the label {label!r} is not made of letters, digits and inner hyphens"
    try:
        idna.encode(re.sub(r"\{[^}]*\}|\*", "x", label))
    except idna.IDNAError as error:
        return f"the label {label!r} is refused by IDNA: {error}"
    return ""


def in_known_domain(host: str) -> bool:
    """Whether a dotted word ends in a top-level domain of the article's world."""
    return host.rpartition(".")[2] in _TOP_LEVELS


def looks_like_a_tag(value: str) -> bool:
    """Whether a value that no label calls a service tag is written like one, and not like a host.

    >>> looks_like_a_tag("AzureMonitor.WestEurope"), looks_like_a_tag("Storage.westus"), looks_like_a_tag("GitHub.com")
    (True, True, False)
    """
    return bool(_TAG_LIKE.match(value)) and not in_known_domain(value.lower())


def with_placeholders(text: str) -> str:
    """Write a placeholder in capitals, or behind a dollar, as the page writes the others.

    >>> with_placeholders("REGION.contoso.com or $name.contoso.com")
    '<REGION>.contoso.com or <name>.contoso.com'
    """
    return _CAPITALS.sub(lambda name: f"<{name[1] or name[2]}>", text)


def fill_placeholders(value: str, report: Reporter) -> str:
    """Write ``<location>`` as ``{region}``; a placeholder that is not known is kept, and held."""

    def fill(match: re.Match[str]) -> str:
        name = (match.group(1) or match.group(2) or "").strip().lower()
        if name not in PLACEHOLDERS:
            report.hold("unknown-placeholder", f"the placeholder <{name}> in {show(value)} is not known")
        return "{" + PLACEHOLDERS.get(name, re.sub(r"[^a-z0-9]+", "-", name).strip("-")) + "}"

    return _PLACEHOLDER.sub(fill, with_placeholders(value))
