"""The scanner of JSON: the same as the standard library, with places, comments and trailing commas."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.tree import Items, Node, Table, Text

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def plain(node: Node, text: str) -> Any:
    """Return a tree as the standard library has it; each value is read once more at its place."""
    if isinstance(node, Table):
        assert (text[node.place.start], text[node.place.end - 1]) == ("{", "}")
        return [(key.value, plain(value, text)) for key, value in node.pairs]
    if isinstance(node, Items):
        assert (text[node.place.start], text[node.place.end - 1]) == ("[", "]")
        return [plain(one, text) for one in node.items]
    assert isinstance(node, Text)
    raw = text[node.place.start : node.place.end]
    if text[node.place.start - 1 : node.place.start] == '"':
        assert json.loads(f'"{raw}"') == node.value
        assert raw == (node.written or node.value)
        return node.value
    return json.loads(raw)


@given(documents, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_document_is_read_as_by_the_standard_library(document: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    expected = json.loads(text, object_pairs_hook=list)
    found = plain(read_json("x.json", text), text)
    assert json.dumps(found) == json.dumps(expected)


@given(st.text('{}[]",:0-.eE \\u\ntrufalsn"', max_size=12))
def test_what_is_no_document_is_refused_as_by_the_standard_library(text: str) -> None:
    try:
        expected = json.loads(text, object_pairs_hook=list, strict=False)
    except ValueError:
        # More is taken here: a comma before the end of a list or of a table.
        if "," not in text:
            with pytest.raises(JsonError):
                read_json("x.json", text)
        return
    assert json.dumps(plain(read_json("x.json", text), text)) == json.dumps(expected)


def test_comments_and_trailing_commas_are_passed_over() -> None:
    text = '// a\n{ /* b */ "x": [1, 2,], // "c": 3\n "x": "y//z", }\n/**/'
    assert plain(read_json("x.json", text), text) == [("x", [1, 2]), ("x", "y//z")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1', "x.json:1:8"),
        ('{\n "a" 1}', "x.json:2:6"),
        ('["\\x"]', "x.json:1:3"),
        ('{"a": }', "x.json:1:7"),
        ("[1, , 2]", "x.json:1:5"),
        ("[1] 2", "x.json:1:5"),
        ("[1}", "x.json:1:3"),
        ("[nul]", "x.json:1:2"),
        ("[01]", "x.json:1:2"),
        ("", "x.json:1:1"),
        ('{"a": "b', "x.json:1:7"),
    ],
)
def test_an_error_has_its_place(text: str, place: str) -> None:
    with pytest.raises(InputError) as error:
        read_json("x.json", text)
    assert str(error.value).startswith(f"{place}: ")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_depth_is_an_error_and_nothing_worse(text: str) -> None:
    with pytest.raises(JsonError, match="nested"):
        read_json("x.json", text)


def test_it_takes_linear_time() -> None:
    row = '{"targetFqdns": ["mcr.microsoft.com", "*.data.mcr.microsoft.com"], "n": [1, 2, 3]},\n'
    started = time.process_time()
    read_json("x.json", f"[{row * 1_000}]")
    once = time.process_time() - started
    started = time.process_time()
    read_json("x.json", f"[{row * 10_000}]")
    assert time.process_time() - started < 40 * once
    started = time.process_time()
    for text in ("/*" * 50_000, "//" * 50_000 + "\n", '"' + "\\" * 100_000, " " * 100_000 + "x"):
        with pytest.raises(JsonError):
            read_json("x.json", text)
    assert time.process_time() - started < 5
