"""The objects and rules of PAN-OS, from settings in any order: groups opened, names looked up where the rule stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.entry import Form
from aks_egress_catalog.linting.readers.appliances.target import Target
from aks_egress_catalog.linting.readers.literals import address_form, host_fault
from aks_egress_catalog.linting.readers.words import Word, words
from aks_egress_catalog.linting.source import Source

Settings = dict[str, list[list[Word]]]
"""By the first word of a setting the rest of it, each time that it is set."""

_PLACES: Final = frozenset(("device-group", "vsys", "template", "template-stack"))
_PREFIXES: Final = frozenset(("shared", "config", "panorama", "response", "result", "predefined"))
_PHASES: Final = {"pre-rulebase": 0, "rulebase": 1, "post-rulebase": 2}
_KINDS: Final = frozenset(
    ("address", "address-group", "service", "service-group", "application-group", "external-list")
)
_DEEPEST: Final = 20
"""So deep may groups lie in groups."""
_ADDRESS_TYPES: Final = frozenset(("ip-netmask", "ip-range", "fqdn", "ip-wildcard"))


@dataclass(kw_only=True, slots=True)
class PanRule:
    """A rule of a rulebase."""

    name: Word
    location: str
    phase: int
    settings: Settings = field(default_factory=dict)

    def of(self, name: str) -> list[Word]:
        """Return the values of a setting."""
        return [word for values in self.settings.get(name, ()) for word in members(values)]

    def is_set(self, name: str, value: str) -> bool:
        """Say whether a setting has a value: the last one counts."""
        return [word.text for word in self.of(name)[-1:]] == [value]

    def is_under(self, name: str, word: Word) -> bool:
        """Say whether a word of ``profile-setting`` stands under a name."""
        return any(
            name in (other.text for other in values) and word in values and word.text != name
            for values in self.settings.get("profile-setting", ())
        )

    @property
    def action(self) -> Word | None:
        """The word that says what the rule does."""
        return next(reversed(self.of("action")), None)

    @property
    def is_disabled(self) -> bool:
        """Whether the rule does nothing."""
        return self.is_set("disabled", "yes")


class Config:
    """What the settings of one or more files add up to."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], Settings] = {}
        """By kind, location and name."""
        self.rules: dict[tuple[str, int, str], PanRule] = {}
        self._decryption: dict[tuple[str, int, str], PanRule] = {}
        self.skipped = 0
        self.lists: dict[str, Source] = {}
        """By the name of an external list the file beside that it loads, where one is there."""

    def add_all(self, settings: Iterable[list[Word]]) -> None:
        """Take settings in."""
        for setting in settings:
            location, rest = _located(setting)
            texts = [word.text for word in rest[:3]]
            if texts[:1] == ["profiles"] and texts[1:2] == ["custom-url-category"]:
                rest = rest[1:]
                texts = ["custom-url-category"]
            if (
                texts
                and texts[0] in _PHASES
                and texts[1:2] in (["security"], ["decryption"])
                and texts[2:] == ["rules"]
            ):
                self._add_rule(location, rest)
            elif texts and texts[0] in (*_KINDS, "custom-url-category") and len(rest) > 2:
                values = self.objects.setdefault((texts[0], location, rest[1].text), {})
                values.setdefault(rest[2].text, []).append(rest[3:])
            else:
                self.skipped += 1

    def _add_rule(self, location: str, setting: list[Word]) -> None:
        if len(setting) < 5:
            return
        is_security = setting[1].text == "security"
        phase, name = _PHASES[setting[0].text], setting[3]
        rules = self.rules if is_security else self._decryption
        rule = rules.setdefault((location, phase, name.text), PanRule(name=name, location=location, phase=phase))
        rule.settings.setdefault(setting[4].text, []).append(setting[5:])

    @property
    def has_actions(self) -> bool:
        """Whether a security rule here says what it does."""
        return any(rule.action for rule in self.rules.values())

    def lacks_objects(self) -> bool:
        """Say whether a rule names what no object here is."""
        known = {name for _, _, name in self.objects} | {"any", "application-default", "service-http", "service-https"}
        rules = (*self.rules.values(), *self._decryption.values())
        named = (word for rule in rules for name in ("category", "destination", "service") for word in rule.of(name))
        return any(word.text not in known and address_form(word.text) is None for word in named)

    def take_objects(self, other: Config) -> None:
        """Take the objects of another file; those of this one come first."""
        self.objects = {**other.objects, **self.objects}

    def in_order(self) -> list[PanRule]:
        """Return the security rules as PAN-OS walks them."""
        return sorted(self.rules.values(), key=lambda rule: rule.phase)

    def decryption(self) -> Iterator[PanRule]:
        """Yield the decryption rules that are on."""
        rules = sorted(self._decryption.values(), key=lambda rule: rule.phase)
        return (rule for rule in rules if not rule.is_disabled)

    def find(self, kind: str, name: str, location: str) -> Settings | None:
        """Look an object up: where the rule stands, in what is shared, anywhere."""
        for place in (location, ""):
            if (kind, place, name) in self.objects:
                return self.objects[kind, place, name]
        return next(
            (found for (other, _, named), found in self.objects.items() if (other, named) == (kind, name)), None
        )

    def is_known(self, name: str) -> bool:
        """Say whether an object has a name, though there may be nothing in it."""
        return any(named == name for _, _, named in self.objects)

    def category(self, word: Word, location: str) -> Iterator[Target]:
        """Yield the URLs of a category that a rule names; one that is defined nowhere here is a list elsewhere."""
        found = self.find("custom-url-category", word.text, location)
        if found is None and word.text in self.lists:
            yield from self._external(word.text)
        elif found is None:
            yield Target(word=word, form=Form.ELSEWHERE, pattern=word.text, owner=word.text)
            return
        for values in (found or {}).get("list", ()):
            for url in members(values):
                yield url_target(url, word.text)

    def _external(self, name: str) -> Iterator[Target]:
        """Yield the lines of an external list that lies beside."""
        source = self.lists[name]
        for start, line in source.lines():
            word = next(words(source, start, line), None)
            known = address_form(word.text) if word else None
            if word and known:
                yield Target(word=word, form=known[0], pattern=known[1], owner=name)
            elif word:
                yield url_target(word, name)

    def take_lists(self, source: Source) -> list[str]:
        """Find the files that external lists load, by the last part of their addresses; return their paths."""
        for (kind, _, name), found in self.objects.items():
            urls = [word.text for each in found.values() for values in each for word in values if "://" in word.text]
            file = urls[0].split("?")[0].rpartition("/")[2] if kind == "external-list" and urls else ""
            beside = next(source.beside(file), None) if file and not set("*?[") & set(file) else None
            if beside:
                self.lists[name] = beside
        return [one.path for name, one in self.lists.items() if self._is_used(name)]

    def _is_used(self, name: str) -> bool:
        rules = (*self.rules.values(), *self._decryption.values())
        return any(word.text == name for rule in rules for key in ("category", "destination") for word in rule.of(key))

    def destination(self, word: Word, location: str, depth: int = 0) -> Iterator[Target]:
        """Yield the addresses that a name stands for, or the address that it is."""
        group = self.find("address-group", word.text, location)
        found = self.find("address", word.text, location)
        literal = address_form(word.text)
        if found is not None:
            yield from _addresses(found, word.text)
        elif group is not None and depth < _DEEPEST:
            for values in group.get("static", ()):
                for member in members(values):
                    yield from self.destination(member, location, depth + 1)
            for values in group.get("dynamic", ()):
                yield Target(word=(values or [word])[-1], form=Form.ELSEWHERE, pattern=word.text, owner=word.text)
        elif literal:
            yield Target(word=word, form=literal[0], pattern=literal[1])
        elif word.text in self.lists:
            yield from self._external(word.text)
        elif self.find("external-list", word.text, location) is not None:
            yield Target(word=word, form=Form.ELSEWHERE, pattern=word.text, owner=word.text)

    def all_targets(self) -> Iterator[Target]:
        """Yield what all objects name."""
        for (kind, _, name), found in self.objects.items():
            if kind == "address":
                yield from _addresses(found, name)
            elif kind == "custom-url-category":
                yield from (url_target(url, name) for values in found.get("list", ()) for url in members(values))
            elif kind == "external-list":
                values = next((values for each in found.values() for values in each if values), [])
                yield from (Target(word=word, form=Form.ELSEWHERE, pattern=name, owner=name) for word in values[:1])


