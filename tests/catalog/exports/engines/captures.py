"""Captures of packets: what a firewall between a node and a server sees of a connection, in the format of libpcap."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NODE: Final = "10.80.1.2"
SERVER: Final = "192.0.2.80"
_RAW_IP: Final = 101
"""Packets without anything below IP."""
_SYN: Final = 0x02
_PUSH: Final = 0x08
_ACK: Final = 0x10
_SEGMENT: Final = 1_400


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One from the node to a port of the server, in which the node says something first."""

    source: int
    port: int
    said: bytes

    def packets(self) -> Iterator[bytes]:
        """The handshake, what is said, and that it was received."""
        yield self._from_node(0, 0, _SYN)
        yield self._from_server(0, 1, _SYN | _ACK)
        yield self._from_node(1, 1, _ACK)
        for place in range(0, len(self.said), _SEGMENT):
            part = self.said[place : place + _SEGMENT]
            yield self._from_node(1 + place, 1, _PUSH | _ACK, part)
            yield self._from_server(1, 1 + place + len(part), _ACK)

    def _from_node(self, number: int, received: int, flags: int, said: bytes = b"") -> bytes:
        return _packet((NODE, self.source), (SERVER, self.port), (number, received, flags), said)

    def _from_server(self, number: int, received: int, flags: int) -> bytes:
        return _packet((SERVER, self.port), (NODE, self.source), (number, received, flags), b"")


def _packet(source: tuple[str, int], target: tuple[str, int], tcp: tuple[int, int, int], said: bytes) -> bytes:
    """An IPv4 packet of TCP; its checksums are left out, as on a machine whose network card makes them."""
    number, received, flags = tcp
    segment = struct.pack("!HHIIBBHHH", source[1], target[1], number, received, 5 << 4, flags, 65_535, 0, 0) + said
    addresses = b"".join(ipaddress.ip_address(address).packed for address, _ in (source, target))
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0) + addresses + segment


def write_capture(file: Path, connections: Iterable[Connection]) -> None:
    """Write connections one after the other, a millisecond a packet."""
    with file.open("wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, _RAW_IP))
        packets = (packet for connection in connections for packet in connection.packets())
        for place, packet in enumerate(packets):
            stream.write(struct.pack("<IIII", place // 1_000, place % 1_000 * 1_000, len(packet), len(packet)))
            stream.write(packet)
