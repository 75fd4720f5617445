"""PAN-OS as ``set`` commands: objects, URL categories and security rules, whichever file of the folder has them.

A category takes URLs by tokens: ``*.x`` is names of any depth below, ``^`` one label, ``x`` and ``x/`` the name. The
rules of one folder are one policy: what one file names, another uses. The first rule that matches decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, Place, Reading, Service
from aks_egress_catalog.linting.readers.literals import address_of, form_of, ports_of
from aks_egress_catalog.linting.readers.objects import Named, Objects, SecurityRule, add_rules
from aks_egress_catalog.linting.source import Source

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\[|\]|[^\s\[\]]+')
_COMMAND: Final = re.compile(
    r"^[ \t]*set[ \t]+(?:\S+[ \t]+){0,12}?(?:address|profiles|external-list|rulebase|service)\b", re.MULTILINE
)
_SERVICES: Final = {
    "any": [Service()],
    "application-default": [Service(protocol="TCP", first=80, last=80), Service(protocol="TCP", first=443, last=443)],
    "service-http": [Service(protocol="TCP", first=80, last=80), Service(protocol="TCP", first=8080, last=8080)],
    "service-https": [Service(protocol="TCP", first=443, last=443)],
}
_ROOTS: Final = frozenset(
    ("address", "address-group", "profiles", "external-list", "rulebase", "pre-rulebase", "post-rulebase", "service",
     "service-group", "application-group", "tag")
)  # fmt: skip

Word = tuple[str, Place]


def recognises(source: Source) -> bool:
    """Say whether a file has set commands of objects or rules."""
    return _COMMAND.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read a file of commands, with what the other files of its folder define.

    Where another file of the folder has the rules and this one has none, its objects are theirs.
    """
    found = Reading(path=source.path, format="paloalto")
    configuration = Configuration()
    others = [other for other in source.beside("*.txt", "*.set", "*.conf", "*.cfg") if recognises(other)]
    for other in others:
        configuration.take(other)
    configuration.take(source)
    own = configuration.rules_of(source)
    if not own and configuration.rules:
        found.skipped += 1
        return found
    add_rules(found, configuration.objects, own, policy=source.path)
    return found


