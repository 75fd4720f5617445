"""Firewalls that take commands, one at a time, as their vendors describe it; written without a look at our writers.

Each is told files in the order in which the documents say, and after each command says what passes: pairs of a
destination and a port, such as ``("mcr.microsoft.com", "tcp-443")``. ``AnyDestination`` is everywhere.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

import yaml

Passed = frozenset[tuple[str, str]]
Files = Mapping[str, str]


class Target(Protocol):
    """One firewall. ``initial`` are the files of an export, the others those of a change, each in order."""

    initial: tuple[str, ...]
    additions: tuple[str, ...]
    removals: tuple[str, ...]

    def take(self, files: Files, *names: str) -> Iterator[Passed]:
        """Run the commands of files, and say what passes after each."""

    def settings(self) -> Any:
        """All that is configured, to be compared."""


class FortiOS:
    """``edit`` makes or opens an object, ``set`` replaces a setting; nothing that is referred to can be deleted.

    Policies are found by hand, by their names, as the comments say. Whoever pastes one switches it on at once.
    """

    initial: tuple[str, ...] = ("aks-egress.conf", "policies.conf")
    additions: tuple[str, ...] = ("changes.conf", "policies.conf")
    removals: tuple[str, ...] = ("deletes.conf",)

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict[str, list[str]]]] = {}
        self.table: dict[str, dict[str, list[str]]] = {}
        self.opened: dict[str, list[str]] = {}

    def take(self, files: Files, *names: str) -> Iterator[Passed]:
        for name in names:
            yield from self._run(files.get(name, ""))

    def _run(self, text: str) -> Iterator[Passed]:
        for line in text.splitlines():
            if line.startswith("#"):
                self._by_hand(line)
                yield self.passes()
            elif self._command(*shlex.split(line)):
                yield self.passes()

    def _command(self, verb: str, *words: str) -> bool:
        """Run one command; says whether something may have come into force."""
        match verb, words:
            case "config", path:
                self.table = self.tables.setdefault(" ".join(path), {})
            case "edit", [name]:
                self.opened = {} if name == "0" else self.table.setdefault(name, {})
            case "set", ["name", name]:
                assert name not in self.table, "names of policies are unique"
                self.table[name] = self.opened
            case "set", [key, *values]:
                assert all(self._is_known(key, value) for value in values), f"{key} {values}: no such object"
                self.opened[key] = values
            case "delete", [name]:
                del self.table[name]
                assert all(self._is_known(key, value) for key, value in self._references()), f"{name} is referred to"
            case _:
                assert verb in ("next", "end"), verb
        return verb in ("next", "delete")

    def _by_hand(self, line: str) -> None:
        policies = self._of("firewall policy")
        if deleted := re.fullmatch(r'# Delete the policy "(.+)"\.', line):
            del policies[deleted[1]]
        elif changed := re.fullmatch(r'# Change the policy "(.+)": (?:unset (\S+)|set (\S+) (.+))', line):
            policy = policies[changed[1]]
            if changed[2]:
                del policy[changed[2]]
            else:
                policy[changed[3]] = shlex.split(changed[4])
                assert all(self._is_known(changed[3], value) for value in policy[changed[3]]), line

    def _is_known(self, key: str, value: str) -> bool:
        places = {
            "member": ("firewall address", "firewall address6", "firewall addrgrp", "firewall addrgrp6"),
            "dstaddr": ("firewall address", "firewall addrgrp"),
            "dstaddr6": ("firewall address6", "firewall addrgrp6"),
            "service": ("firewall service custom",),
        }.get(key)
        built_in = value in ("all", "ALL")
        return places is None or built_in or any(value in self.tables.get(table, {}) for table in places)

    def _references(self) -> Iterator[tuple[str, str]]:
        for table in ("firewall addrgrp", "firewall addrgrp6", "firewall policy"):
            for found in self._of(table).values():
                yield from ((key, value) for key, values in found.items() for value in values)

    def _of(self, table: str) -> dict[str, dict[str, list[str]]]:
        return self.tables.get(table, {})

    def passes(self) -> Passed:
        found = set()
        for policy in self._of("firewall policy").values():
            (service,) = policy["service"]
            ((kind, (number,)),) = (
                self._of("firewall service custom")[service].items() if service != "ALL" else (("any", ("",)),)
            )
            port = "any" if service == "ALL" else f"{kind.removesuffix('-portrange')}-{number}"
            for key, six in (("dstaddr", ""), ("dstaddr6", "6")):
                found |= {(value, port) for name in policy.get(key, ()) for value in self._values(name, six)}
        return frozenset(found)

    def _values(self, name: str, six: str) -> Iterator[str]:
        if name == "all":
            yield "*"
        elif name in self._of(f"firewall addrgrp{six}"):
            for member in self._of(f"firewall addrgrp{six}")[name]["member"]:
                yield from self._values(member, six)
        else:
            found = self._of(f"firewall address{six}")[name]
            yield " ".join(found.get("fqdn") or found.get("subnet") or found["ip6"])

    def settings(self) -> Any:
        return {table: found for table, found in self.tables.items() if found}


class PanOS:
    """``set`` adds to what has many values and replaces what has one; nothing that is referred to can be deleted."""

    initial: tuple[str, ...] = ("objects.txt", "new-rules.txt", "rules.txt")
    additions: tuple[str, ...] = initial
    removals: tuple[str, ...] = ("deletes.txt",)
    _LINE: Final = re.compile(
        r"(set|delete) (tag|address-group|address|service|profiles custom-url-category|rulebase \w+ rules) (\S+)"
        r'(?: (.+?) ("[^"]*"|\S+))?'
    )
    _MANY: Final = ("list", "static")
    _NAMED_IN: Final = {
        "address": "static",
        "address-group": "destination",
        "service": "service",
        "profiles custom-url-category": "category",
    }
    """In which settings objects of a kind are referred to: kinds have names of their own."""

    def __init__(self) -> None:
        self.config: dict[tuple[str, str], dict[str, set[str]]] = {}

    def take(self, files: Files, *names: str) -> Iterator[Passed]:
        for name in names:
            for line in files.get(name, "").splitlines():
                if not line.startswith("# "):
                    self._run(line)
                    yield self.passes()

    def _run(self, line: str) -> None:
        read = self._LINE.fullmatch(line)
        assert read, line
        verb, what, name, key, value = read.groups()
        if verb == "set":
            had = self.config.setdefault((what, name), {})
            had[key] = {*had.get(key, ()), value} if key in self._MANY else {value}
        elif key:
            self.config[what, name][key].remove(value)
        else:
            del self.config[what, name]
            named = (rule.get(self._NAMED_IN.get(what, ""), ()) for rule in self.config.values())
            assert name not in {value for values in named for value in values}, line

    def passes(self) -> Passed:
        found = set()
        for (what, _), rule in self.config.items():
            if what == "rulebase security rules" and {"action", "service", "destination"} <= rule.keys():
                (service,), (destination,) = rule["service"], rule["destination"]
                port = "any" if service == "any" else next(iter(self.config["service", service].items()))
                shown = port if port == "any" else f"{port[0].split()[1]}-{next(iter(port[1]))}"
                found |= {(value, shown) for value in self._values(rule.get("category", set()), destination)}
        return frozenset(found)

    def _values(self, category: set[str], destination: str) -> Iterator[str]:
        for name in category:
            yield from self.config["profiles custom-url-category", name].get("list", ())
        if destination == "any":
            yield from () if category else ("*",)
            return
        for member in self.config["address-group", destination].get("static", ()):
            settings = self.config["address", member]
            (value,) = settings.get("ip-netmask") or settings["fqdn"]
            yield value

    def settings(self) -> Any:
        return {place: {key: each for key, each in found.items() if each} for place, found in self.config.items()}


class AzureCli:
    """The commands that a real shell makes of a script, each as Azure carries it out."""

    initial: tuple[str, ...] = ("aks-egress.sh",)
    additions: tuple[str, ...] = ("changes.sh",)
    removals: tuple[str, ...] = ()
    _RECORDER: Final = r'az() { printf "%s\0" "$@"; printf "\n\0"; }; set -- group policy'
    _PORTS: Final = ("--protocols", "--ip-protocols", "--destination-ports")
    _VALUES: Final = ("--target-fqdns", "--fqdn-tags", "--destination-addresses", "--destination-fqdns")

    def __init__(self) -> None:
        self.collections: dict[str, dict[str, dict[str, list[str]]]] = {}
        self.priorities: dict[str, list[str]] = {}

    def take(self, files: Files, *names: str) -> Iterator[Passed]:
        for name in names:
            command = ["/bin/sh", "-c", f"{self._RECORDER}\n{files[name]}"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            for words in done.stdout.split("\n\0")[:-1]:
                self._run(words.removesuffix("\0").split("\0"))
                yield self.passes()

    def _run(self, words: list[str]) -> None:
        named: dict[str, list[str]] = {"": []}
        name = ""
        for word in words:
            if word.startswith("--"):
                name = word
                named[name] = []
            else:
                named[name].append(word)
        assert named.get("--policy-name") == ["policy"]
        match named[""]:
            case ["network", "firewall", "policy", "rule-collection-group", "show"]:
                return
            case ["network", "firewall", "policy", "rule-collection-group", "collection", *verb]:
                self._collection(" ".join(verb), named)
            case other:
                raise AssertionError(other)

    def _collection(self, verb: str, named: dict[str, list[str]]) -> None:
        (name,) = named.get("--collection-name", named["--name"])
        rule = {key: each for key, each in named.items() if key in (*self._VALUES, *self._PORTS, "--description")}
        if verb == "add-filter-collection":
            assert name not in self.collections
            self.collections[name] = {named["--rule-name"][0]: rule}
            self.priorities[name] = named["--collection-priority"] + named["--action"]
        elif verb == "remove":
            del self.collections[name], self.priorities[name]
        elif verb == "rule remove":
            del self.collections[name][named["--name"][0]]
            assert self.collections[name], "a collection has a rule at least"
        else:
            assert (named["--name"][0] in self.collections[name]) == (verb == "rule update"), verb
            self.collections[name][named["--name"][0]] = rule

    def passes(self) -> Passed:
        return frozenset(
            (value, " ".join(each for key in self._PORTS for each in rule.get(key, ())))
            for rules in self.collections.values()
            for rule in rules.values()
            for key in self._VALUES
            for value in rule.get(key, ())
        )

    def settings(self) -> Any:
        return self.collections, self.priorities


class Cilium:
    """``kubectl apply`` of each document in turn, and ``kubectl delete``."""

    initial: tuple[str, ...] = ("cilium.yaml",)
    additions: tuple[str, ...] = ("apply.yaml",)
    removals: tuple[str, ...] = ("shrink.yaml", "delete.yaml")

    def __init__(self) -> None:
        self.policies: dict[tuple[str, str], Any] = {}

    def take(self, files: Files, *names: str) -> Iterator[Passed]:
        for name in names:
            for one in yaml.load_all(files.get(name, ""), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                if one:
                    key = one["kind"], one["metadata"]["name"]
                    if name == "delete.yaml":
                        del self.policies[key]
                    else:
                        self.policies[key] = one
                    yield self.passes()

    def passes(self) -> Passed:
        return frozenset(
            (f"{value} for {one['metadata'].get('namespace', 'all')}", f"{port['protocol']} {port['port']}")
            for one in self.policies.values()
            for rule in one["spec"]["egress"]
            for port in [each for entry in rule.get("toPorts", ()) for each in entry["ports"]] or [_ANY_PORT]
            for value in (*(str(each) for each in rule.get("toFQDNs", ())), *rule.get("toCIDR", ()))
        )

    def settings(self) -> Any:
        return self.policies


_ANY_PORT: Final = {"protocol": "any", "port": "any"}


class Zscaler:
    """A category: URLs are added to it, then removed from it."""

    initial: tuple[str, ...] = ("zscaler-urls.txt",)
    additions: tuple[str, ...] = ("add-urls.txt",)
    removals: tuple[str, ...] = ("remove-urls.txt",)

    def __init__(self) -> None:
        self.urls: set[str] = set()

    def take(self, files: Files, *names: str) -> Iterator[Passed]:
        for name in names:
            for url in files.get(name, "").splitlines():
                if name == "remove-urls.txt":
                    self.urls.remove(url)
                else:
                    self.urls.add(url)
                yield self.passes()

    def passes(self) -> Passed:
        return frozenset((url, "any") for url in self.urls)

    def settings(self) -> Any:
        return self.urls


TARGETS: Final[dict[str, type[Target]]] = {
    "fortigate": FortiOS,
    "paloalto": PanOS,
    "az-script": AzureCli,
    "cilium": Cilium,
    "zscaler": Zscaler,
}
"""By format. nftables takes a change in one transaction, and has an engine."""
