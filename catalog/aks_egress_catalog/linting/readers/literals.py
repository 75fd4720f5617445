"""What a single value of any list is: a host pattern, an address, a port. What its stars mean, its reader says."""

from __future__ import annotations

import ipaddress
import re
import warnings
from typing import Final

from aks_egress_catalog.linting.entry import Form, Service
from aks_egress_catalog.linting.reach import without_regex

_NAME: Final = re.compile(r"[a-z0-9_*?{}-]+(?:\.[a-z0-9_*?{}-]+)+\Z")
_ANYWHERE: Final = frozenset(("*", "any", "all", "0.0.0.0/0", "::/0", "internet", "world"))
_ADDRESS: Final = re.compile(r"[0-9a-f.:]{2,45}(?:/[0-9.]{1,15}|\s*-\s*[0-9a-f.:]{2,45})?\Z", re.IGNORECASE)
_LABEL: Final = re.compile(r"[a-z0-9_*](?:[a-z0-9_*-]*[a-z0-9_*])?\Z", re.IGNORECASE)
_LONGEST_HOST: Final = 253
_LONGEST_LABEL: Final = 63
_REPEATED: Final = re.compile(r"[*+?{]")
_REPEATS: Final = 3
"""So many repetitions may an expression hold: each costs the length of a host once more."""
_FOREIGN: Final = re.compile(r"\[\[[:.=]|\\[<>1-9]|\(\?(?!:)")
"""What POSIX and Python read in different ways, and references back."""
_LONGEST_EXPRESSION: Final = 1000
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
    if not _ADDRESS.match(text.strip()):
        return ""
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


def address_form(text: str) -> tuple[Form, str] | None:
    """Say what a value is where only addresses can stand; ``None``: it is none.

    >>> address_form("10.0.0.0/255.0.0.0"), address_form("0.0.0.0/0"), address_form("a.io")
    ((<Form.ADDRESS: 'address'>, '10.0.0.0/8'), (<Form.ANY: 'any'>, '*'), None)
    """
    address = address_of(text)
    if address in ("0.0.0.0/0", "::/0"):
        return Form.ANY, "*"
    return (Form.ADDRESS, address) if address else None


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
        return f"{wrong!a} is no label of a host name"
    return "" if any(map(str.isalpha, labels[-1])) and "_" not in labels[-1] else "its last label is no domain"


def regex_pattern(expression: str) -> str | None:
    r"""Write a regular expression, which may match anywhere in a name, as a pattern; ``None``: nobody should try it.

    POSIX engines take any expression in time that grows with the text; Python's does not. So of those that are no
    plainer pattern only those are kept in which no repeated part holds a repetition.

    >>> regex_pattern(r"(^|\.)x\.io$"), regex_pattern(r"^(a|b)\.io$"), regex_pattern("^(a+)+$")
    ('.x.io', '/^(a|b)\\.io$/', None)
    """
    if len(expression) > _LONGEST_EXPRESSION:
        return None
    plain = without_regex(f"/{expression}/")
    return plain if not plain.startswith("/") or _is_safe(expression) else None


def _is_safe(expression: str) -> bool:
    """Say whether Python reads an expression as POSIX does, and answers it in short time."""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", expression)
    if _FOREIGN.search(expression) or re.search(r"\)[*+{]", bare) or len(_REPEATED.findall(bare)) > _REPEATS:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(expression)
        except (re.error, RecursionError, OverflowError, Warning):
            return False
    return True


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
    return (first, last) if first <= last <= 65535 else None
