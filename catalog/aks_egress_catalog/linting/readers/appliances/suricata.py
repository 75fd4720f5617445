"""Suricata rules that pass TLS by its server name or HTTP by its host, as AWS Network Firewall takes them."""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.literals import ports_of, regex_pattern
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "suricata"
_RULE: Final = re.compile(
    r"^[ \t]*(?P<action>pass|drop|reject|alert)[ \t]+(?P<kind>tls|http|tcp|ip|udp)[ \t]+"
    r"\S+[ \t]+\S+[ \t]+[-<]>[ \t]+\S+[ \t]+(?P<port>\S+)[ \t]+\((?P<body>.*)\)[ \t]*$",
    re.MULTILINE,
)
_CONTENT: Final = re.compile(r'\bcontent:\s*"(?P<value>[^"]*)"')
_REGEX: Final = re.compile(r'\bpcre:\s*"/(?P<value>.*?)/[a-zA-Z]*"')
_BUFFER: Final = re.compile(r"\b(?:tls[._]sni|http[._]host)\b")
_APPLICATIONS: Final = {"tls": "HTTPS", "http": "HTTP"}


def recognises(source: Source) -> bool:
    """Say whether a text has rules of Suricata."""
    return _RULE.search(source.text) is not None


def read(source: Source) -> Reading:
    r"""Read the rules that look at a name; those that pass or drop by anything else are counted.

    >>> rule = 'pass tls any any -> any 443 (tls.sni; content:".x.io"; endswith; sid:1;)'
    >>> read(Source("a.rules", rule)).entries[0].pattern
    '*.x.io'
    """
    draft = Draft(source, NAME)
    for order, line in enumerate(_RULE.finditer(source.text)):
        body = line["body"]
        found = _CONTENT.search(body) or _REGEX.search(body)
        if not (found and _BUFFER.search(body)) or line["action"] == "alert":
            draft.reading.skipped += 1
            continue
        start = line.start("body") + found.start("value")
        word = Word(found["value"], start, start + len(found["value"]), source)
        ports = ports_of(line["port"]) or (0, 65535)
        rule = ListRule(
            name=line[0].strip()[:80],
            place=source.place(*line.span()),
            action=Action.ALLOW if line["action"] == "pass" else Action.DENY,
            services=(
                Service(protocol="TCP", first=ports[0], last=ports[1], application=_APPLICATIONS.get(line["kind"], "")),
            ),
            order=(0 if line["action"] == "pass" else 1, order),
        )
        pattern = _pattern(body, found["value"], is_regex=found.re is _REGEX)
        if pattern:
            draft.entry(word, Form.NAME, pattern, rule)
        else:
            draft.unread(word, "this expression was not read")
    return draft.reading


def _pattern(body: str, value: str, *, is_regex: bool) -> str:
    """Write what a rule matches as a host pattern; empty where nobody should try it."""
    if is_regex:
        return regex_pattern(value) or ""
    host = value.lower()
    if "dotprefix" in body and host.startswith("."):
        return host
    first, last = re.search(r"\bstartswith\b", body), re.search(r"\bendswith\b", body)
    if host.startswith(".") and last:
        return f"*{host}"
    return f"{'' if first else '*'}{host}{'' if last else '*'}"
