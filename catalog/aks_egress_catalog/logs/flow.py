"""What every log is once it is read: flows, each one line, or several that the log has counted together."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of a flow."""

    DENIED = "denied"
    """An allow list denied it, or would have (Cilium's audit mode)."""
    ALLOWED = "allowed"
    OTHER = "other"
    """Something else than an allow list decided: threat intelligence, IDPS, TLS, a proxy's log-in, no such name."""
    ASKED = "asked"
    """A DNS query: no verdict, but what its client asked for may name an address that is denied right after."""


class Flow(NamedTuple):
    """One flow, as a log has it.

    ``host`` is a name in lower case without a dot at its end, or an address; empty where the log has none. ``port`` is
    0 where it has none, ``protocol`` ``TCP`` or ``UDP`` (empty: neither). ``time`` is in UTC; ``None`` where the line
    has none. ``names`` are further names that the host may have (Hubble), ``address`` the address behind a name where
    the log has both. ``hits`` is how many flows the line stands for. ``reason`` is the log's own word for why,
    ``rule`` the rule that decided, ``device`` the firewall.
    """

    outcome: Outcome
    host: str = ""
    port: int = 0
    protocol: str = "TCP"
    time: dt.datetime | None = None
    source: str = ""
    hits: int = 1
    reason: str = ""
    rule: str = ""
    device: str = ""
    cluster: str = ""
    names: tuple[str, ...] = ()
    address: str = ""
    without_name: bool = False
    """The client said no name at all: a TLS handshake without SNI."""
    legacy: bool = False
    """A row of AzureDiagnostics, which tells of the same events as the structured tables of its firewall."""


class Skipped(NamedTuple):
    """A line that is no flow: of another kind (``unreadable`` false), or one that nobody can read."""

    line: str
    unreadable: bool
    why: str = ""
