"""Which destinations of a row will do, and what the notes beside them and its cloud column say of them.

A note is audited like a heading: every word of it is a condition, a cloud, a level or known boilerplate, or the note
is held. What a note means is taken whole or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from aks_egress_catalog.model import Cloud, Condition, Destination, DestinationForm, Level
from scraper.cells.destinations import Endpoint, read_destinations
from scraper.cells.table_words import CLOUD_NOTES, Column
from scraper.findings import Reporter
from scraper.language.conditions import read_note
from scraper.language.headings import Words, is_cloud_like, read_words, slug
from scraper.page.marks import clean, show
from scraper.page.page import Row
from scraper.reading.columns import Columns
from scraper.reading.context import Context

_KNOWN_CLOUDS: Final = frozenset(map(str, Cloud))
_SUFFIXES: Final = {
    ".cn": Cloud.CHINA,
    ".us": Cloud.US_GOVERNMENT,
    ".usgovcloudapi.net": Cloud.US_GOVERNMENT,
}


class Wanted(NamedTuple):
    """Destinations of which any one will do, with what stands beside them. ``level`` is ``None`` if nothing is said."""

    destinations: tuple[Destination, ...]
    port: int | None
    cloud: str
    conditions: tuple[Condition, ...]
    level: Level | None


class _Stated(NamedTuple):
    """What a note or a cloud cell says; ``cloud`` is empty where it names none."""

    cloud: str = ""
    conditions: tuple[Condition, ...] = ()
    level: Level | None = None


_NOTHING: Final = _Stated()


def read_wanted(row: Row, columns: Columns, context: Context, say: Reporter, *, english: bool) -> list[Wanted]:
    """Read the destination and cloud cells of a row."""
    say = say.at(column=Column.DESTINATION)
    text = columns.cell(row, Column.DESTINATION) or ""
    cell = read_destinations(text, say, network=columns.network, english=english)
    above = _read_cloud_cell(columns.cell(row, Column.CLOUD), context, say)
    endpoints = cell.endpoints
    if not cell.alternatives:
        return [_want((endpoint,), above, say, english=english) for endpoint in endpoints]
    if all(_is_host(endpoint) for endpoint in endpoints):
        if not above.cloud and _are_twins(endpoints):
            return [_want((endpoint,), above, say, english=english) for endpoint in endpoints]
        if not columns.network:
            say.hold("or-between-hosts", f"'or' stands between hosts that are not one in several clouds: {show(text)}")
    return [_want(endpoints, above, say, english=english)] if endpoints else []


def _read_cloud_cell(text: str | None, context: Context, say: Reporter) -> _Stated:
    """What the row's own cell says goes before what stands above the table; where they differ a person must look."""
    if text is None or not clean(text):
        return _Stated(cloud=context.cloud)
    say = say.at(column=Column.CLOUD)
    words = read_words(clean(text))
    if len(words.clouds) != 1 or words.rest or words.features:
        say.hold("unknown-cloud", f"{show(text)} is not a cloud that is known")
        return _Stated(cloud=slug(text))
    stated = _stated(words)
    if context.cloud not in ("", stated.cloud):
        say.hold("cloud-differs", f"the cell says {stated.cloud}, what stands above the table {context.cloud}")
    return stated


def _stated(words: Words) -> _Stated:
    return _Stated(cloud="".join(words.clouds), conditions=words.conditions, level=words.level)


def _is_host(endpoint: Endpoint) -> bool:
    return endpoint.destination.form is DestinationForm.FQDN


def _are_twins(endpoints: tuple[Endpoint, ...]) -> bool:
    """Say whether hosts are one service in several clouds: same first label, each with another cloud's suffix."""
    hosts = [endpoint.destination.value for endpoint in endpoints]
    clouds = [cloud_of_suffix(host) for host in hosts]
    return len(set(clouds)) == len(hosts) and len({host.removeprefix("*.").split(".")[0] for host in hosts}) == 1


@lru_cache(maxsize=2048)
def cloud_of_suffix(host: str) -> str:
    """Name the cloud that a host's own suffix gives away, or nothing."""
    return next((str(cloud) for suffix, cloud in _SUFFIXES.items() if host.endswith(suffix)), "")


