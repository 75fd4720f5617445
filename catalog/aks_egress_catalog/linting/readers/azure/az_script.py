"""Scripts with ``az network firewall …`` in, entries out: classic rules and those of policies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.entry import Action, Layer, Place, Policy, Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.find import read_rules
from aks_egress_catalog.linting.readers.azure_rules.keys import VALUES
from aks_egress_catalog.linting.readers.azure_rules.surroundings import Surroundings, action_of, reference
from aks_egress_catalog.linting.readers.syntax.positions import Positions
from aks_egress_catalog.linting.readers.syntax.shell import Word, commands
from aks_egress_catalog.linting.readers.syntax.shell_values import ShellValues
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Items, Table, Text, fold

NAME: Final = "az-script"

_COMMAND: Final = re.compile(r"^(?![ \t]*(?:#|//)).*\baz(?:\.cmd)?\s+network\s+firewall\b", re.MULTILINE)
_NO_SCRIPTS: Final = (".tf", ".tfvars", ".bicep", ".bicepparam", ".json")
_POWERSHELL: Final = re.compile(r"\bNew-AzFirewall(?:Policy)?(?:Application|Network)Rule\b", re.IGNORECASE)
_WITHIN: Final = re.compile(
    r"(?:\$\(|`)\s*(az(?:\.cmd)?\s+network\s+firewall\s+(?:(?:application|network)-rule\s+create"
    r"|policy\s+rule-collection-group\s+collection\s+(?:add-filter-collection|rule\s+add)))\b"
)
_SHORT: Final = {"n": "name", "g": "resource_group", "f": "firewall_name", "c": "collection_name"}
_ALIASES: Final = {"dest_addr": "destination_addresses", "dest_ipg": "destination_ip_groups"}
_LARGEST: Final = 2_000_000
_TRUE: Final = ("true", "1", "yes", "")
_OF_RULE: Final = frozenset(
    (*VALUES, "sourceaddresses", "sourceipgroups", "protocols", "ipprotocols", "destinationports", "destports")
)


def recognises(source: Source) -> bool:
    """Say whether a text is a script that makes rules of a firewall.

    >>> recognises(Source("-", "az network firewall application-rule create -g rg"))
    True
    """
    if source.path.lower().endswith(_NO_SCRIPTS):
        return False
    return _COMMAND.search(source.text) is not None or _POWERSHELL.search(source.text) is not None


@dataclass(slots=True)
class _Arguments:
    """A command after ``az network``: its words, and its options by name, with their values."""

    words: tuple[str, ...]
    place: Place
    options: dict[str, list[Text]] = field(default_factory=dict)

    def one(self, *names: str) -> Text | None:
        """Return the value of an option, by any of its names."""
        return next((self.options[name][0] for name in names if self.options.get(name)), None)

    def text(self, *names: str) -> str:
        """Return the same as what it refers to; empty, where it is not given."""
        found = self.one(*names)
        return reference(found) if found else ""

    def number(self, *names: str) -> int | None:
        """Return the same as a number; None, where it is none."""
        text = self.text(*names)
        return int(text) if text.isascii() and text.isdecimal() else None


@dataclass(slots=True)
class _Collection:
    """What an earlier command said of a collection, which later rules of it do not say again."""

    priority: int = 0
    action: Action | None = Action.ALLOW


def read(source: Source) -> Reading:
    """Read one script."""
    reading = Reading(path=source.path, format=NAME)
    positions = Positions(source.path, source.text)
    script = _Script(reading, positions)
    if len(source.text) > _LARGEST:
        message = f"a script of more than {_LARGEST:,} characters is not read"
        reading.unread.append(Unread(place=positions.place(0, 0), message=message))
        return reading
    for words in commands(source.text):
        if not script.variables.assign(words):
            script.command(words)
    notes = (
        (_POWERSHELL, 0, "rules that Az PowerShell makes are not read"),
        (_WITHIN, 1, "a rule made within another command is not read"),
    )
    for pattern, group, message in notes:
        for found in pattern.finditer(source.text):
            place = positions.place(*found.span(group))
            reading.unread.append(Unread(place=place, message=message, value=found[group]))
    return reading


class _Script:
    def __init__(self, reading: Reading, positions: Positions) -> None:
        self.variables = ShellValues(positions)
        self._reading = reading
        self._positions = positions
        self._collections: dict[tuple[str, str, str], _Collection] = {}
        self._groups: dict[tuple[str, str], int] = {}

    def command(self, words: list[Word]) -> None:
        """Take one command in."""
        texts = [one.plain for one in words]
        starts = [n for n in range(len(texts)) if texts[n] in ("az", "az.cmd") and texts[n + 1 : n + 2] == ["network"]]
        if not starts or len(words) < starts[0] + 3:
            return
        arguments = self._arguments(words[starts[0] + 2 :])
        said = " ".join(arguments.words)
        if said.startswith("nsg rule") or "nat-rule create" in said or "add-nat-collection" in said:
            self._reading.skipped += 1
        elif re.fullmatch(r"firewall (?:application|network)-rule create", said):
            self._classic_rule(arguments)
        elif re.fullmatch(r"firewall policy rule-collection-group (?:create|update)", said):
            key = arguments.text("policy_name"), arguments.text("name")
            self._groups[key] = arguments.number("priority") or self._groups.get(key, 0)
        elif said.endswith(("collection add-filter-collection", "collection rule add")):
            self._policy_rule(arguments, is_collection=said.endswith("add-filter-collection"))
        elif re.fullmatch(r"firewall (?:policy )?(?:create|update)", said):
            self._policy(arguments)

    def _arguments(self, words: list[Word]) -> _Arguments:
        first, last = words[0], words[-1]
        found = _Arguments((), self._positions.place(first.start, last.end))
        name = ""
        for word in words:
            text = word.plain or ""
            option = re.match(r"--?([A-Za-z][\w-]*)(=?)", text) if not word.is_quoted else None
            if option is None and name:
                found.options[name] += self.variables.values(word)
            elif option is None:
                found.words += (text,)
            else:
                name = option[1].replace("-", "_")
                name = _ALIASES.get(name, _SHORT.get(name, name))
                found.options.setdefault(name, [])
                if option[2]:
                    rest = Word(word.start + option.end(), word.end, [text[option.end() :]])
                    found.options[name] += self.variables.values(rest)
        return found

    def _classic_rule(self, arguments: _Arguments) -> None:
        firewall, collection = arguments.text("firewall_name"), arguments.text("collection_name")
        known = self._collection(arguments, (firewall, "", collection), "priority")
        layer = Layer.NETWORK if "network-rule" in arguments.words else Layer.APPLICATION
        around = Surroundings(
            policy=firewall,
            collection=collection,
            priorities=(known.priority,),
            action=known.action,
            layer=layer,
            in_firewall=True,
        )
        self._rule(arguments, around, arguments.one("name"))

    def _policy_rule(self, arguments: _Arguments, *, is_collection: bool) -> None:
        policy, group = arguments.text("policy_name"), arguments.text("rcg_name", "rule_collection_group_name")
        collection = arguments.text("name" if is_collection else "collection_name")
        known = self._collection(arguments, (policy, group, collection), "collection_priority")
        kind = arguments.text("rule_type").lower()
        if kind == "natrule":
            self._reading.skipped += 1
            return
        layers = {"networkrule": Layer.NETWORK, "applicationrule": Layer.APPLICATION}
        around = Surroundings(
            policy=policy,
            collection=collection,
            priorities=(self._groups.get((policy, group), 0), known.priority),
            action=known.action,
            layer=layers.get(kind),
            in_firewall=True,
        )
        self._rule(arguments, around, arguments.one("rule_name" if is_collection else "name"))

    def _collection(self, arguments: _Arguments, key: tuple[str, str, str], priority: str) -> _Collection:
        known = self._collections.setdefault(key, _Collection())
        known.priority = arguments.number(priority) or known.priority
        action = arguments.one("action")
        known.action = action_of(action, known.action) if action else known.action
        return known

    def _rule(self, arguments: _Arguments, around: Surroundings, name: Text | None) -> None:
        place = arguments.place
        pairs: list[tuple[Text, Items | Text]] = [] if name is None else [(Text(value="name", place=place), name)]
        for option, values in arguments.options.items():
            key = Text(value=option, place=place)
            if fold(option) in _OF_RULE and values:
                pairs.append((key, Items(items=tuple(values), place=values[0].place, is_literal=False)))
            elif option.startswith("enable_tls") and (not values or values[0].value.lower() in _TRUE):
                pairs.append((Text(value="terminate_tls", place=place), Text(value="true", place=place)))
        read_rules(Table(pairs=tuple(pairs), place=place), self._reading, around=around)

    def _policy(self, arguments: _Arguments) -> None:
        proxy = arguments.options.get("enable_dns_proxy")
        name, parent = arguments.text("name"), arguments.text("base_policy")
        if proxy is None and not parent and "policy" not in arguments.words:
            return
        is_proxy = None if proxy is None else (proxy[0].value.lower() if proxy else "") in _TRUE
        self._reading.policies.append(Policy(name=name, place=arguments.place, parent=parent, dns_proxy=is_proxy))
