"""What a single value of any list is: a host pattern, an address, a port. What its stars mean, its reader says."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from aks_egress_catalog.linting.entry import Form, Service

_NAME: Final = re.compile(r"[a-z0-9_*?{}-]+(?:\.[a-z0-9_*?{}-]+)+\Z")
_ANYWHERE: Final = frozenset(("*", "any", "all", "0.0.0.0/0", "::/0", "internet", "world"))
_PORTS: Final = re.compile(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?\Z")
NAMED_SERVICES: Final = {
    "https": Service(protocol="TCP", first=443, last=443, application="HTTPS"),
    "http": Service(protocol="TCP", first=80, last=80, application="HTTP"),
    "ssl": Service(protocol="TCP", first=443, last=443, application="HTTPS"),
    "dns": Service(first=53, last=53),
    "ntp": Service(protocol="UDP", first=123, last=123),
    "mssql": Service(protocol="TCP", first=1433, last=1433),
}


def is_anywhere(text: str) -> bool:
    """Say whether a text stands for every destination."""
    return text.lower() in _ANYWHERE


def address_of(text: str) -> str:
    """Return an address, a CIDR or a range ``a-b`` in its plain form; empty where it is none.

    >>> address_of("192.0.2.1"), address_of("192.0.2.0 - 192.0.2.9"), address_of("a.io")
    ('192.0.2.1', '192.0.2.0-192.0.2.9', '')
    """
    first, dash, last = (part.strip() for part in text.partition("-"))
    try:
        if dash:
            return f"{ipaddress.ip_address(first)}-{ipaddress.ip_address(last)}"
        if "/" in text:
            return str(ipaddress.ip_network(text.strip(), strict=False))
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""


def is_name(text: str) -> bool:
    """Say whether a text looks like a host pattern: labels with dots between them, the last one no number.

    >>> is_name("*.x.io"), is_name(".x.io"), is_name("1.2.3.4"), is_name("localhost")
    (True, True, False, False)
    """
    bare = text.lower().removeprefix(".").removesuffix(".")
    return _NAME.match(bare) is not None and not bare.rpartition(".")[2].isdigit()


def form_of(text: str) -> tuple[Form, str] | None:
    """Say what a value is where only hosts and addresses can stand; ``None``: neither."""
    if is_anywhere(text):
        return Form.ANY, "*"
    address = address_of(text)
    if address:
        return Form.ADDRESS, address
    if is_name(text) or ".." in text:
        return Form.NAME, text.lower().removesuffix(".")
    return None


def ports_of(text: str) -> tuple[int, int] | None:
    """Read ``443`` or ``1-1023``; ``*`` and ``any`` are every port; ``None`` where it is neither.

    >>> ports_of("443"), ports_of("8000-8100"), ports_of("*"), ports_of("https")
    ((443, 443), (8000, 8100), (0, 65535), None)
    """
    if text.strip().lower() in ("*", "any", "all", "0-65535"):
        return 0, 65535
    found = _PORTS.match(text.strip())
    if not found:
        return None
    first = int(found[1])
    last = int(found[2] or first)
    return (first, last) if first <= last <= 65535 else None  # noqa: PLR2004  - the last port there is