class Configuration:
    """What set commands have said so far; each line adds."""

    def __init__(self) -> None:
        self.objects = Objects(services={name: list(some) for name, some in _SERVICES.items()})
        self.rules: dict[str, SecurityRule] = {}
        self.decrypted: dict[str, SecurityRule] = {}
        self._off: dict[str, str] = {}

    def take(self, source: Source) -> None:
        """Read the commands of a file."""
        for words in commands(source):
            self._command(words)

    def rules_of(self, source: Source) -> list[SecurityRule]:
        """The rules that a file says what to do of, in its order.

        A rule that another file only makes, switched off until somebody has looked at it, counts: the file that says
        what it does is what is judged. Ours are written so.
        """
        found = [rule for rule in self.rules.values() if rule.place.path == source.path]
        for rule in found:
            rule.disabled = rule.disabled and self._off.get(rule.name) == source.path
        return sorted(found, key=lambda rule: rule.place.start)

    def _command(self, words: list[Word]) -> None:
        names = [text for text, _ in words]
        root = next((place for place, name in enumerate(names) if name in _ROOTS), None)
        if root is None or len(names) < root + 2:
            return
        kind, rest = names[root], words[root + 1 :]
        if kind == "address":
            self._address(rest)
        elif kind in ("address-group", "service-group"):
            self._group(rest)
        elif kind == "profiles" and rest[0][0] == "custom-url-category":
            self._category(rest[1:])
        elif kind == "external-list":
            self.objects.elsewhere.setdefault(rest[0][0], rest[0][1])
        elif kind == "service":
            self._service([text for text, _ in rest])
        elif kind.endswith("rulebase"):
            self._rule(rest)

    def _address(self, words: list[Word]) -> None:
        if len(words) >= 3 and words[1][0] in ("fqdn", "ip-netmask", "ip-range"):  # noqa: PLR2004  - name, kind, value
            text, place = words[2]
            known = form_of(text)
            form, pattern = known or (Form.NAME, text.lower())
            fault = "an address object of PAN-OS takes no star" if form is Form.NAME and "*" in text else ""
            self.objects.values.setdefault(words[0][0], []).append(Named(text, form, pattern, place, fault))

    def _group(self, words: list[Word]) -> None:
        members = [text for text, _ in words[1:] if text not in ("static", "members", "dynamic")]
        self.objects.groups.setdefault(words[0][0], []).extend(members)

    def _category(self, words: list[Word]) -> None:
        if len(words) >= 3 and words[1][0] == "list":  # noqa: PLR2004  - name, list, a value
            some = self.objects.values.setdefault(words[0][0], [])
            some.extend(category_value(text, place) for text, place in words[2:])

    def _service(self, names: list[str]) -> None:
        if len(names) >= 5 and names[1] == "protocol" and names[3] == "port":  # noqa: PLR2004  - X protocol tcp port N
            self.objects.services.setdefault(names[0], []).extend(services(names[2], ",".join(names[4:])))

    def _rule(self, words: list[Word]) -> None:
        names = [text for text, _ in words]
        if len(names) < 5 or names[1] != "rules":  # noqa: PLR2004  - security rules NAME KEY VALUE
            return
        base, name, key = names[0], names[2], names[3]
        table = self.rules if base == "security" else self.decrypted if base == "decryption" else None
        if table is None:
            return
        rule = table.setdefault(name, SecurityRule(name=name, place=words[2][1]))
        set_of_rule(rule, key, names[4:])
        if key == "action":
            rule.place = words[2][1]
        elif key == "disabled":
            self._off[name] = words[0][1].path if rule.disabled else ""


def set_of_rule(rule: SecurityRule, key: str, values: list[str]) -> None:
    """Set one key of a rule, as commands and XML have it."""
    if key == "destination":
        rule.destinations += values
    elif key == "category":
        rule.categories += values
    elif key == "service":
        rule.services += values
    elif key == "source":
        rule.sources += values
    elif key == "action":
        rule.action = Action.ALLOW if values[0] == "allow" else Action.DENY
    elif key == "disabled":
        rule.disabled = values[0] == "yes"


def category_value(text: str, place: Place) -> Named:
    """One URL of a category; ``^`` is a whole label."""
    bare = text.removesuffix("/").lower()
    if "/" in bare:
        bare = bare.partition("/")[0]
    pattern = ".".join("{*}" if label == "^" else label for label in bare.split("."))
    fault = ""
    if any("*" in label and label != "*" for label in bare.split(".")):
        fault = "in PAN-OS a star is a whole label"
    if bare == "*":
        return Named(text, Form.ANY, "*", place)
    address = address_of(bare)
    if address:
        return Named(text, Form.ADDRESS, address, place)
    return Named(text, Form.NAME, pattern, place, fault)


def services(protocol: str, ports: str) -> Iterator[Service]:
    """The ports of a service object."""
    for part in re.split(r"[,\s]+", ports):
        known = ports_of(part)
        if known:
            yield Service(protocol=protocol.upper(), first=known[0], last=known[1])


def commands(source: Source) -> Iterator[list[Word]]:
    """The set commands of a file as words with their places; brackets are gone, and so are quotes."""
    for start, line in source.lines():
        if not line.lstrip().startswith("set "):
            continue
        words: list[Word] = []
        for found in _TOKEN.finditer(line):
            text = found[0]
            if text in ("[", "]"):
                continue
            quoted = text.startswith('"') and text.endswith('"') and len(text) > 1
            inner = text[1:-1] if quoted else text
            at = start + found.start() + quoted
            words.append((inner, source.place(at, at + len(inner))))
        yield words[1:]
