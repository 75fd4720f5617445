from __future__ import annotations

import datetime as dt
import importlib.util
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aks_egress_catalog.history.changes import Change, ChangeKind, Impact, addition, change_of, removal
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.history.rule_card import RuleCard
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep
from aks_egress_catalog.model import (
    Application,
    Condition,
    Destination,
    DestinationForm,
    Effect,
    Level,
    Lifecycle,
    Protocol,
    Rule,
    Source,
    Status,
    When,
)
from aks_egress_catalog.render.escaping.code_span import code
from aks_egress_catalog.render.markdown import (
    announced_markdown,
    changes_markdown,
    endpoint,
    plan_markdown,
    rule_markdown,
)
from tests import factories

LINKIFY = importlib.util.find_spec("linkify_it") is not None
READER = MarkdownIt("gfm-like", {"html": True, "linkify": LINKIFY})
"""What a web site makes of Markdown, at its most obliging. Bare links are looked for where that library is there;
without it the tests below still hold, because no page text is ever outside of a code span."""

ATTACKS = (
    "`",
    "``",
    "` ``` `",
    "a`b``c```d",
    "`; <script>alert(1)</script> `",
    "`) [x](http://evil.example) (`",
    "\\` http://evil.example \\`",
    "https://evil.example/ www.evil.example a@evil.example",
    "[x](http://evil.example) ![x](http://evil.example/x.png)",
    "[x]: http://evil.example",
    "<img src=x onerror=alert(1)>",
    "<!-- --> <a href=//evil.example>x</a> <http://evil.example> &lt;b&gt; &#60;b&#62;",
    "@team and #1 and GH-1 and owner/name#1 and a26f4ce0b2842b4d0e0c673810e069a26f4ce0b2",
    "x\n# heading\n\n- list\n\n> quote\n\n    code\n\n***\n\n```\nfence\n```\n\n| a | b |\n| - | - |\n| c | d |\n",
    "x\r\n\r\n## heading\r\n===\r\n",
    "x\x0b# a\x0c# b\x1c# c\x85# d\u2028# e\u2029# f",
    "\x00\x1b[31m\x07\x7f\x9b",
    "\u202e\u2066\u2069\u200f evil \u061c\u200b\ufeff\u00ad",
    "**bold** _em_ ~~gone~~ $x$ :tada: |",
    "\ud800 \U000e0041 \ue000",
    "  \t  ",
)
PLAIN = "page-text"


UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BLANK = {*map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))} | set(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
)
"""Unicode's Default_Ignorable_Code_Point outside of the categories above, and the Braille pattern without a dot."""


def shown(text: str) -> str:
    """What a code span must show of a text: one line, in which nothing is invisible."""
    hidden = [(unicodedata.category(one) in UNSEEN or one in BLANK) and not one.isspace() for one in text]
    letters = ("\ufffd" if unseen else one for one, unseen in zip(text, hidden, strict=True))
    return " ".join("".join(letters).split())


