"""Values that many formats write alike: host names, addresses, ports, services. What is none of them is ``None``."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, NO_LIMIT, Form, Service

_ADDRESS: Final = re.compile(r"[0-9a-f.:]{2,45}(?:/[0-9.]{1,15}|-[0-9a-f.:]{2,45})?\Z", re.IGNORECASE)
_PORTS: Final = re.compile(r"([0-9]{1,5})(?:[-:]([0-9]{1,5}))?\Z")
_LABEL: Final = re.compile(r"[a-z0-9_*](?:[a-z0-9_*-]*[a-z0-9_*])?\Z", re.IGNORECASE)
_LONGEST_HOST: Final = 253
_LONGEST_LABEL: Final = 63

HTTPS: Final = Service(protocol="TCP", first=443, last=443, application="HTTPS")
HTTP: Final = Service(protocol="TCP", first=80, last=80, application="HTTP")
DNS: Final = (Service(protocol="UDP", first=53, last=53), Service(protocol="TCP", first=53, last=53))
NTP: Final = Service(protocol="UDP", first=123, last=123)


@lru_cache(maxsize=4096)
def address(text: str) -> tuple[Form, str] | None:
    """Read an address, a CIDR (its mask may be written as an address) or a range; ``None`` where it is none.

    >>> address("10.0.0.0/255.0.0.0"), address("0.0.0.0/0"), address("10.0.0.1-10.0.0.9"), address("a.io")
    ((<Form.ADDRESS: 'address'>, '10.0.0.0/8'), (<Form.ANY: 'any'>, '*'), (<Form.ADDRESS: 'address'>, '10.0.0.1-10.0.0.9'), None)
    """  # noqa: E501  - one example, one line
    if not _ADDRESS.match(text):
        return None
    first, dash, last = text.partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
            return (Form.ADDRESS, f"{low}-{high}") if low.version == high.version else None
        if "/" not in text:
            return Form.ADDRESS, str(ipaddress.ip_address(text))
        net = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return (Form.ADDRESS, str(net)) if net.prefixlen else (Form.ANY, "*")


def host_fault(host: str) -> str:
    """Say why a text, stars and a leading dot aside, can be the name of no host; empty where it can.

    >>> host_fault("*.mcr.microsoft.com"), host_fault("*..dp.io"), host_fault("AzureCloud.*")
    ('', 'it has an empty label', 'its last label is no domain')
    """
    name = host.removesuffix(".")
    labels = name.split(".")
    if labels[0] in ("", "*"):
        labels = labels[1:]
    if not labels or "" in labels:
        return "it has an empty label"
    if len(name) > _LONGEST_HOST or any(len(label) > _LONGEST_LABEL for label in labels):
        return "it is longer than a host name can be"
    wrong = next((label for label in labels if not _LABEL.match(label)), None)
    if wrong is not None:
        return f"{wrong[:80]!a} is no label of a host name"
    if not any(char.isalpha() for char in labels[-1]) or "_" in labels[-1]:
        return "its last label is no domain"
    return ""


def ports(text: str) -> tuple[int, int] | None:
    """Read a port or a range of ports; ``*`` and ``any`` are all of them.

    >>> ports("443"), ports("1000-2000"), ports("*"), ports("99999")
    ((443, 443), (1000, 2000), (0, 65535), None)
    """
    if text.lower() in ("*", "any"):
        return NO_LIMIT
    found = _PORTS.match(text)
    if not found:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    return (first, last) if first <= last <= NO_LIMIT[1] else None


def services(spans: Iterable[tuple[int, int]], protocols: Iterable[str]) -> tuple[Service, ...]:
    """Put ports and protocols together. A protocol may be ``HTTPS`` or ``HTTP``, and then says the port if none does.

    >>> [str(one) for one in services([(443, 443)], ["TCP", "UDP"])], [str(one) for one in services([], ["HTTP"])]
    (['TCP 443', 'UDP 443'], ['HTTP 80'])
    """
    spans, protocols = tuple(spans), tuple(protocols) or ("",)
    found: list[Service] = []
    for protocol in protocols:
        usual = {"HTTPS": HTTPS, "HTTP": HTTP}.get(protocol)
        if usual and not spans:
            found.append(usual)
            continue
        for first, last in spans or (NO_LIMIT,):
            if usual:
                found.append(Service(protocol="TCP", first=first, last=last, application=protocol))
            else:
                found.append(Service(protocol=protocol, first=first, last=last))
    return tuple(found) or EVERY_SERVICE
