"""Palo Alto Networks firewalls: ``set`` commands that are exact, and the same destinations as external dynamic lists.

- Three files are pasted in configure mode of a firewall, in this order; Panorama has other paths. ``objects.txt`` has
  services, URL categories and addresses; ``new-rules.txt`` makes for each of them a security rule that is **disabled**
  and open from any zone and source; ``rules.txt`` ties each rule to its destinations and its port. Then set zones and
  source, and enable the rules. Later ``objects.txt`` and ``rules.txt`` can be pasted again: neither disables a rule nor
  touches its zones and sources. ``new-rules.txt`` would; in a change it has only the rules that are new.
- ``set`` only adds. In a change, ``deletes.txt`` takes away what the older export had and the newer has not; paste it
  last.
- The comment of the tag ``aks-egress`` is the header, with remarks and caveats as far as they fit. ``objects.txt`` and
  ``rules.txt`` begin with a line ``# …`` for each rule that they lack; at the prompt such a line sets nothing.
- ``urls.txt`` and ``ips.txt`` are lists for EDLs of type *URL List* and *IP List*. A list carries no ports and takes
  no comment lines: bound to a rule that lets several ports through, each destination is open on all of them.

How a host is written (PAN-OS, *Guidelines for URL Category Exceptions*):

- Every entry ends in ``/``. Without it ``mcr.microsoft.com`` also lets ``mcr.microsoft.com.evil.example`` through,
  wherever *Append Ending Token* is off, as it is by default before PAN-OS 10.2.
- ``*.x/`` covers one or more labels before ``x``, and not ``x``: as the catalog means it. ``^`` stands for exactly one
  label: any other whole-label star, and a placeholder. A wildcard is a whole label: ``md-*`` cannot be written.
- A URL category sees TLS (by its server name) and HTTP; it needs no decryption. Network rules go by address instead,
  as do host rules for other traffic: there a name stands for the addresses that the firewall resolves it to.
- Names of objects have 63 characters, comments 1,023 (*Addresses Fields*), an entry 255 (*URL Category Exceptions*).
- The application stays ``any``: App-ID knows this traffic under dozens of names, and the catalog under none of them.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.appliances.paloalto_deletes import deletions, names_set
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    RANGES_OR_ANY,
    Declaration,
    InnerStar,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Export, Fidelity, FidelityNote, Header, lacking_lines
from aks_egress_catalog.exports.placement import NotExpressibleError, place_rules
from aks_egress_catalog.model import Constraint, DestinationForm

DESCRIPTION: Final = "PAN-OS set commands, and the same destinations as external dynamic lists (URL and IP)"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
OBJECTS: Final = "objects.txt"
NEW_RULES: Final = "new-rules.txt"
RULES: Final = "rules.txt"
DELETES: Final = "deletes.txt"
URLS: Final = "urls.txt"
ADDRESSES: Final = "ips.txt"
_COMMANDS: Final = (OBJECTS, NEW_RULES, RULES)
CHANGED_BY_COMMANDS: Final = (*_COMMANDS, URLS, ADDRESSES)

_PREFIX: Final = "aks-egress"
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_WHOLE_LABEL: Final = re.compile(r"(?:\*|\{[a-z0-9_-]+\})\Z")
_UNQUOTABLE: Final = re.compile(r'[^ -~]|["\\?]')
"""What ends a quoted text or asks the command line for help."""
_STRANGE: Final = re.compile(r"[^ -~\n]")
_COMMENT: Final = 1023
"""So many characters does PAN-OS take in a comment."""
_TAGGED: Final = f"tag {_PREFIX}"
_RULEBASE: Final = "set rulebase "
_FROM_ANY: Final = ("disabled yes", "from any", "to any", "source any")
"""How each rule begins. The catalog knows no zones: the rule is off before it is anything, until somebody sets them."""
_ADVICE: Final = (
    f"{URLS} and {ADDRESSES} carry no ports, the rules do: set their zones and source, then enable them; paste"
    f" {NEW_RULES} once only."
)
_BY_URL: Final = Way(
    name="a URL category", stated=True, wildcard=Wildcard.ANY_DEPTH, inner=InnerStar.WHOLE_LABEL, longest=252
)
DECLARATION: Final = Declaration(
    title="PAN-OS",
    ways=(
        _BY_URL,
        Way(name="an address object", traffic=EVERY_TRAFFIC, no_port=NoPort.DROPPED, by_address=True),
        Way(name="an address object", forms=RANGES_OR_ANY, traffic=EVERY_TRAFFIC, no_port=NoPort.EXACT),
    ),
    needs=("zones and sources in each rule, which is off until then",),
    judge="fwshift, a foreign reader",
)


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """One rule as PAN-OS takes it, under the name of its service; each value is in one of the lists."""

    service: str
    urls: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    anywhere: bool = False
    undecrypted: bool = False
    fidelity: Fidelity = Fidelity.EXACT
    reason: str = ""


def render(resolution: Resolution, header: Header) -> Export:
    """Write the commands, which are exact, and the lists.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["urls.txt"].splitlines()[:2]
    ['*.data.mcr.microsoft.com/', '*.hcp.westeurope.azmk8s.io/']
    """
    placed, notes = place_rules(resolution, _place)
    commands = list(_commands(placed, header, tuple(_remarks(resolution))))
    lacking = list(_lacking(notes))
    rules = [line for line in commands if line.startswith(_RULEBASE)]
    lines = {
        OBJECTS: [*lacking, *(line for line in commands if not line.startswith(_RULEBASE))],
        NEW_RULES: [line for line in rules if _begins_a_rule(line)],
        RULES: [*lacking, *(line for line in rules if not _begins_a_rule(line))],
        URLS: sorted({url for place in placed for url in place.urls}),
        ADDRESSES: _by_number({each for place in placed for each in place.networks}),
    }
    return Export(files={name: _text(content) for name, content in lines.items()}, notes=notes)


def change(before: State, after: State, _said: list[str]) -> dict[str, str]:
    """Write the newer export, of whose rules only the new ones begin anew, and the commands that take away."""
    old, new = (
        [line for name in _COMMANDS for line in state.export.files[name].splitlines()] for state in (before, after)
    )
    known, files = names_set(old), after.export.files
    first = [line for line in files[NEW_RULES].splitlines() if not names_set([line]) & known]
    return {**files, NEW_RULES: _text(first), DELETES: _text(deletions(old, new))}


def _begins_a_rule(line: str) -> bool:
    """Say whether a command sets what the operator decides, or turns a rule off: it is for new rules only."""
    return line.endswith(tuple(f" {setting}" for setting in _FROM_ANY))


def _text(lines: Iterable[str]) -> str:
    """Join lines, none of which may be more than one: what is pasted into a firewall is run line by line."""
    text = "".join(f"{line}\n" for line in lines)
    strange = _STRANGE.search(text)
    if strange:
        raise AksEgressError(f"{strange[0]!a} can stand in no command of PAN-OS; this is a fault of aks-egress-catalog")
    return text


def _lacking(notes: Iterable[FidelityNote]) -> Iterator[str]:
    for line in lacking_lines(notes):
        yield from (f"# {part}" for part in textwrap.wrap(_UNQUOTABLE.sub("_", line), width=116))


def _remarks(resolution: Resolution) -> Iterator[str]:
    """What the reader should know, in the order of weight: the comment that it goes into may be too short for all."""
    remarks = [f"{rule.id}: {remark}" for rule in resolution.rules for remark in rule.remarks]
    first = (": missing ", ": not of the article")  # of what is cut off, these are the last
    yield from sorted(remarks, key=lambda remark: not any(words in remark for words in first))
    yield from resolution.caveats


def _place(rule: ConcreteRule) -> _Placed:
    fitted = fit(DECLARATION, rule)
    by_url, by_name = fitted.way is _BY_URL, rule.form is DestinationForm.FQDN
    return _Placed(
        service=f"{rule.protocol.lower()}-{rule.port}" if rule.protocol else "any",
        urls=tuple(map(url_entry, fitted.values)) if by_url else (),
        hosts=tuple(map(_host, fitted.values)) if by_name and not by_url else (),
        networks=fitted.values if rule.form is DestinationForm.CIDR else (),
        anywhere=rule.form is DestinationForm.ANY,
        undecrypted=by_url and Constraint.PRESERVE_ALPN in rule.constraints,
        fidelity=fitted.fidelity,
        reason=fitted.reason,
    )


def url_entry(host: str) -> str:
    """Write a host pattern as an entry of a URL category or list, which holds 255 characters.

    >>> url_entry("*.data.mcr.microsoft.com"), url_entry("{region}.dp.example.com")
    ('*.data.mcr.microsoft.com/', '^.dp.example.com/')
    """
    deep, rest = ("*.", host[2:]) if host.startswith("*.") else ("", host)
    labels = ["^" if _WHOLE_LABEL.match(label) else label for label in rest.lower().split(".")]
    if any(set("*{") & set(label) for label in labels):
        raise NotExpressibleError(f"{host!a}: a wildcard of PAN-OS is a whole label, not a part of one")
    if not _is_host(["x" if label == "^" else label for label in labels]):
        raise NotExpressibleError(f"{host!a} is not a host that PAN-OS takes")
    return f"{deep}{'.'.join(labels)}/"


def _host(host: str) -> str:
    if not _is_host(host.lower().split(".")):
        raise NotExpressibleError(f"{host!a} is not a host that an address object takes")
    return host.lower()


def _is_host(labels: list[str]) -> bool:
    """Say whether labels make a domain; the last one is a word, so that no address passes for a host."""
    domain = len(labels) > 1 and all(map(_LABEL.match, labels)) and re.search("[a-z]", labels[-1])
    return bool(domain) and len(".".join(labels)) <= 252


def _by_number(networks: Iterable[str]) -> list[str]:
    return sorted(networks, key=lambda each: (":" in each, ipaddress.ip_network(each)))


def quoted(text: str) -> str:
    """Quote a text for the PAN-OS command line, as far as a comment takes it.

    >>> quoted('region="west"')
    '"region=_west_"'
    """
    return f'"{_UNQUOTABLE.sub("_", text)[:_COMMENT]}"'


def _object(value: str) -> str:
    """Name an address object after its value, in the 63 letters, digits, ``-`` and ``_`` that PAN-OS allows.

    >>> _object("192.0.2.0/24"), _object("ntp.ubuntu.com")
    ('aks-egress-192_0_2_0_24', 'aks-egress-ntp_ubuntu_com')
    """
    name = f"{_PREFIX}-" + value.translate({ord("."): "_", ord("/"): "_", ord(":"): "-"})
    return name if len(name) <= 63 else f"{name[:50]}-{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _comment(remarks: tuple[str, ...]) -> str:
    """Join what a comment takes, and count what it does not."""
    for kept in range(len(remarks), 0, -1):
        more = (
            (f"and {len(remarks) - kept} more: aks-egress-catalog resolve tells them",) if kept < len(remarks) else ()
        )
        text = "; ".join((*remarks[:kept], *more))
        if len(text) <= _COMMENT:
            return text
    return remarks[0]


def _commands(placed: list[_Placed], header: Header, remarks: tuple[str, ...]) -> Iterator[str]:
    """Write one setting a line, as PAN-OS itself shows its configuration in the ``set`` format."""
    yield f"set tag {_PREFIX} comments {quoted(_comment((' '.join((_ADVICE, *header.lines())), *remarks)))}"
    for each in _by_number({each for place in placed for each in place.networks}):
        yield from _set(f"address {_object(each)}", f"ip-netmask {each}", _TAGGED)
    for host in sorted({host for place in placed for host in place.hosts}):
        yield from _set(f"address {_object(host)}", f"fqdn {host}", _TAGGED)
    for service in sorted({place.service for place in placed}, key=_by_port):
        yield from _service(service, [place for place in placed if place.service == service])
    undecrypted = {url for place in placed if place.undecrypted for url in place.urls}
    if undecrypted:
        yield from _no_decryption(undecrypted)


def _set(what: str, *settings: str) -> Iterator[str]:
    return (f"set {what} {setting}" for setting in settings)


def _by_port(service: str) -> tuple[str, int]:
    protocol, _, port = service.partition("-")
    return protocol, int(port or 0)


def _service(service: str, placed: list[_Placed]) -> Iterator[str]:
    """Write a service with its URL category, its address group, and a security rule for each."""
    protocol, port = _by_port(service)
    name = f"{_PREFIX}-{service}"
    on = f"service {name if port else 'any'}"
    if port:
        yield from _set(f"service {name}", f"protocol {protocol} port {port}", _TAGGED)
    urls = sorted({url for place in placed for url in place.urls})
    members = _by_number({each for place in placed for each in place.networks})
    members += sorted({host for place in placed for host in place.hosts})
    if urls:
        yield from _category(name, urls)
        yield from _allow(f"{name}-urls", "destination any", f"category {name}", on)
    if members:
        yield from _set(f"address-group {name}", *(f"static {_object(member)}" for member in members), _TAGGED)
        yield from _allow(f"{name}-addresses", f"destination {name}", on)
    if any(place.anywhere for place in placed):
        yield from _allow(f"{name}-anywhere", "destination any", on)


def _category(name: str, urls: Iterable[str]) -> Iterator[str]:
    return _set(f"profiles custom-url-category {name}", 'type "URL List"', *(f"list {url}" for url in urls))


def _allow(name: str, *match: str) -> Iterator[str]:
    return _set(f"rulebase security rules {name}", *_FROM_ANY, *match, "application any", "action allow", _TAGGED)


def _no_decryption(urls: Iterable[str]) -> Iterator[str]:
    """Keep the firewall's TLS proxy, which may strip ALPN, off the hosts that need it."""
    name = f"{_PREFIX}-preserve-alpn"
    yield from _category(name, sorted(urls))
    match = ("destination any", f"category {name}", "service any", "type ssl-forward-proxy", "action no-decrypt")
    yield from _set(f"rulebase decryption rules {name}", *_FROM_ANY, *match, _TAGGED)
