"""Lists of URLs for firewalls that run on no machine of ours: what their entries match, as the vendors publish it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from aks_egress_catalog.exports.formats import load_format
from tests.catalog.exports.engines.probes import exported, fitted, hosts, promises_name, resolutions


def palo_alto(entry: str, host: str) -> bool:
    """Tokens between dots: a star is one or more, a caret exactly one, and ``/`` ends the name."""
    pieces = {"*": r"[^./]+(?:\.[^./]+)*", "^": r"[^./]+"}
    tokens = entry.removesuffix("/").split(".")
    assert entry.endswith("/"), entry
    return re.fullmatch(r"\.".join(pieces.get(token) or re.escape(token) for token in tokens), host) is not None


def zscaler(entry: str, host: str) -> bool:
    """A leading dot is the name itself, and up to five labels before it."""
    name = re.escape(entry.removeprefix("."))
    return re.fullmatch(rf"(?:[^.]+\.){{0,5}}{name}" if entry.startswith(".") else name, host) is not None


@pytest.mark.parametrize("name", ["made up", "everything", "China"])
@pytest.mark.parametrize(("form", "matches"), [("edl", palo_alto), ("zscaler", zscaler)])
def test_what_an_entry_matches_is_what_the_declaration_promises(
    form: str, matches: Callable[[str, str], bool], name: str
) -> None:
    of = resolutions(form)[name]
    files = exported(form, of)
    taken = fitted(load_format(form).DECLARATION, of)
    entries = [line for file, text in files.items() if "url" in file for line in text.splitlines()]
    expected = {host: promises_name(taken, host) for host in hosts(of)}
    assert {host: any(matches(entry, host) for entry in entries) for host in expected} == expected
    assert set(expected.values()) == {True, False}


def test_a_leading_dot_of_zscaler_is_five_labels_and_the_note_says_so() -> None:
    deep = {count: f"{'x.' * count}wild.made-up.example" for count in (0, 1, 5, 6)}
    assert [count for count, host in deep.items() if zscaler(".wild.made-up.example", host)] == [0, 1, 5]
    export = load_format("zscaler")
    (wild,) = (one for one in fitted(export.DECLARATION, resolutions("zscaler")["made up"]) if "wild" in one.values[0])
    assert "with more than 5 labels before it do not pass" in wild.reason
