"""The two formats for programs: JSON says all of a resolution, CSV one line for each concrete destination."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut, Resolution
from aks_egress_catalog.exports.data import canonical_json, flat_csv
from aks_egress_catalog.exports.export import Fidelity, Header
from aks_egress_catalog.model import Constraint, DestinationForm, Kind, Level, Protocol
from tests import base

HEADER = Header(catalog_version="0.1.0", facts_date="2025-01-01", profile="cloud=AzureCloud region=westeurope")
PROFILES = {
    "public": aec.Profile(
        region="westeurope",
        features=("azure-monitor", "defender"),
        konnectivity=False,
        api_server_ips=("192.0.2.9", "2001:db8::9"),
    ),
    "China": aec.Profile(cloud="AzureChinaCloud", region="chinaeast2", features=("azure-monitor",)),
    "US Government, no region": aec.Profile(cloud="AzureUSGovernment", recommended=False),
}
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def resolution_of(name: str) -> Resolution:
    return base.CATALOG.resolve(PROFILES[name], target=flat_csv.TARGET, informational=True)


def concrete(value: str, **changes: object) -> ConcreteRule:
    given_fields: dict[str, object] = {
        "id": "AzureCloud/core/x:tcp-443",
        "feature": "core",
        "level": Level.REQUIRED,
        "kind": Kind.FQDN,
        "form": DestinationForm.FQDN,
        "values": (value,),
        "protocol": Protocol.TCP,
        "port": 443,
        "application": None,
    }
    return ConcreteRule(**{**given_fields, **changes})  # type: ignore[arg-type]  # fields by name, for short tests


def resolution(*rules: ConcreteRule) -> Resolution:
    return Resolution(rules=rules, left_out=(), caveats=())


def read(found: Resolution, header: Header = HEADER) -> list[dict[str, str]]:
    text = flat_csv.render(found, header).files["rules.csv"]
    table = text[text.index("\n" + ",".join(flat_csv.COLUMNS)) + 1 :]
    return list(csv.DictReader(io.StringIO(table, newline=""), strict=True))


def head(found: Resolution, header: Header = HEADER) -> list[str]:
    """The lines above the columns, and nothing of what comes below them begins as they do."""
    lines = flat_csv.render(found, header).files["rules.csv"].split("\n")
    place = lines.index(",".join(flat_csv.COLUMNS))
    return lines[:place]


@pytest.mark.parametrize("name", PROFILES)
def test_json_says_every_field_of_a_resolution(name: str) -> None:
    found = resolution_of(name)
    content = json.loads(canonical_json.render(found, HEADER).files["rules.json"])
    assert set(content) == {"schema_version", "header", "rules", "unmet", "left_out", "caveats"}
    assert content["header"] == dataclasses.asdict(HEADER)
    assert content["rules"] == json.loads(json.dumps([dataclasses.asdict(rule) for rule in found.rules]))
    assert content["unmet"] == [dataclasses.asdict(rule) for rule in found.unmet]
    assert content["left_out"] == [dataclasses.asdict(rule) for rule in found.left_out]
    assert content["caveats"] == list(found.caveats)


@pytest.mark.parametrize("name", PROFILES)
def test_the_same_question_gives_the_same_bytes(name: str) -> None:
    for module in (canonical_json, flat_csv):
        first = module.render(resolution_of(name), HEADER)
        assert first == module.render(resolution_of(name), HEADER)
        assert all(text.endswith("\n") for text in first.files.values())


@pytest.mark.parametrize("name", PROFILES)
def test_both_tell_every_rule_as_exact_and_every_unmet_one_as_dropped(name: str) -> None:
    found = resolution_of(name)
    expected = [(rule.id, Fidelity.EXACT, "") for rule in found.rules]
    expected += [(rule.id, Fidelity.DROPPED, rule.reason) for rule in found.unmet]
    for module in (canonical_json, flat_csv):
        notes = module.render(found, HEADER).notes
        assert [(note.id, note.fidelity, note.reason) for note in notes] == expected


def test_a_resolution_without_its_region_has_unmet_rules_to_tell() -> None:
    assert resolution_of("US Government, no region").unmet


@pytest.mark.parametrize("name", PROFILES)
def test_csv_has_one_line_for_each_destination(name: str) -> None:
    found = resolution_of(name)
    rows = read(found)
    prefixes = {DestinationForm.CIDR: "cidr:", DestinationForm.SERVICE_TAG: "tag:"}
    assert [(row["id"], row["destination"], row["port"]) for row in rows] == [
        (rule.id, prefixes.get(rule.form, "") + value, str(rule.port or ""))
        for rule in found.rules
        for value in rule.values
    ]
    assert list(rows[0]) == list(flat_csv.COLUMNS)


def test_a_new_version_of_the_data_changes_one_line_of_csv() -> None:
    found = resolution_of("public")
    newer = dataclasses.replace(HEADER, catalog_version="0.2.0")
    before, after = (flat_csv.render(found, one).files["rules.csv"].splitlines() for one in (HEADER, newer))
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        "# Catalog 0.2.0, facts of 2025-01-01."
    ]


def test_csv_says_above_its_columns_where_it_came_from_and_what_it_lacks() -> None:
    found = resolution_of("US Government, no region")
    (unmet, *_) = found.unmet
    lines = head(found)
    assert lines[:3] == [f"# {line}" for line in HEADER.lines()]
    assert f"# {unmet.id}: {unmet.reason}" in lines
    assert all(line.startswith("# ") for line in lines)


@given(text=st.text())
@example(text=",=HYPERLINK(1)")
@example(text='a;\t@x,"\r\n-1')
def test_no_text_whatever_makes_the_head_of_csv_live(text: str) -> None:
    hostile = Header(catalog_version=text, facts_date=text, profile=text)
    lines = head(Resolution(rules=(), left_out=(), caveats=(), unmet=(LeftOut(id="x", reason=text),)), hostile)
    assert len(lines) == 5
    for line in lines:
        assert line.startswith("# ")
        assert line.isprintable()
        assert '"' not in line
        assert not any(cell.lstrip().startswith(LIVE) for cell in re.split("[,;|]", line)[1:])


def test_csv_names_what_a_firewall_must_respect_and_what_would_narrow_the_rule() -> None:
    found = {row["id"]: row for row in read(resolution_of("public"))}
    server = found["AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"]
    assert server["constraints"] == Constraint.PRESERVE_ALPN
    assert server["narrower"] == "api_server_fqdn"
    assert server["destination"] == "*.hcp.westeurope.azmk8s.io"
    assert (server["protocol"], server["application"], server["level"]) == ("TCP", "HTTPS", "required")


@pytest.mark.parametrize("start", LIVE)
def test_no_cell_of_csv_is_a_formula(start: str) -> None:
    text = f'{start}HYPERLINK("http://evil.example")'
    (row,) = read(resolution(concrete("a.example", choice=text, narrower=f"  {text}", remarks=(text,))))
    for cell in (row["choice"], row["narrower"], row["remarks"]):
        assert not cell.lstrip().startswith(LIVE)
        assert "HYPERLINK" in cell


@pytest.mark.parametrize(
    "value", ["=1+1.example", "@a.example", "a\tb.example", " padded.example", "", "a\r\nb.example"]
)
def test_a_destination_that_csv_would_have_to_alter_is_dropped(value: str) -> None:
    export = flat_csv.render(resolution(concrete(value)), HEADER)
    (note,) = export.notes
    assert note.fidelity is Fidelity.DROPPED
    assert note.reason
    assert export.files["rules.csv"].endswith(",".join(flat_csv.COLUMNS) + "\n")


def test_any_and_wildcards_stand_in_csv_as_they_are() -> None:
    anywhere = concrete("*", kind=Kind.NETWORK, form=DestinationForm.ANY)
    assert [row["destination"] for row in read(resolution(concrete("*.x.example"), anywhere))] == ["*.x.example", "*"]


@given(text=st.text(), value=st.text(min_size=1))
def test_no_text_whatever_is_live_or_breaks_a_line_of_csv(text: str, value: str) -> None:
    hostile = Header(catalog_version=text, facts_date=text, profile=text)
    rules = (concrete(value, choice=text, id=text, remarks=(text, text)), concrete("a.example", narrower=text))
    rows = read(resolution(*rules), hostile)
    assert rows[-1]["destination"] == "a.example"
    assert len(rows) in (1, 2)
    for row in rows:
        assert list(row) == list(flat_csv.COLUMNS)
        assert not any(cell.lstrip().startswith(LIVE) for cell in row.values())
        assert all(char.isprintable() for cell in row.values() for char in cell)
        assert row["destination"] in ("a.example", value)


@given(text=st.text())
def test_any_text_whatever_comes_back_from_json(text: str) -> None:
    hostile = Header(catalog_version=text, facts_date=text, profile=text)
    found = Resolution(
        rules=(concrete("a.example", id=text, choice=text),),
        left_out=(LeftOut(id=text, reason=text),),
        caveats=(text,),
        unmet=(LeftOut(id=text, reason=text),),
    )
    content = json.loads(canonical_json.render(found, hostile).files["rules.json"])
    assert content["header"]["profile"] == content["caveats"][0] == content["unmet"][0]["reason"] == text
