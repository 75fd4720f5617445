from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from aks_egress_catalog.catalog import SCHEMA_VERSION, Catalog
from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.store import from_json, load
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from tests import base

BASE = to_json(base.CATALOG)
SHIPPED = (SHIPPED_DATA / "catalog.json").read_text(encoding="utf-8")


def changed(path: str, value: object) -> str:
    """Put ``value`` at a dotted path of a catalog; a trailing ``-`` deletes."""
    content: Any = json.loads(BASE)
    *steps, last = path.removesuffix("-").split(".")
    place = content
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    if path.endswith("-"):
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return json.dumps(content)


def test_what_is_written_is_read_back_and_written_the_same() -> None:
    catalog = from_json(SHIPPED)
    assert to_json(catalog) == SHIPPED
    assert SHIPPED.endswith("}\n")


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        ("surprise", 1, "$.surprise"),
        ("rules.3.surprise", 1, "$.rules[3].surprise"),
        ("rules.3.port", "443", "$.rules[3].port"),
        ("rules.3.port", True, "$.rules[3].port"),
        ("rules.3.kind", "cidr", "$.rules[3].kind"),
        ("rules.3.destinations", {}, "$.rules[3].destinations"),
        ("rules.3.destinations.0.form", 7, "$.rules[3].destinations[0].form"),
        ("rules.3.port-", None, "$.rules[3].port"),
        ("rules.3.port", 99999, "$.rules[3]"),
        ("rules.3.id", "AzureCloud/core/x:tcp-1", "$.rules[3]"),
        ("rules.3.sources.0.row", None, "$.rules[3].sources[0].row"),
        ("rules.3.conditions", ["not-if:private-cluster"], "$.rules[3].conditions[0]"),
        ("pages.0.updated", "yesterday", "$.pages[0].updated"),
        ("watched", [], "$.watched"),
        ("watched.2-gpu", "7d", "$.watched.2-gpu"),
        ("watched.2-gpu", ["7d", 7], "$.watched.2-gpu[1]"),
        ("schema_version", SCHEMA_VERSION + 1, "$.schema_version"),
        ("rules", [], None),
    ],
)
def test_a_wrong_catalog_is_refused_with_its_json_path(path: str, value: object, at: str | None) -> None:
    text = changed(path, value)
    if at is None:
        assert from_json(text).rules == ()
        return
    with pytest.raises(CatalogError) as refused:
        from_json(text, strict=True)
    assert refused.value.path == at


@pytest.mark.parametrize("text", ["", "{", "[]", "null", BASE[: len(BASE) // 2]])
def test_what_is_no_catalog_is_refused(text: str) -> None:
    with pytest.raises(CatalogError):
        from_json(text)


def test_a_newer_schema_says_what_to_do() -> None:
    with pytest.raises(CatalogError, match="upgrade aks-egress-catalog"):
        from_json(changed("schema_version", SCHEMA_VERSION + 1))


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"nowhere\.json"):
        load(tmp_path / "nowhere.json")
    broken = tmp_path / "broken.json"
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogError, match=r"broken\.json"):
        load(broken)


@pytest.mark.parametrize("path", ["surprise", "rules.0.surprise", "rules.0.sources.0.surprise"])
def test_pydantic_and_the_standard_library_refuse_the_same_keys(path: str) -> None:
    text = changed(path, 1)
    with pytest.raises(ValidationError):
        TypeAdapter(Catalog).validate_json(text)
    with pytest.raises(CatalogError):
        from_json(text, strict=True)
    assert from_json(text) == base.CATALOG  # a key of a later version, to whoever only reads


def test_pydantic_reads_the_shipped_catalog_as_the_standard_library_does() -> None:
    assert TypeAdapter(Catalog).validate_json(SHIPPED) == load()


def test_a_catalog_that_an_editor_gave_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(to_json(load()), encoding="utf-8-sig")
    assert load(file) == load()
