"""Reads destination cells. In: the text of a cell, with marks. Out: its destinations, each with its port and notes.

Consume, then audit: every piece of a cell becomes a value, a note or a known separator; whatever is left is
an error that names it. The steps, with the cell ``ServiceTag - AzureCloud.<Region>:1194 Or APIServerIP:1194 (if so)``:

| step                              | result                                                                     |
| --------------------------------- | -------------------------------------------------------------------------- |
| 1. mend ``*. x`` to ``*.x``       | unchanged here; first, for the blank would make two pieces of one host     |
| 2. cut at separators (``_split``) | ``ServiceTag - AzureCloud.<Region>:1194`` and ``APIServerIP:1194 (if so)``; |
|                                   | the joiner ``Or`` makes them alternatives. Notes are shielded: they have   |
|                                   | commas and "or" of their own                                               |
| 3. of each piece, take off the    | notes ``(if so)``; label ``ServiceTag``; port 1194                         |
|    notes, the label and the port  |                                                                            |
| 4. read what is left, strictest   | a strange letter is an error; then a named set, any, an address, a service |
|    form first                     | tag (only behind a label), else a host: ``AzureCloud.{region}`` as a tag,  |
|                                   | ``APIServerIP`` as the set ``APIServerPublicIP``                           |

Not one grammar for the whole cell: each step must be able to report its own fault and go on with the other pieces, so
that one bad host costs no other host of its cell.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final, NamedTuple

from aks_egress_catalog.model import Destination, DestinationForm, NamedSet
from scraper.cells.hosts import (
    PLACEHOLDERS,
    SPLIT_STAR,
    fill_placeholders,
    host_fault,
    in_known_domain,
    looks_like_a_tag,
)
from scraper.cells.ports import port_number
from scraper.cells.table_words import OR_WORDS
from scraper.findings import Finding, Reporter
from scraper.page.marks import CODE_EDGE, clean, show, strange_letter

_NAMED_SETS: Final = {name.lower(): name for name in NamedSet} | {
    "apiserverip": NamedSet.API_SERVER_PUBLIC_IP,  # the page's word for it until 2020-10
}
_LABELS: Final = frozenset(("servicetag", "regional cidrs"))
_WORDS: Final = "|".join(sorted(OR_WORDS, key=len, reverse=True))
_SEPARATOR: Final = re.compile(
    rf"[\s{CODE_EDGE}]*(?:[,;、，\n]|(?<![^\s{CODE_EDGE}])(?i:{_WORDS})(?![^\s{CODE_EDGE}]))[\s{CODE_EDGE}]*"
)
_SEPARATING: Final = re.compile(r"[\s,;、，]")
_STRAY: Final = re.compile(
    rf"(?i)(?:[,;、，]|(?<!\S)(?:{_WORDS}))\s*\Z|\A\s*(?:[,;、，]|(?:{_WORDS})(?!\S))|[,;、，]\s*[,;、，]"
)
NOTE: Final = re.compile(r"[(（]([^()（）]*)[)）]")
"""A note beside a destination."""
_LABEL: Final = re.compile(r"([^:.*<>]+?)\s+-\s+(?=\S)")
_OWN_PORT: Final = re.compile(r"(.*[^:]):([0-9]+)\Z", re.DOTALL)
_TAG: Final = re.compile(r"[A-Z][A-Za-z0-9]*(?:\.(?:\{region\}|[A-Za-z][A-Za-z0-9]*))?\Z")


class Endpoint(NamedTuple):
    """One destination as a cell writes it, with the port it carries itself and the notes beside it."""

    destination: Destination
    port: int | None = None
    notes: tuple[str, ...] = ()


class DestinationCell(NamedTuple):
    """What a destination cell states. ``alternatives``: *or* joins the endpoints."""

    endpoints: tuple[Endpoint, ...]
    alternatives: bool


def read_destinations(text: str, report: Reporter, *, network: bool, english: bool = True) -> DestinationCell:
    """Read a destination cell. ``network``: ``*`` may stand for any address.

    Errors and oddities go to ``report``; an unreadable endpoint is left out of the result, so a caller must
    look at the errors before it trusts the rest.
    """
    cell, findings = _read_destinations(text, network, english)
    report.repeat(findings)
    return cell


@lru_cache(maxsize=1024)
def _read_destinations(text: str, network: bool, english: bool) -> tuple[DestinationCell, tuple[Finding, ...]]:  # noqa: FBT001  - the cache's key
    report = Reporter.of("")
    text = _mend_split_star(text, report)
    pieces, joiners = _split(text)
    alternatives = _joined_by_or(joiners, report)
    if any("\n" in inside for inside in text.split(CODE_EDGE)[1::2]):
        report.hold("broken-code", f"a line breaks inside one code mark: {show(text)}; is it one host or two?")
    if _STRAY.search(clean(text)):
        report.hold("stray-separator", f"nothing stands beside a separator in {show(text)}; is a destination lost?")
    if english and any(mark in joiner for joiner in joiners for mark in "、，"):
        report.hold("foreign-separator", f"a separator of another script stands in {show(text)}")
    endpoints = [_read_endpoint(piece, report, network=network, english=english) for piece in pieces]
    if not pieces:
        report.error("empty-cell", "the destination cell is empty; a row must name what it is about")
    known = tuple(endpoint for endpoint in endpoints if endpoint)
    return DestinationCell(endpoints=known, alternatives=alternatives), tuple(report.findings)


def _mend_split_star(text: str, report: Reporter) -> str:
    mended = SPLIT_STAR.sub("*.", text)
    if mended != text:
        report.note("split-wildcard", f"{show(text)} is read as {show(mended)}")
    return mended


def _split(text: str) -> tuple[list[str], list[str]]:
    """Cut at separators outside parentheses; empty pieces between two separators join them."""
    if not _SEPARATING.search(text):
        return [text] if text else [], []
    shielded = NOTE.sub(lambda note: "\x00" * len(note.group()), text)
    pieces: list[str] = []
    joiners: list[str] = [""]
    start = 0
    for match in [*_SEPARATOR.finditer(shielded), None]:
        end, after = match.span() if match else (len(text), len(text))
        if shielded[start:end].strip(f" \n\t{CODE_EDGE}"):
            pieces.append(text[start:end])
            joiners.append("")
        joiners[-1] += text[end:after]
        start = after
    return pieces, joiners[1:-1] if len(pieces) > 1 else []


def _joined_by_or(joiners: list[str], report: Reporter) -> bool:
    by_or = [not OR_WORDS.isdisjoint(re.findall(r"[^\W\d_]+", joiner.casefold())) for joiner in joiners]
    if any(by_or) and not all(by_or):
        report.error("mixed-list", "the cell mixes 'or' with commas or line breaks; which of them belong together?")
    return any(by_or)


def _read_endpoint(piece: str, report: Reporter, *, network: bool, english: bool) -> Endpoint | None:
    notes = tuple(clean(note) for note in NOTE.findall(piece))
    bare = clean(NOTE.sub(" ", piece), edge=" ")
    if "`" in bare:
        report.note("stray-code-mark", f"a stray code mark is dropped from {show(piece)}")
        bare = clean(bare.replace("`", " "))
    labelled = _LABEL.match(bare)
    label = labelled.group(1).strip().lower() if labelled else ""
    value = bare[labelled.end() :] if labelled else bare
    own_port = _OWN_PORT.match(value) if read_address(value) is None else None
    if own_port:
        value = own_port.group(1).strip()
    port = port_number(own_port.group(2), report) if own_port else None
    named = re.sub(r"\s+", "", value).lower() in _NAMED_SETS
    if "cidr" in label and not named:
        report.error("unknown-set", f"{show(value)} is no set of addresses that is known")
        return None
    if label and label not in _LABELS and (english or not named):
        report.hold("unknown-label", f"the label {show(label)} before {show(value)} is not known")
    destination = read_destination(value, report, tagged=bool(label), network=network)
    return Endpoint(destination=destination, port=port, notes=notes) if destination else None


def read_destination(value: str, report: Reporter, *, tagged: bool, network: bool) -> Destination | None:
    """Read one bare destination, without label, port or note; ``None`` after an error was reported."""
    strange = strange_letter(value)
    if strange:
        report.error("strange-letter", f"{show(value)} holds {strange}; no host, tag or address may")
        return None
    named = _NAMED_SETS.get(re.sub(r"\s+", "", value).lower())
    if named:
        return Destination(form=DestinationForm.NAMED_SET, value=named)
    value = fill_placeholders(value, report)
    if value == "*" and network and not tagged:
        return Destination(form=DestinationForm.ANY, value="*")
    address = read_address(value)
    if address and address.endswith("/0"):
        report.error("every-address", f"{show(value)} is every address; the page writes '*' for that, in network rules")
        return None
    if address:
        return Destination(form=DestinationForm.CIDR, value=address)
    if tagged:
        return _read_tag(value, report)
    return _read_host(value, report)


@lru_cache(maxsize=1024)
def read_address(value: str) -> str | None:
    """Read an address or an address range; ``None`` where it is none, or has host bits set.

    >>> read_address("192.0.2.7"), read_address("192.0.2.0/24"), read_address("192.0.2.7/24")
    ('192.0.2.7/32', '192.0.2.0/24', None)
    """
    if not re.match(r"[0-9a-fA-F:.]+(?:/\d+)?\Z", value) or not ({":", "."} & set(value)):
        return None
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        return None


def _read_tag(value: str, report: Reporter) -> Destination | None:
    name, dot, suffix = value.rpartition(".")
    if dot and PLACEHOLDERS.get(suffix.casefold()) == "region":
        report.note("bare-placeholder", f"{show(value)} is read with {{region}} as a placeholder")
        value = f"{name}.{{region}}"
    if not _TAG.match(value):
        report.error("not-a-service-tag", f"{show(value)} is not a service tag")
        return None
    return Destination(form=DestinationForm.SERVICE_TAG, value=value)


def _read_host(value: str, report: Reporter) -> Destination | None:
    if looks_like_a_tag(value):
        report.error(
            "not-a-host", f"{show(value)} is not a host pattern: it looks like a service tag without its label"
        )
        return None
    host = value.lower()
    if re.match(r"\.[^.]", host):
        report.note("missing-star", f"{show(value)} is read as {show('*' + host)}")
        host = "*" + host
    fault = host_fault(host)
    if fault:
        report.error("not-a-host", f"{show(value)} is not a host pattern: {fault}")
        return None
    if "*" in host[1:] and not re.match(r"[a-z0-9*-]+\.[^*]+\Z", host):
        report.hold("unusual-wildcard", f"{show(host)} has a star past its first label")
    elif re.search(r"[a-z0-9]\*[a-z0-9]|[a-z0-9]\{|\}[a-z0-9]", host):
        report.hold("unusual-wildcard", f"{show(host)} has a star or a placeholder grown into a word")
    if not in_known_domain(host) and "xn--" not in host:
        report.hold("unknown-domain", f"{show(host)} ends in a top-level domain that the page has never named")
    if "xn--" in host:
        report.hold("international-host", f"{show(host)} is an internationalized name; compare it letter by letter")
    return Destination(form=DestinationForm.FQDN, value=host)