def tokens(markdown: str) -> Iterator[Token]:
    for block in READER.parse(markdown):
        yield block
        yield from block.children or ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.example", "`a.example`"),
        ("*.hcp.{region}.azmk8s.io", "`*.hcp.{region}.azmk8s.io`"),
        ("a`b", "``a`b``"),
        ("a``b", "```a``b```"),
        ("`a", "`` `a ``"),
        ("a`", "`` a` ``"),
        ("`", "`` ` ``"),
        ("", "` `"),
        (" \n ", "` `"),
        ("a \n\t b", "`a b`"),
        ("a\u00a0\u3000b", "`a b`"),
        ("a\u202eb", "`a\ufffdb`"),
        ("a\x1bb", "`a\ufffdb`"),
        ("\\", "`\\`"),
    ],
)
def test_a_text_is_quoted_as_a_code_span_of_one_line(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_leaves_its_code_span(text: str) -> None:
    (paragraph,) = [block for block in READER.parse(code(text)) if block.type == "inline"]
    assert [(token.type, token.content.strip()) for token in paragraph.children or ()] == [("code_inline", shown(text))]


@given(st.text(st.characters() | st.sampled_from("`\\\n<>[]()!*_#@&| "), max_size=60))
def test_any_text_at_all_is_one_code_span_that_shows_it(text: str) -> None:
    span = code(text)
    assert len(span.splitlines()) == 1
    # As a list of blocks renders it: words around the span, and another span behind it.
    (inline,) = [block for block in READER.parse(f"- **x** {span}, {span} y\n") if block.type == "inline"]
    found = [token for token in inline.children or () if token.type == "code_inline"]
    assert [token.content.strip() for token in found] == [shown(text)] * 2
    assert [token.content for token in inline.children or () if token.type == "text"][-2:] == [", ", " y"]
    assert not [one for one in span if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


@pytest.mark.parametrize("unseen", ["\u3164", "\uffa0", "\u115f", "\u2800", "\u034f", "\ufe0f", "\U000e0100"])
def test_letters_that_show_nothing_are_shown(unseen: str) -> None:
    assert code(f"a{unseen}b") == "`a\ufffdb`"


def rule(text: str = "a.example", **facts: Any) -> Rule:
    """A rule that has a page's text wherever a page can put one."""
    source = Source(locale=text, url=text, heading=text, table=1, row=1, commit=text)
    to = Destination(form=DestinationForm.FQDN, value=text.strip() or "x")
    return factories.rule(to, **{"application": Application.HTTPS, "sources": (source,), **facts})


DAY = dt.date(2024, 6, 1)
NOT_PRIVATE = Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER)


def change_to(before: Rule, after: Rule) -> Change:
    change = change_of(before, after)
    assert change is not None
    return change


def changes(text: str) -> list[Change]:
    """A change of every kind, with a page's text wherever one can be."""
    one = rule(text)
    missing = Lifecycle(status=Status.MISSING, since=DAY, until=DAY, commit=text, replaced_by=text)
    found = [
        addition(one),
        removal(one),
        change_to(one, rule("b.example", port=80)),
        change_to(one, rule(text, conditions=(NOT_PRIVATE,))),
        change_to(one, rule(text, lifecycle=missing)),
        change_to(one, rule(text, lifecycle=Lifecycle(replaced_by=text))),
        change_to(rule(text, feature="gpu"), replace(one, sources=rule("elsewhere").sources)),
        Change(kind=ChangeKind.CONDITIONS, severity=Impact.INFORMATIONAL, before=None, after=None, place=text),
        Change(
            kind=ChangeKind.TEXT,
            severity=Impact.INFORMATIONAL,
            before=one,
            after=one,
            locale=text,
            texts_before=(text, text),
            texts_after=(text,),
        ),
    ]
    return [replace(change, date=DAY, commit=text) for change in found]


def upgrade_plan(text: str) -> UpgradePlan:
    step = UpgradeStep(
        cloud="AzureCloud",
        destination=text,
        protocol=Protocol.TCP,
        port=443,
        application=Application.HTTPS,
        level=Level.REQUIRED,
        features=("core", "gpu"),
        rules=(text,),
        since=DAY,
        keep_until=DAY,
    )
    conditions = tuple(change for change in changes(text) if change.kind is ChangeKind.CONDITIONS)
    return UpgradePlan(old=text, new=text, add=(step, step), may_go=(step,), conditions=conditions, unmet=(text, text))


def card(text: str) -> RuleCard:
    one = rule(text, lifecycle=Lifecycle(replaced_by=text))
    life = Life(first_seen=DAY, since=DAY, last_changed=DAY)
    return RuleCard(id=text, rule=one, texts=(text, text), life=life, announced=tuple(changes(text)))


RENDERERS: dict[str, Callable[[str], str]] = {
    "changes": lambda text: changes_markdown(changes(text)),
    "announced": lambda text: announced_markdown(changes(text)),
    "plan": lambda text: plan_markdown(upgrade_plan(text)),
    "rule": lambda text: rule_markdown(card(text)),
    "endpoint": lambda text: endpoint(rule(text)),
}


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
@pytest.mark.parametrize("text", ATTACKS)
def test_hostile_page_text_is_only_ever_quoted(render: Callable[[str], str], text: str) -> None:
    hostile, harmless = list(tokens(render(text))), list(tokens(render(PLAIN)))
    # Not one token more, less or other than harmless text has: no link, image, HTML, heading, table or list.
    assert [token.type for token in hostile] == [token.type for token in harmless]
    for bad, good in zip(hostile, harmless, strict=True):
        if bad.type not in ("code_inline", "inline"):
            assert bad.content == good.content
            assert bad.attrs == good.attrs
    kinds = {token.type for token in hostile}
    assert "code_inline" in kinds
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "table_open", "fence", "code_block", "hr"}


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_unseen_is_in_any_rendering(render: Callable[[str], str], text: str) -> None:
    found = {one for one in render(text) if unicodedata.category(one)[0] == "C" or one in "\u2028\u2029"}
    assert found <= {"\n"}