def members(values: list[Word]) -> list[Word]:
    """Return the values of a list, which may stand in brackets."""
    return [word for word in values if word.quoted or word.text not in ("[", "]")]


def _located(setting: list[Word]) -> tuple[str, list[Word]]:
    """Part a setting from where it holds: ``device-group X``, ``vsys X``; empty for what is shared."""
    place, at = "", 0
    while at < len(setting):
        text = setting[at].text
        if text in _PLACES and at + 2 < len(setting):
            place, at = f"{text} {setting[at + 1].text}", at + 2
        elif text == "devices" and at + 2 < len(setting):
            at += 2
        elif text in _PREFIXES:
            at += 1
        else:
            break
    return place, setting[at:]


def _addresses(found: Settings, owner: str) -> Iterator[Target]:
    for kind in _ADDRESS_TYPES & found.keys():
        for values in found[kind]:
            for word in values[:1]:
                known = address_form(word.text) if kind != "fqdn" else None
                if known:
                    yield Target(word=word, form=known[0], pattern=known[1], owner=owner)
                elif kind == "fqdn":
                    fault = "an address object takes no wildcard" if "*" in word.text else host_fault(word.text)
                    yield Target(word=word, form=Form.NAME, pattern=word.text.lower(), owner=owner, fault=fault)
                else:
                    yield Target(word=word, form=Form.ELSEWHERE, pattern=word.text, owner=owner)


def url_target(word: Word, owner: str = "") -> Target:
    """Read an entry of a URL category or list: ``*`` is one label or more, ``^`` is one, what is behind ``/`` a path.

    >>> from aks_egress_catalog.linting.source import Source
    >>> url_target(Word("*.dp.^.x.io/", 0, 12, Source("a", ""))).pattern
    '*.dp.{*}.x.io'
    """
    scheme, _, rest = word.text.rpartition("://")
    host, _, path = rest.partition("/")
    labels = host.lower().split(".")
    pattern = ".".join("{*}" if label == "^" else label for label in labels)
    known = address_form(host)
    if known:
        return Target(word=word, form=known[0], pattern=known[1], owner=owner)
    fault = host_fault(".".join("x" if label in ("^", "*") else label for label in labels))
    if host == "*":
        return Target(word=word, form=Form.ANY, pattern="*", owner=owner)
    if scheme:
        fault = "PAN-OS takes no scheme before the host"
    elif not labels[0]:
        fault = "it has an empty label"
    elif any(set("*^") & set(label) and len(label) > 1 for label in labels):
        fault = "a wildcard of PAN-OS is a whole label, not a part of one"
    elif path:
        fault = "it has a path, of which a firewall sees nothing in TLS that it does not open"
    return Target(word=word, form=Form.NAME, pattern=pattern, owner=owner, fault=fault)
