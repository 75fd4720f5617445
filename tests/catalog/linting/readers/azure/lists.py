"""Files of Azure Firewall in, what their reader says of them out; each place is held against the text of its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aks_egress_catalog.linting.entry import Entry, ListRule, Place, Reading
from aks_egress_catalog.linting.readers.formats import read, recognise
from aks_egress_catalog.linting.source import Source


def read_files(folder: Path, files: Mapping[str, str], name: str = "") -> Reading:
    """Write files into a folder and read the first of them, or the one with a name."""
    for one, text in files.items():
        (folder / one).parent.mkdir(parents=True, exist_ok=True)
        (folder / one).write_text(text, encoding="utf-8")
    path = folder / (name or next(iter(files)))
    source = Source(str(path), path.read_text(encoding="utf-8"))
    form = recognise(source)
    assert form is not None, f"nothing recognises {path.name}"
    found = read(source, form)
    for entry in found.entries:
        assert literal(entry.place) == entry.value
    return found


def literal(place: Place) -> str:
    """Return what stands at a place, after its line and column are held against its offsets."""
    text = Path(place.path).read_text(encoding="utf-8")
    for line, column, offset in (
        (place.line, place.column, place.start),
        (place.end_line, place.end_column, place.end),
    ):
        before = text[:offset]
        assert (line, column) == (before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
    return text[place.start : place.end]


def patterns(found: Reading) -> list[str]:
    """The patterns of all entries, in their order."""
    return [one.pattern for one in found.entries]


def unread(found: Reading) -> list[str]:
    """What could not be read, as the file writes it."""
    return [one.value for one in found.unread]


def entry(found: Reading, pattern: str) -> Entry:
    """The one entry with a pattern."""
    (one,) = (each for each in found.entries if each.pattern == pattern)
    return one


def rule(found: Reading, name: str) -> ListRule:
    """The one rule with a name."""
    (one,) = {each.rule for each in found.entries if each.rule.name == name}
    return one


def services(of: ListRule) -> list[str]:
    """The services of a rule, as they are shown."""
    return [str(one) for one in of.services]
