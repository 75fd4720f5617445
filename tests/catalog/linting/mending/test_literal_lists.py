"""One value more, or less, in a list in brackets: everything else stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.linting.mending.literal_lists import read_list, with_other, with_value, without
from aks_egress_catalog.linting.mending.words import CannotEditError, list_around

HCL, BICEP = '"', "'"


@pytest.mark.parametrize(
    ("quote", "before", "after"),
    [
        pytest.param(HCL, '["a.io", "z.io"]', '["a.io", "m.io", "z.io"]', id="one line, sorted"),
        pytest.param(HCL, '["z.io", "a.io"]', '["z.io", "a.io", "m.io"]', id="one line"),
        pytest.param(HCL, '["z.io","a.io",]', '["z.io","a.io","m.io",]', id="no spaces, comma at the end"),
        pytest.param(HCL, '["z.io"]', '["z.io", "m.io"]', id="one value"),
        pytest.param(HCL, '[ "z.io" ]', '[ "z.io", "m.io" ]', id="spaces within the brackets"),
        pytest.param(HCL, '[\n  "a.io",\n  "z.io",\n]', '[\n  "a.io",\n  "m.io",\n  "z.io",\n]', id="sorted lines"),
        pytest.param(
            HCL, '[\n  "n.io",\n  "z.io",\n]', '[\n  "m.io",\n  "n.io",\n  "z.io",\n]', id="first of the lines"
        ),
        pytest.param(
            HCL, '[\n  "z.io",\n  "a.io"\n]', '[\n  "z.io",\n  "a.io",\n  "m.io"\n]', id="no comma at the end"
        ),
        pytest.param(HCL, '[\n\t"z.io",\n\t"a.io",\n]', '[\n\t"z.io",\n\t"a.io",\n\t"m.io",\n]', id="tabs"),
        pytest.param(HCL, '[\r\n  "z.io",\r\n  "a.io"\r\n]', '[\r\n  "z.io",\r\n  "a.io",\r\n  "m.io"\r\n]', id="CRLF"),
        pytest.param(
            HCL,
            '[\n  "z.io", # the last\n  "a.io" // no comma, "x"\n]',
            '[\n  "z.io", # the last\n  "a.io", // no comma, "x"\n  "m.io"\n]',
            id="comments at the ends of lines",
        ),
        pytest.param(
            HCL,
            '[\n  # core\n  "a.io",\n  # others\n  "z.io",\n  # "old.io",\n]',
            '[\n  # core\n  "a.io",\n  # others\n  "z.io",\n  "m.io",\n  # "old.io",\n]',
            id="sections",
        ),
        pytest.param(
            HCL,
            '[\n  "z.io", /* two\n  lines */\n]',
            '[\n  "z.io", /* two\n  lines */\n  "m.io",\n]',
            id="a comment of two lines",
        ),
        pytest.param(
            HCL,
            '["a.io", "${var.x["y"]}.io", local.z]',
            '["a.io", "${var.x["y"]}.io", local.z, "m.io"]',
            id="expressions",
        ),
        pytest.param(HCL, '["z.io"\n  , "a.io"\n]', '["z.io"\n  , "a.io", "m.io"\n]', id="commas in front"),
        pytest.param(
            HCL, '[\n  "z.io",\n  "a.io"]', '[\n  "z.io",\n  "a.io",\n  "m.io"]', id="bracket on the last line"
        ),
        pytest.param(BICEP, "['z.io', 'a.io']", "['z.io', 'a.io', 'm.io']", id="Bicep, one line"),
        pytest.param(BICEP, "[\n  'z.io'\n  'a.io'\n]", "[\n  'z.io'\n  'a.io'\n  'm.io'\n]", id="Bicep, no commas"),
        pytest.param(BICEP, "[\n  'a.io'\n  'z.io'\n]", "[\n  'a.io'\n  'm.io'\n  'z.io'\n]", id="Bicep, sorted"),
        pytest.param(BICEP, "[\n  'z.io',\n  'a.io'\n]", "[\n  'z.io',\n  'a.io',\n  'm.io'\n]", id="Bicep, commas"),
        pytest.param(BICEP, "[\n  'z.io'\n]", "[\n  'z.io'\n  'm.io'\n]", id="Bicep, one value"),
        pytest.param(
            BICEP, "[\n  '#z.io' // 'q'\n  'a.io'\n]", "[\n  '#z.io' // 'q'\n  'a.io'\n  'm.io'\n]", id="Bicep, comment"
        ),
        pytest.param(
            BICEP,
            "[\n  'z.io'\n  '*.${location}.a.io'\n  '''b.io'''\n]",
            "[\n  'z.io'\n  '*.${location}.a.io'\n  '''b.io'''\n  'm.io'\n]",
            id="Bicep, other strings",
        ),
    ],
)
def test_a_value_is_added_in_the_style_of_its_list(quote: str, before: str, after: str) -> None:
    assert with_value(read_list(before, quote), "m.io") == after


@pytest.mark.parametrize(
    ("quote", "before", "after"),
    [
        (HCL, '["a.io", "old.io", "z.io"]', '["a.io", "z.io"]'),
        (HCL, '["old.io", "z.io",]', '["z.io",]'),
        (HCL, '["a.io", "old.io"]', '["a.io"]'),
        (HCL, '[\n  "a.io",\n  "old.io", # gone\n  "z.io",\n]', '[\n  "a.io",\n  "z.io",\n]'),
        (HCL, '[\n  "a.io", # a\n  "old.io"\n]', '[\n  "a.io" # a\n]'),
        (HCL, '[\r\n  "old.io",\r\n  # b\r\n  "z.io"\r\n]', '[\r\n  # b\r\n  "z.io"\r\n]'),
        (BICEP, "[\n  'a.io'\n  'old.io'\n]", "[\n  'a.io'\n]"),
        (BICEP, "['old.io', 'a.io']", "['a.io']"),
    ],
)
def test_a_value_is_taken_out_with_its_line(quote: str, before: str, after: str) -> None:
    assert without(read_list(before, quote), before.index("old.io")) == after


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('["old.io"]', "only value"),
        ('["a.io", /* about old */ "old.io"]', "comment"),
        ('["old.io" # b\n , "a.io"]', "lines of their own"),
        ('[for x in ["old.io"] : x]', "loop"),
        ('["old.io]', "no end"),
        ('[,"old.io"]', "without a value"),
        ("var.x", "no list"),
    ],
)
def test_what_is_not_safe_is_refused(text: str, why: str) -> None:
    with pytest.raises(CannotEditError, match=why):
        without(read_list(text, HCL), text.find("old.io"))


@pytest.mark.parametrize("value", ['a"b', "${x}", "a.io\n", "a b", "a.io'", "%{x}", "a.*.io", ""])
def test_nothing_is_written_that_could_end_a_string(value: str) -> None:
    for quote in (HCL, BICEP):
        with pytest.raises(CannotEditError):
            with_value(read_list(f"[{quote}a.io{quote}]", quote), value)
        with pytest.raises(CannotEditError):
            with_other(read_list(f"[{quote}a.io{quote}]", quote), 1, "a.io", value)


def test_only_what_was_read_is_replaced() -> None:
    known = read_list('["a.io", "${var.x}.io"]', HCL)
    assert with_other(known, 2, "a.io", "b.io") == '["b.io", "${var.x}.io"]'
    for at, old in ((2, "c.io"), (10, "${var.x}.io")):
        with pytest.raises(CannotEditError):
            with_other(known, at, old, "b.io")


GAPS = st.sampled_from(["", " ", "\n", "\n\t", "\r\n    ", " # a, b\n", "\n  // ]\n", " /* [ */ "])
HOSTS = st.sampled_from(["b.io", "*.c.io", "d-e.f.io", "Z.io"])


@st.composite
def lists(draw: st.DrawFn) -> str:
    """A list with gaps of every kind, and its values."""
    hosts = draw(st.lists(HOSTS, min_size=1, unique=True))
    body = ",".join(f'{draw(GAPS)}"{host}"{draw(GAPS)}' for host in hosts)
    return f"[{body}{draw(st.sampled_from([',', '']))}{draw(GAPS)}]"


def bare(text: str) -> str:
    return "".join(text.replace(",", "").split())


@given(lists())
@settings(max_examples=800)
def test_whatever_stands_between_the_values_stays(text: str) -> None:
    known = read_list(text, HCL)
    more = with_value(known, "m.io")
    assert sorted(filter(None, read_list(more, HCL).strings)) == sorted([*filter(None, known.strings), "m.io"])
    assert [one for one in read_list(more, HCL).strings if one != "m.io"] == known.strings
    assert bare(more.replace('"m.io"', "", 1)) == bare(text)


@given(lists(), st.data())
def test_what_was_added_can_be_taken_out_again(text: str, data: st.DataObject) -> None:
    known = read_list(text, HCL)
    item = data.draw(st.sampled_from(known.items))
    try:
        less = without(known, item.start)
    except CannotEditError:
        return
    assert read_list(less, HCL).strings == [one for one in known.strings if one != item.string]


def test_the_list_around_a_place_is_the_innermost() -> None:
    text = 'x = concat([y["z"], "a.io"], ["b.io"]) # ["c.io"]\nz = <<EOT\n["d.io"\nEOT\nw = { q = "["\n r = ["e.io"] }'
    found = {host: list_around(text, HCL, text.index(host)) for host in ("a.io", "b.io", "e.io")}
    assert [text[span[0] : span[1]] for span in found.values() if span] == ['[y["z"], "a.io"]', '["b.io"]', '["e.io"]']
    assert list_around(text, HCL, text.index("q =")) is None