def test_changes_stand_by_cloud_and_feature() -> None:
    china = rule("b.example", cloud="AzureChinaCloud", feature="gpu")
    found = [addition(rule()), addition(china), change_to(rule(), rule(level=Level.RECOMMENDED))]
    assert changes_markdown(found) == (
        "## AzureChinaCloud / gpu\n"
        "\n"
        "- **added** (breaking) `b.example` TCP 443 (HTTPS), required\n"
        "\n"
        "## AzureCloud / core\n"
        "\n"
        "- **added** (breaking) `a.example` TCP 443 (HTTPS), required\n"
        "- **changed** (relaxing) `a.example` TCP 443 (HTTPS), recommended\n"
        "  - `level: required -> recommended`\n"
    )


def test_new_words_of_no_single_rule_stand_under_a_heading_of_their_own() -> None:
    words = Change(kind=ChangeKind.CONDITIONS, severity=Impact.INFORMATIONAL, before=None, after=None, place="h")
    assert changes_markdown([words]).splitlines()[:3] == ["## Words", "", "- **conditions** (informational)"]
    assert announced_markdown([replace(words, date=DAY)]).splitlines()[2] == "Words:"


def test_a_change_of_text_shows_both_texts_and_its_locale() -> None:
    change = Change(
        kind=ChangeKind.TEXT,
        severity=Impact.INFORMATIONAL,
        before=rule(),
        after=rule(),
        locale="de-de",
        texts_before=(),
        texts_after=("one", "other"),
    )
    assert changes_markdown([change]).splitlines()[2:5] == [
        "- **text** (informational) [`de-de`] `a.example` TCP 443 (HTTPS), required",
        "  - was: nothing",
        "  - is: `one`, `other`",
    ]


def test_too_many_changes_are_counted_and_the_full_file_is_named() -> None:
    many = [addition(rule(f"h{number}.example")) for number in range(5)]
    cut = changes_markdown(many, cap=3, full="changes.json")
    assert cut.count("**added**") == 3
    assert "2 more changes are not shown here; all are in changes.json." in cut
    assert "2 more changes are not shown here." in changes_markdown(many, cap=3)
    assert "not shown" not in changes_markdown(many, cap=5)


def test_headings_stand_at_the_level_that_is_asked_for() -> None:
    assert changes_markdown([addition(rule())], level=3).startswith("### AzureCloud / core\n")
    assert announced_markdown([replace(addition(rule()), date=DAY)], level=4).startswith("#### 2024-06-01\n")


def test_where_nothing_changed_it_says_so() -> None:
    assert changes_markdown([]) == "Nothing that the rules ask for changed.\n"
    assert announced_markdown([]) == "Nothing was told.\n"
    empty = plan_markdown(UpgradePlan(old="2024.6.1", new="2024.7.1", add=(), may_go=(), conditions=()))
    assert empty.startswith("# From `2024.6.1` to `2024.7.1`\n")
    assert empty.count("Nothing.") == 2


def test_what_was_reported_stands_newest_day_first() -> None:
    days = [replace(addition(rule()), date=dt.date(2024, 6, day)) for day in (1, 3, 2)]
    headings = [line for line in announced_markdown(days).splitlines() if line.startswith("#")]
    assert headings == ["## 2024-06-03", "## 2024-06-02", "## 2024-06-01"]


def test_a_plan_says_what_to_add_and_what_may_go() -> None:
    lines = plan_markdown(upgrade_plan("a.example")).splitlines()
    step = "- AzureCloud: `a.example` TCP 443 (HTTPS), core, gpu, required, since 2024-06-01"
    assert step + ", may come back until 2024-06-01: keep it till then" in lines
    assert "## Add now" in lines
    assert "## No longer asked for: may go once nothing of yours uses it" in lines
    assert "## Cannot be expressed without further input" in lines


def test_a_rule_without_a_port_names_none() -> None:
    assert endpoint(rule(protocol=None, port=None, application=None)) == "`a.example`"
    either = (
        Destination(form=DestinationForm.SERVICE_TAG, value="T"),
        Destination(form=DestinationForm.FQDN, value="a.example"),
    )
    assert endpoint(rule(destinations=either, application=None)) == "`tag:T` or `a.example` TCP 443"
