"""Whole logs: mixed formats, formats that change on the way, and secrets that go nowhere."""

from __future__ import annotations

import itertools
import json

import pytest

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.formats import FORMATS, load_format, recognise
from aks_egress_catalog.logs.read import read_texts, without_secrets
from tests.catalog.logs.made import CSV_HEADER, LINES, flow_log, made, panos_url

FORMS = [form for form in LINES if form != "flow-logs"]


def text_of(form: str, count: int = 12, seed: int = 1) -> str:
    lines = list(made(form, count, denied=1.0, seed=seed))
    if form == "flow-logs":
        return "".join(flow_log(lines)) + "\n"
    return "\n".join(([CSV_HEADER] if form.endswith("csv") else []) + lines) + "\n"


def results(text: str, context: Context | None = None, **options: str) -> list[Flow | Skipped]:
    return list(read_texts([text], context or Context(), **options))


def count(text: str, context: Context | None = None) -> int:
    return sum(isinstance(one, Flow) for one in results(text, context))


@pytest.mark.parametrize("form", LINES)
def test_formats_are_found_by_content(form: str) -> None:
    context = Context()
    assert count(text_of(form), context) == 12
    assert list(context.formats) == [form.split(maxsplit=1)[0]]
    assert (context.unreadable, context.other_lines) == (0, 0)


@pytest.mark.parametrize("form", LINES)
def test_no_format_takes_the_lines_of_another(form: str) -> None:
    text = text_of(form)
    assert [name for name in FORMATS if load_format(name).recognises(text)] == [form.split(maxsplit=1)[0]]


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(FORMS, 2)))
def test_logs_may_be_joined(first: str, second: str) -> None:
    context = Context()
    assert count(text_of(first, 20) + text_of(second, 20) + text_of(first, 20, seed=2), context) == 60
    assert context.unreadable == 0


def test_stray_lines_do_not_make_a_header_forgotten() -> None:
    header, *rows = text_of("log-analytics csv", 40).splitlines()
    strays = list(made("squid", 40, denied=1.0))
    mixed = [line for pair in zip(rows, strays, strict=True) for line in pair]
    context = Context()
    assert count("\n".join((header, *mixed)), context) == 80
    assert list(context.formats) == ["log-analytics", "squid"]


def test_strays_take_no_lines_that_were_read_ahead() -> None:
    header, *rows = text_of("log-analytics csv", 80).splitlines()
    rows[3] = '"' + rows[3]
    rows[10:10] = ['TimeGenerated "x,Fqdn', *made("fortigate", 3, denied=1.0), ',"TimeGenerated]']
    context = Context()
    found = results("\n".join((header, *rows)), context)
    assert sum(isinstance(one, Flow) for one in found) == 82
    assert len(found) + sum(context.passed_over.values()) == context.lines


@pytest.mark.parametrize("form", FORMS)
def test_lines_of_no_format_are_unreadable_wherever_they_stand(form: str) -> None:
    header = [CSV_HEADER] if form.endswith("csv") else []
    lines = list(made(form, 5, denied=1.0))
    junk = ["kernel: eth0 link up", "", "\x1b[31mred\u202e", "{", "{}", "[]", '"', "a,b,c", "=" * 100, "null", "\0"]
    text = "\n".join((*junk, *header, *itertools.chain.from_iterable(zip(lines, junk, strict=False)), *junk))
    context = Context()
    found = results(text, context)
    assert sum(isinstance(one, Flow) for one in found) == 5
    assert context.lines == 5 + len(header) + 2 * len(junk) + 5
    others = context.passed_over["blank"] + context.passed_over["header"]
    assert len(found) + others == context.lines


def test_named_format_is_not_left() -> None:
    context = Context()
    found = results(text_of("squid", 3) + text_of("hubble", 3), context, format_name="hubble")
    assert [isinstance(one, Flow) for one in found] == [False] * 3 + [True] * 3
    assert list(context.formats) == ["hubble"]
    with pytest.raises(InputError, match="no log format 'cisco'; there is: azure-structured"):
        results("x", format_name="cisco")


@pytest.mark.parametrize("form", LINES)
def test_last_line_may_have_no_end_or_be_half_a_line(form: str) -> None:
    text = text_of(form).rstrip("\n")
    if form != "flow-logs":
        assert count(text) == 12
        half = results(text[:-60])
        assert sum(isinstance(one, Flow) for one in half) >= 11
        assert len(half) == 12


@pytest.mark.parametrize("form", LINES)
def test_pieces_may_end_anywhere(form: str) -> None:
    text = text_of(form)
    head = text[:400] if form != "log-analytics csv" else text[: len(CSV_HEADER) + 2]
    pieces = [head, *(text[place : place + 7] for place in range(len(head), len(text), 7))]
    assert [one for one in read_texts(pieces, Context()) if isinstance(one, Flow)] == results(text)


def test_lines_of_another_kind_and_unreadable_ones_are_told_apart() -> None:
    nat = '{"time":"2026-11-20T08:15:02Z","resourceId":"/x","category":"AZFWNatRule","properties":{}}'
    context = Context()
    found = results(text_of("azure-structured", 2) + nat + "\nnonsense\n", context)
    assert [(one.unreadable, one.why) for one in found if isinstance(one, Skipped)] == [
        (False, "NAT rule: inbound"),
        (True, "no JSON"),
    ]
    assert (context.other_lines, context.unreadable) == (1, 1)


@pytest.mark.parametrize(
    "line",
    [
        "1795875240.812 6 10.0.0.4 TCP_DENIED/403 GET https://me:secret@a.example/secret?sig=secret - x",
        panos_url("nonsense", "a.example/secret?sig=secret"),
        '{"verdict":"DROPPED","l7":{"http":{"url":"http://a.example:80/secret#secret"}},"time":"x"}',
        'date=2026-11-20 time=08:23:02 logid="1" type="utm" url="https://a.example/secret" action="blocked" time=x',
        "HTTP  request from 10.0.0.7:1 to a b:80. Url: a.example:80/secret?a=secret. Action: Deny. Policy: x",
    ],
)
def test_secrets_of_urls_go_nowhere(line: str) -> None:
    found = results(line)
    assert found
    assert "secret" not in repr(found)


def test_shown_lines_are_cut() -> None:
    assert len(without_secrets("x" * 10_000)) == 300


def test_documents_are_known_from_lines() -> None:
    lines = text_of("azure-structured", 3).splitlines()
    records = [json.loads(line) for line in lines]
    for text in (
        json.dumps(records),
        json.dumps(records, indent=4),
        json.dumps({"records": records}, indent=1),
        "\n\n" + json.dumps(records[0], indent=1) + json.dumps(records[1:]),
        "\ufeff" + "\n".join(lines),
        lines[0][:30] + "\n" + "\n".join(lines),
    ):
        assert count(text) == 3, text[:50]


def test_recognising_needs_no_more_than_a_line() -> None:
    for form in FORMS:
        line = CSV_HEADER if form.endswith("csv") else next(made(form, 1))
        assert recognise(line) == form.split()[0]
    assert recognise("nothing") == recognise("") == ""
