"""What a destination cell and the notes in it ask for: the destinations of each rule, with port, cloud and conditions.

A note is audited like a heading: it is a condition or the name of a cloud, or it is held.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from aks_egress_catalog.model import Cloud, Condition, Destination, DestinationForm
from scraper.cells.destinations import Endpoint, read_destinations
from scraper.cells.table_words import CLOUD_NOTES, Column
from scraper.findings import Reporter
from scraper.language.headings import cloud_of_suffix, is_cloud_like, read_words, slug
from scraper.page.marks import show
from scraper.page.page import Row
from scraper.reading.columns import Columns
from scraper.reading.context import Context
from scraper.reading.meaning import NO_MEANING, SentenceReader, place_of_note

_KNOWN_CLOUDS: Final = frozenset(map(str, Cloud))


class Alternatives(NamedTuple):
    """Destinations of which any one satisfies the rule. ``port`` is the one that they carry themselves, if any."""

    destinations: tuple[Destination, ...]
    port: int | None
    cloud: str
    conditions: tuple[Condition, ...]
    by_suffix: bool = False
    """Nothing but the host's own suffix, or those of its twins in the same cell, names the cloud."""


class _Note(NamedTuple):
    """What the notes beside one destination mean; ``cloud`` is empty where they name none."""

    cloud: str = ""
    conditions: tuple[Condition, ...] = ()


_NO_NOTE: Final = _Note()


def read_alternatives(
    row: Row, columns: Columns, context: Context, report: Reporter, reader: SentenceReader
) -> list[Alternatives]:
    """Read the destination cell of a row: one value for each rule that the row states for one port."""
    report = report.at(column=Column.DESTINATION)
    text = columns.cell(row, Column.DESTINATION) or ""
    cell = read_destinations(text, report, network=columns.network, english=reader.english)
    endpoints = cell.endpoints
    if not cell.alternatives:
        return [_single(endpoint, context, report, reader) for endpoint in endpoints]
    if all(_is_host(endpoint) for endpoint in endpoints):
        if not context.cloud and _are_twins(endpoints):
            return [_single(endpoint, context, report, reader)._replace(by_suffix=True) for endpoint in endpoints]
        if not columns.network:
            report.hold(
                "or-between-hosts", f"'or' stands between hosts that are not one in several clouds: {show(text)}"
            )
    return [_joined(endpoints, context, report, reader)] if endpoints else []


def _is_host(endpoint: Endpoint) -> bool:
    return endpoint.destination.form is DestinationForm.FQDN


def _are_twins(endpoints: tuple[Endpoint, ...]) -> bool:
    """Whether hosts are one service in several clouds: same first label, each with another cloud's suffix."""
    hosts = [endpoint.destination.value for endpoint in endpoints]
    clouds = [cloud_of_suffix(host) for host in hosts]
    return len(set(clouds)) == len(hosts) and len({host.removeprefix("*.").split(".")[0] for host in hosts}) == 1


def _joined(
    endpoints: tuple[Endpoint, ...], context: Context, report: Reporter, reader: SentenceReader
) -> Alternatives:
    """Join the destinations of one rule, broadest first; each keeps the conditions of its own note."""
    if len(endpoints) == 1:
        return _single(endpoints[0], context, report, reader)
    notes = [_read_notes(endpoint, context, report, reader) for endpoint in endpoints]
    cloud = context.cloud
    for endpoint, note in zip(endpoints, notes, strict=True):
        cloud = _same_cloud(endpoint, cloud, note, report)
    return Alternatives(
        destinations=_with_conditions(endpoints, notes, report),
        port=_shared_port(endpoints, report),
        cloud=cloud,
        conditions=(),
    )


def _single(endpoint: Endpoint, context: Context, report: Reporter, reader: SentenceReader) -> Alternatives:
    note = _read_notes(endpoint, context, report, reader)
    destination = endpoint.destination
    cloud = _same_cloud(endpoint, context.cloud, note, report)
    suffix = cloud_of_suffix(destination.value)
    if suffix and cloud in _KNOWN_CLOUDS and suffix != cloud:
        report.hold("suffix-differs", f"{destination} has the suffix of {suffix} and stands under {cloud}")
    return Alternatives(
        destinations=(destination,),
        port=endpoint.port,
        cloud=cloud or suffix,
        conditions=note.conditions,
        by_suffix=bool(suffix) and not cloud,
    )


def _same_cloud(endpoint: Endpoint, cloud: str, note: _Note, report: Reporter) -> str:
    """A note may name the cloud where nothing above it does; where both do, they have to agree."""
    if note.cloud and cloud and note.cloud != cloud:
        report.hold(
            "cloud-differs",
            f"a note puts {endpoint.destination} into {note.cloud}, what stands above it into {cloud}",
        )
    return cloud or note.cloud


def _with_conditions(endpoints: tuple[Endpoint, ...], notes: list[_Note], report: Reporter) -> tuple[Destination, ...]:
    found: dict[Destination, _Note] = {}
    for endpoint, note in zip(endpoints, notes, strict=True):
        if found.setdefault(endpoint.destination, note) != note:
            report.hold("unknown-note", f"{endpoint.destination} stands in one cell twice, with two different notes")
    conditioned = [replace(destination, conditions=note.conditions) for destination, note in found.items()]
    return tuple(sorted(conditioned, key=lambda destination: destination.breadth))


def _shared_port(endpoints: tuple[Endpoint, ...], report: Reporter) -> int | None:
    ports = {endpoint.port for endpoint in endpoints}
    if len(ports) > 1:
        report.error(
            "ports-differ", f"the alternatives carry different ports: {', '.join(map(str, sorted(map(str, ports))))}"
        )
    return next(iter(ports))


def _read_notes(endpoint: Endpoint, context: Context, report: Reporter, reader: SentenceReader) -> _Note:
    whole = _NO_NOTE
    for text in endpoint.notes:
        note = _read_note(text, endpoint, context, report, reader)
        if whole.cloud and note.cloud:
            report.error("two-clouds", f"two notes put {endpoint.destination} into two clouds")
        whole = _Note(cloud=note.cloud or whole.cloud, conditions=(*whole.conditions, *note.conditions))
    return whole


def _read_note(text: str, endpoint: Endpoint, context: Context, report: Reporter, reader: SentenceReader) -> _Note:
    """A note names a cloud, in words that are all known, or it was reviewed beside this very destination."""
    if not reader.english and text.casefold() in CLOUD_NOTES:
        return _Note(cloud=str(CLOUD_NOTES[text.casefold()]))
    words = read_words(text)
    if len(words.clouds) == 1 and not (words.rest or words.features or words.level):
        return _Note(cloud=str(*words.clouds))
    place = place_of_note(context.cloud, context.feature, endpoint.destination.key, endpoint.port)
    conditions = reader.read(text, [place], report).get(place, NO_MEANING).conditions
    if conditions:
        return _Note(conditions=conditions)
    cloud_like = is_cloud_like(text) and not reader.knows(text)
    if cloud_like or not reader.english or not text:
        report.hold("unknown-note", f"the note {show(text)} beside {endpoint.destination} is not known")
    # A translated note that is not known by heart may say "except": no cloud is taken from it.
    return _Note(cloud=slug(text) if reader.english and cloud_like else "")
