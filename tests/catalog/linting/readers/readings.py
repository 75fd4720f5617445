"""What the tests of readers share: a text read, and what it gave in short."""

from __future__ import annotations

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Action, Entry, Reading
from aks_egress_catalog.linting.readers.formats import load_reader
from aks_egress_catalog.linting.source import Source


def reading(form: str, text: str, path: str = "list") -> Reading:
    """Read a text; every value stands where its place says."""
    found = load_reader(form).read(Source(path, text))
    for entry in found.entries:
        place = entry.place
        if place.path == path:
            assert text[place.start : place.end] == entry.value
            assert text.split("\n")[place.line - 1][place.column - 1 :].startswith(entry.value)
    return found


def shown(found: Reading) -> list[str]:
    """The entries that let through or deny something: ``-`` before what is denied, with its services, or ``ANY``."""
    return [
        f"{'-' if entry.rule.action is Action.DENY else ''}{entry.pattern} {_services(entry)}"
        for entry in found.entries
        if not entry.fault
    ]


def _services(entry: Entry) -> str:
    return "ANY" if entry.rule.services == EVERY_SERVICE else ", ".join(map(str, entry.rule.services))


def hosts(found: Reading) -> list[str]:
    """As :func:`shown`, without the services."""
    return [line.partition(" ")[0] for line in shown(found)]
