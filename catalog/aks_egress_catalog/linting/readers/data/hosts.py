"""One token of a plain list: a host with what is said of its port, a URL, an address; or none of these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, HOLE, Form, Service
from aks_egress_catalog.linting.readers.values import address, host_fault, ports, services

_URL: Final = re.compile(r"([a-z][a-z0-9+.-]{0,15})://", re.IGNORECASE)
_SCHEMES: Final = {
    "https": ("HTTPS", ""),
    "http": ("HTTP", ""),
    "wss": ("HTTPS", ""),
    "ws": ("HTTP", ""),
    "tcp": ("TCP", ""),
    "tls": ("TCP", ""),
    "udp": ("UDP", ""),
    "ntp": ("UDP", "123"),
}
PROTOCOLS: Final = ("TCP", "UDP", "HTTPS", "HTTP")
_TAIL: Final = re.compile(r":([0-9]{1,5}(?:-[0-9]{1,5})?|\*)?(?:/([a-z]+))?\Z", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"\[([0-9a-f:.]+)\](.*)\Z", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"<[a-z][a-z0-9 _-]{0,40}>|\$?\{[a-z][a-z0-9._ -]{0,40}\}|\$[A-Z][A-Z0-9_]*", re.IGNORECASE)
_HOST_LIKE: Final = re.compile(r"(?=.*\.)[a-z0-9.*^_-]*[a-z*][a-z0-9.*^_-]*\Z", re.IGNORECASE)
_FILE_ENDINGS: Final = frozenset(
    (
        *("txt", "json", "yaml", "yml", "html", "htm", "tf", "tfvars", "tfstate", "bicep", "xml", "csv", "jpg", "png"),
        *("gif", "svg", "pdf", "log", "toml", "lock", "ini", "cfg", "conf", "exe", "dll", "js", "ts", "java", "class"),
        *("md", "rst", "bak", "tmp", "swp", "gz", "tgz", "jar", "whl", "pyc", "env", "tmpl", "tpl", "local", "internal"),
    )
)
"""Last labels of file names; none of them is a domain that AKS has to do with."""
_LONGEST: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What a token means. ``length`` is how many characters of it are the destination itself, from ``offset``."""

    form: Form
    pattern: str
    services: tuple[Service, ...] = EVERY_SERVICE
    fault: str = ""
    offset: int = 0
    length: int = 0


def read_token(text: str) -> Token | None:
    """Read a token; ``None`` where it is no destination.

    >>> token = read_token("ntp.ubuntu.com:123/udp")
    >>> token.pattern, [str(service) for service in token.services]
    ('ntp.ubuntu.com', ['UDP 123'])
    """
    if len(text) > _LONGEST or not ("." in text or ":" in text or text == "*"):
        return None
    url = _URL.match(text)
    if url:
        return _url(text, url)
    host, tail, offset = _parted(text)
    named = _tail_services(tail)
    if named is None:
        return None
    return _destination(host, named, offset)


def _url(text: str, url: re.Match[str]) -> Token | None:
    scheme = url[1].lower()
    if scheme not in _SCHEMES:
        return None
    protocol, usual = _SCHEMES[scheme]
    authority = re.split(r"[/?#]", text[url.end() :], maxsplit=1)[0]
    host, tail, offset = _parted(authority)
    span = ports(tail.removeprefix(":") or usual) if tail or usual else None
    if tail and span is None:
        return None
    return _destination(host, services((span,) if span else (), (protocol,)), url.end() + offset)


def _parted(text: str) -> tuple[str, str, int]:
    """Part a host from what is said of its port; the last number is where the host begins."""
    bracketed = _BRACKETED.match(text)
    if bracketed:
        return bracketed[1], bracketed[2], 1
    if text.count(":") > 1 or (address(text) and ":" not in text):
        return text, "", 0
    cut = min((at for at in (text.find(":"), text.find("/")) if at >= 0), default=len(text))
    return text[:cut], text[cut:], 0


def _tail_services(tail: str) -> tuple[Service, ...] | None:
    """Read ``:443``, ``:443/tcp``, ``/udp``; a path, as lists of PAN-OS have it, says nothing of the port."""
    if not tail:
        return EVERY_SERVICE
    if tail.startswith("/"):
        protocol = tail[1:].upper()
        return services((), (protocol,)) if protocol in PROTOCOLS else EVERY_SERVICE
    found = _TAIL.match(tail)
    if found:
        span = ports(found[1]) if found[1] else None
        protocol = (found[2] or "TCP").upper()
        if (found[1] and span is None) or protocol not in PROTOCOLS or not (found[1] or found[2]):
            return None
        return services((span,) if span else (), (protocol,))
    port, _, _ = tail[1:].partition("/")
    span = ports(port)
    return services((span,), ("TCP",)) if span else None


def _destination(host: str, named: tuple[Service, ...], offset: int) -> Token | None:
    if host == "*":
        return Token(form=Form.ANY, pattern="*", services=named, offset=offset, length=1)
    known = address(host)
    if known:
        return Token(form=known[0], pattern=known[1], services=named, offset=offset, length=len(host))
    filled = _PLACEHOLDER.sub("x", host)
    if not _HOST_LIKE.match(filled):
        return None
    pattern = ".".join("{*}" if label == "^" else label for label in _PLACEHOLDER.sub(HOLE, host).lower().split("."))
    fault = host_fault(filled.replace("^", "x"))
    pattern = pattern.removesuffix(".") or pattern
    return Token(form=Form.NAME, pattern=pattern, services=named, fault=fault, offset=offset, length=len(host))


def is_beyond_doubt(text: str) -> bool:
    """Say whether a token is a destination and nothing else: no name of a file, and no module of a program.

    >>> is_beyond_doubt("mcr.microsoft.com:443"), is_beyond_doubt("main.tf"), is_beyond_doubt("os/path.py")
    (True, False, False)
    """
    token = read_token(text)
    if token is None or token.fault:
        return False
    is_path = "/" in text and not _URL.match(text) and token.form is Form.NAME
    if is_path and text.partition("/")[2].upper() not in ("", *PROTOCOLS):
        return False
    return token.form is not Form.NAME or token.pattern.rpartition(".")[2] not in _FILE_ENDINGS
