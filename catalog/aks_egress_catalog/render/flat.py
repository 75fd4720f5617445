"""The flat list: one rule alternative a line, for spreadsheets, diffs and shell pipes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields

from aks_egress_catalog.model import Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class FlatRule:
    """One alternative of one rule, every field as text. The order of the fields is the order of the columns."""

    id: str
    cloud: str
    cloud_stated: str
    feature: str
    level: str
    kind: str
    destination: str
    protocol: str
    port: str
    application: str
    alternative: str
    conditions: str
    lifecycle: str


COLUMNS = tuple(field.name for field in fields(FlatRule))


def flatten(rules: Iterable[Rule]) -> Iterator[FlatRule]:
    """Yield the alternatives of each rule, sorted by id and alternative.

    >>> import aks_egress_catalog as aec
    >>> rules = aec.load(as_of="2026-07-02").rules(cloud="AzureCloud", feature="key-vault-csi")
    >>> [(flat.destination, flat.port, flat.alternative) for flat in flatten(rules)]
    [('vault.azure.net', '443', '')]
    """
    for rule in sorted(rules, key=lambda rule: rule.id):
        total = len(rule.destinations)
        for place, destination in enumerate(rule.destinations, start=1):
            yield FlatRule(
                id=rule.id,
                cloud=rule.cloud,
                cloud_stated="true" if rule.cloud_stated else "false",
                feature=rule.feature,
                level=rule.level,
                kind=rule.kind,
                destination=str(destination),
                protocol=rule.protocol or "",
                port=str(rule.port or ""),
                application=rule.application or "",
                alternative=f"{place}/{total}" if total > 1 else "",
                conditions=";".join(map(str, rule.conditions_of(destination))),
                lifecycle=rule.lifecycle.status,
            )


def values(flat: FlatRule) -> tuple[str, ...]:
    """The fields of a line, in the order of the columns."""
    return tuple(getattr(flat, name) for name in COLUMNS)


def to_records(rules: Iterable[Rule]) -> list[dict[str, str | int | bool | None]]:
    """The flat list for JSON: a port is a number, or null where there is none, and ``cloud_stated`` a truth value."""
    return [
        asdict(flat) | {"port": int(flat.port) if flat.port else None, "cloud_stated": flat.cloud_stated == "true"}
        for flat in flatten(rules)
    ]


def to_csv(rules: Iterable[Rule]) -> str:
    """Write the flat list as CSV (RFC 4180 quoting, LF line ends) with a header line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(values(flat) for flat in flatten(rules))
    return text.getvalue()