def _want(endpoints: tuple[Endpoint, ...], above: _Stated, say: Reporter, *, english: bool) -> Wanted:
    if len(endpoints) == 1:
        return _want_one(endpoints[0], above, say, english=english)
    noted = [_read_notes(endpoint, say, english=english) for endpoint in endpoints]
    cloud = above.cloud
    for endpoint, stated in zip(endpoints, noted, strict=True):
        cloud = _same_cloud(endpoint, cloud, stated, say)
    levels = {stated.level for stated in noted}
    if len(levels) > 1:
        say.hold("unknown-note", "only some of the alternatives are optional; is the rule?")
    return Wanted(
        destinations=_alternatives(endpoints, noted, say),
        port=_shared_port(endpoints, say),
        cloud=cloud,
        conditions=above.conditions,
        level=above.level or (levels.pop() if len(levels) == 1 else None),
    )


def _want_one(endpoint: Endpoint, above: _Stated, say: Reporter, *, english: bool) -> Wanted:
    noted = _read_notes(endpoint, say, english=english) if endpoint.notes else _NOTHING
    destination = endpoint.destination
    cloud = _same_cloud(endpoint, above.cloud, noted, say)
    suffix = cloud_of_suffix(destination.value)
    if suffix and cloud in _KNOWN_CLOUDS and suffix != cloud:
        say.note("suffix-differs", f"{destination} has the suffix of {suffix} and stands under {cloud}")
    return Wanted(
        destinations=(destination,),
        port=endpoint.port,
        cloud=cloud or suffix,
        conditions=above.conditions + noted.conditions,
        level=noted.level or above.level,
    )


def _same_cloud(endpoint: Endpoint, cloud: str, noted: _Stated, say: Reporter) -> str:
    """A note may name the cloud where nothing above it does; where both do, they have to agree."""
    if noted.cloud and cloud and noted.cloud != cloud:
        say.hold(
            "cloud-differs",
            f"a note puts {endpoint.destination} into {noted.cloud}, what stands above it into {cloud}",
        )
    return cloud or noted.cloud


def _alternatives(endpoints: tuple[Endpoint, ...], noted: list[_Stated], say: Reporter) -> tuple[Destination, ...]:
    found: dict[Destination, _Stated] = {}
    for endpoint, stated in zip(endpoints, noted, strict=True):
        if found.setdefault(endpoint.destination, stated) != stated:
            say.hold("unknown-note", f"{endpoint.destination} stands in one cell twice, with two different notes")
    conditioned = [replace(destination, conditions=stated.conditions) for destination, stated in found.items()]
    return tuple(sorted(conditioned, key=lambda destination: destination.breadth))


def _shared_port(endpoints: tuple[Endpoint, ...], say: Reporter) -> int | None:
    ports = {endpoint.port for endpoint in endpoints}
    if len(ports) > 1:
        say.error(
            "ports-differ", f"the alternatives carry different ports: {', '.join(map(str, sorted(map(str, ports))))}"
        )
    return next(iter(ports))


def _read_notes(endpoint: Endpoint, say: Reporter, *, english: bool) -> _Stated:
    whole = _NOTHING
    for note in endpoint.notes:
        stated = _read_note(note, endpoint, say, english=english)
        if whole.cloud and stated.cloud:
            say.error("two-clouds", f"two notes put {endpoint.destination} into two clouds")
        whole = _Stated(
            cloud=stated.cloud or whole.cloud,
            conditions=(*whole.conditions, *stated.conditions),
            level=stated.level or whole.level,
        )
    return whole


def _read_note(note: str, endpoint: Endpoint, say: Reporter, *, english: bool) -> _Stated:
    found = read_note(note)
    if found:
        return _Stated(conditions=found)
    if not english and note.casefold() in CLOUD_NOTES:
        return _Stated(cloud=str(CLOUD_NOTES[note.casefold()]))
    words = read_words(note)
    if not words.rest and not words.features and len(words.clouds) <= 1:
        return _stated(words)
    say.hold("unknown-note", f"the note {show(note)} beside {endpoint.destination} is not known")
    # A translated note that is not known by heart may say "except": no cloud is taken from it.
    return _Stated(cloud=slug(note) if english and is_cloud_like(note) else "")
