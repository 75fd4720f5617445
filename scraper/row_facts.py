"""The common language of the two witnesses: what a row states, without how it was read."""

from __future__ import annotations

from typing import NamedTuple


class Fact(NamedTuple):
    """One destination in its flat form with one port.

    ``destination`` is what ``str(Destination)`` gives: ``*.hcp.{region}.azmk8s.io``, ``*``,
    ``tag:AzureMonitor``, ``set:RegionCIDRs``, ``cidr:192.0.2.0/24``. ``protocol`` is ``TCP`` or ``UDP``;
    both it and ``port`` are empty and 0 where the row states none.
    """

    destination: str
    protocol: str
    port: int


class RowFacts(NamedTuple):
    """What one table row states. Tables count from 1 under their nearest heading, rows from 1."""

    heading: str
    table: int
    row: int
    facts: frozenset[Fact]
