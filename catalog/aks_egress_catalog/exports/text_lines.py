"""Parts that several text formats share: comments, what a file lacks at its head, and rules sorted by port."""

from __future__ import annotations

import ipaddress
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.declaration import Fitted
from aks_egress_catalog.exports.export import FidelityNote, Header, lacking_lines
from aks_egress_catalog.model import Constraint, DestinationForm

ABOUT: Final = "about.txt"
"""The file that says what a comment would, beside lists that can have none."""


def ascii_only(text: str) -> str:
    r"""Write any text with printable ASCII alone: no line end and no control sequence is left in it.

    >>> ascii_only("a\nb")
    'a\\nb'
    """
    return "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in text)


def comment(text: str, mark: str = "#") -> list[str]:
    """Write any text as comment lines of one kind."""
    lines = textwrap.wrap(ascii_only(text), width=116, break_on_hyphens=False)
    return [f"{mark} {line}" for line in lines] or [mark]


def head(header: Header, notes: Iterable[FidelityNote], told: Sequence[str], mark: str = "#") -> list[str]:
    """What stands at the top of a file: where it came from, what it lacks, and what the reader should know."""
    return [line for text in (*header.lines(), *lacking_lines(notes), *told) for line in comment(text, mark)]


def to_know(resolution: Resolution) -> list[str]:
    """What the reader of a file should know of the whole, of single rules, and of the TLS of some."""
    remarks = [f"{rule.id}: {remark}" for rule in resolution.rules for remark in rule.remarks]
    kept = {value for rule in resolution.rules if Constraint.PRESERVE_ALPN in rule.constraints for value in rule.values}
    alpn = [f"tls: inspection must stay off for {', '.join(sorted(kept))} ({Constraint.PRESERVE_ALPN})"] if kept else []
    return [*resolution.caveats, *remarks, *alpn]


def text_of(lines: Iterable[str]) -> str:
    """Join lines to the text of a file; no lines are an empty file."""
    return "".join(f"{line}\n" for line in lines)


def named(fitted: Iterable[Fitted]) -> list[Fitted]:
    """The rules whose destinations are host names."""
    return [one for one in fitted if one.rule.form is DestinationForm.FQDN]


def hosts_of(fitted: Iterable[Fitted]) -> list[str]:
    """The host names of some rules, each once, sorted."""
    return sorted({value for one in named(fitted) for value in one.values})


def ranges_of(fitted: Iterable[Fitted], version: int) -> list[str]:
    """The address ranges of some rules, of IPv4 or IPv6; those that lie in others or side by side are joined."""
    known = {value for one in fitted if one.rule.form is DestinationForm.CIDR for value in one.values}
    nets = [net for net in map(ipaddress.ip_network, known) if net.version == version]
    return [str(net) for net in ipaddress.collapse_addresses(nets)]  # type: ignore[type-var]  # all of one version


def is_anywhere(fitted: Iterable[Fitted]) -> bool:
    """Say whether one of some rules lets every destination through."""
    return any(one.rule.form is DestinationForm.ANY for one in fitted)


def by_port(fitted: Iterable[Fitted]) -> dict[tuple[str, int], list[Fitted]]:
    """Rules by protocol and port, sorted; ``("", 0)`` has those without."""
    found: dict[tuple[str, int], list[Fitted]] = {}
    for one in fitted:
        found.setdefault((str(one.rule.protocol or ""), one.rule.port or 0), []).append(one)
    return dict(sorted(found.items()))


def port_name(protocol: str, port: int, joint: str = "-") -> str:
    """Name a port in a file name or an object: ``tcp-443``, or ``any``.

    >>> port_name("TCP", 443), port_name("", 0)
    ('tcp-443', 'any')
    """
    return f"{protocol.lower()}{joint}{port}" if port else "any"
