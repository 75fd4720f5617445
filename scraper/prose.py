"""What the article names outside its tables: endpoints, ports, replacements and sentences to watch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.model import Application, Destination, DestinationForm, Kind, Level, NamedSet, Protocol
from scraper.article import HIDDEN
from scraper.cells import read_address
from scraper.conditions import read_meaning
from scraper.headings import read_words
from scraper.hosts import fill_placeholders, host_fault
from scraper.ports import WEB_PORTS
from scraper.tables import Reading, cloud_of_suffix
from scraper.text import LOST_TABLE, WITHDRAWN, show, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.context import Context
    from scraper.findings import Reporter
    from scraper.page import Line

_TOP_LEVELS: Final = frozenset(
    (
        "com", "net", "org", "io", "us", "cn", "gov", "mil", "edu", "info", "biz", "dev", "app", "cloud", "azure",
        "microsoft", "windows", "ms", "ai", "co", "eu", "de", "uk", "fr", "jp", "kr", "in", "br", "it", "es", "pl",
        "cz", "se", "nl", "hu", "tr", "ru", "bg", "tv", "me",
    )
)  # fmt: skip
"""Top-level domains that make a dotted word of running text a host; another one makes it a question."""
_FILES: Final = frozenset(
    (
        "md", "yaml", "yml", "json", "txt", "sh", "ps", "exe", "py", "js", "html", "htm", "zip", "tar", "gz", "png",
        "svg", "go", "cfg", "conf", "log", "toml", "xml", "csv",
    )
)  # fmt: skip
_HOST: Final = re.compile(
    r"(?<![\w@/.<>{}*-])((?>(?:[\w*-]|<[\w-]+>)+(?:\.(?:[\w*-]|<[\w-]+>)+)+))(?>:(\d{1,5})\b)?(?![\w/@-]|:\d)"
)
_UNSPACED: Final = re.compile("[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+")
"""Letters and marks of scripts that put no blank between a word and a host."""
_ADDRESS: Final = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)(?![\w.]*\d|/)")
_LIST: Final = r"\d{1,5}(?:(?:,? and |, | or |、)\d{1,5})*"
_PORTS: Final = re.compile(
    rf"\b(?:(TCP|UDP)[ -]?(?:ports?|ポート|포트|端口) ?({_LIST})|(?i:ports?|puertos?|porta|porty) (TCP|UDP) ({_LIST}))"
)
_API_SERVER: Final = re.compile(r"\b(TCP|UDP) \[IPAddrOfYourAPIServer\]: ?(\d{1,5})")
_ANY_PORT: Final = re.compile(r"\bports? (\d{2,5})\b")
_BARE_PORT: Final = re.compile(r"\d{2,5}\b(?!\.\d)")
_REPLACING: Final = re.compile(
    r"\b(?:(?:will be |is |are )?replacing|replaces?|(?:a |the )?replacement (?:for|of)) (\S+)", re.IGNORECASE
)
_REPLACED: Final = re.compile(
    r"(\S+) (?:has been|is|was|is being|will be) replaced (?:by|with) (\S+)(.*)", re.IGNORECASE
)


def read_line(line: Line, context: Context, say: Reporter) -> list[Reading]:
    """Read the endpoints and ports that a line of a rule section names, as informational rules."""
    if LOST_TABLE in line.text:
        say.error("lost-table", "a table stands inside running text and cannot be read")
    if WITHDRAWN in line.text:
        say.hold("withdrawn-text", f"words of this line are struck out or hidden: {words_of(line.text)!r}")
    meaning = read_meaning(line.text)
    base = Reading(
        place=say.place,
        feature=context.feature,
        cloud=context.cloud,
        level=Level.INFORMATIONAL,
        kind=Kind.FQDN,
        destinations=(),
        protocol=None,
        port=None,
        conditions=tuple(sorted({*context.conditions, *meaning.conditions}, key=str)),
        constraints=meaning.constraints,
        text=words_of(line.text),
    )
    if HIDDEN in line.labels:
        for host in hosts_in(line.text):
            say.hold("hidden-host", f"{host[0]} is named in a part of the page that is hidden")
        return []
    return [*_read_hosts(line.text, base, say), *_read_ports(line, base, say)]


def hosts_in(text: str) -> Iterator[tuple[str, str]]:
    """Find hosts of known top-level domains in running text, each with its own port or nothing.

    >>> list(hosts_in("Allow *.contoso.com:443, not https://contoso.net/path."))
    [('*.contoso.com', '443')]
    """
    return ((host, port) for host, port in _dotted_words(text) if host.rpartition(".")[2] in _TOP_LEVELS)


def _dotted_words(text: str) -> Iterator[tuple[str, str]]:
    """Words that are built like hosts. ``rules.The`` lacks a blank and ``Microsoft.Compute`` is no host."""
    for word in _UNSPACED.sub(" ", text).split():
        match = _HOST.search(word) if "." in word else None
        if match and not match.group(1).rpartition(".")[2].istitle():
            yield match.group(1).lower(), match.group(2) or ""


def _read_hosts(text: str, base: Reading, say: Reporter) -> Iterator[Reading]:
    for written, digits in _dotted_words(text):
        last = written.rpartition(".")[2]
        if last in _FILES or not re.fullmatch(r"[^\W\d_]{2,}", last):
            continue
        host = fill_placeholders(written, say)
        fault = host_fault(host) or ("" if last in _TOP_LEVELS else f"{last!r} is no top-level domain of the page")
        if fault:
            say.hold("prose-host", f"{show(written)} in the text looks like a host, but {fault}")
            continue
        destination = Destination(form=DestinationForm.FQDN, value=host)
        reading = base._replace(destinations=(destination,), cloud=base.cloud or cloud_of_suffix(host))
        yield _with_port(reading, int(digits), say) if digits else reading
    for address in filter(None, map(read_address, _ADDRESS.findall(text))):
        destination = Destination(form=DestinationForm.CIDR, value=address)
        yield base._replace(destinations=(destination,), kind=Kind.NETWORK)


def _with_port(reading: Reading, port: int, say: Reporter) -> Reading:
    application: Application | None = WEB_PORTS.get(port)
    if application is None:
        say.hold("prose-port", f"{reading.destinations[0]}:{port} stands without TCP or UDP in the text")
        return reading
    return reading._replace(protocol=Protocol.TCP, port=port, application=application, application_inferred=True)


def _read_ports(line: Line, base: Reading, say: Reporter) -> Iterator[Reading]:
    anywhere = Destination(form=DestinationForm.ANY, value="*")
    api_server = Destination(form=DestinationForm.NAMED_SET, value=NamedSet.API_SERVER_PUBLIC_IP)
    for match in _PORTS.finditer(line.text):
        protocol, numbers = match.group(1) or match.group(3), match.group(2) or match.group(4)
        for number in re.findall(r"\d+", numbers):
            yield base._replace(
                destinations=(anywhere,),
                kind=Kind.NETWORK,
                protocol=Protocol(protocol),
                port=int(number),
            )
    for protocol, number in _API_SERVER.findall(line.text):
        yield base._replace(
            destinations=(api_server,), kind=Kind.NETWORK, protocol=Protocol(protocol), port=int(number)
        )
    if line.kind == "li" and _BARE_PORT.match(line.text):
        say.hold("prose-port", f"a port stands without TCP or UDP in the text: {show(line.text)}")


def report_ports(line: Line, known: set[int], say: Reporter) -> None:
    """Tell of a port that the text names and no rule has."""
    read = {number for match in _PORTS.finditer(line.text) for number in re.findall(r"\d+", match.group())}
    for number in _ANY_PORT.findall(line.text):
        if int(number) not in known and number not in read:
            say.hold("prose-port", f"port {number} is named in the text, but no rule has it: {show(line.text)}")


def watch_line(line: Line, say: Reporter, *, gave_rules: bool) -> tuple[str, ...]:
    """Tell of the sentences that speak of circumstances; a line of prose can put no condition on a table."""
    meaning = read_meaning(line.text)
    for sentence in meaning.unread if gave_rules else meaning.watched:
        say.note("watched-prose", f"speaks of a circumstance, but gives no condition: {sentence!r}")
    return meaning.watched


def replacements(text: str, own: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Find (old host, new host, clouds) where a text names a replacement; ``own`` is the row's own host."""
    if "replac" not in text:
        return
    for match in _REPLACING.finditer(text):
        yield _bare(match.group(1)), own, frozenset()
    for match in _REPLACED.finditer(text):
        clouds = frozenset(map(str, read_words(match.group(3)).clouds))
        yield _bare(match.group(1)), _bare(match.group(2)), clouds


def _bare(word: str) -> str:
    return word.strip("`'\",;()").rstrip(".").lower()
