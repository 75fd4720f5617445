"""One message in every form: the right words in the right language, and page text that does nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import pytest
from markdown_it import MarkdownIt

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.changes import Change, ChangeKind, Impact, addition
from aks_egress_catalog.model import Lifecycle, Status
from aks_egress_catalog.store import Texts
from publish.notices.entries import shown
from publish.notices.notify.messages import Message, compose, words_of
from tests import base
from tests.publish.facts import COMMIT, DAY, HOLD, HOSTILE, added, dated, eased, hostile_change, removed, rule

NAME: Final = "AzureCloud/core/new.example:tcp-443"
TEXTS: Final[Texts] = {"en-us": {NAME: ("In English.",)}, "de-de": {NAME: ("Auf Deutsch.",)}, "ja-jp": {}}


def message(*changes: Change, locale: str = "en-us") -> Message:
    return compose(changes or (added(),), locale=locale, texts=TEXTS)


def told(one: Message) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(one.payload)["data"]["changes"]
    return found


def test_the_subject_has_the_day_and_the_counts_and_no_word_of_a_page() -> None:
    assert message(added(), removed()).subject == "AKS egress requirements of 2026-08-01: 1 added, 1 removed (breaking)"
    assert message(hostile_change()).subject == "AKS egress requirements of 2026-08-01: 1 added (breaking)"


def test_the_text_has_everything_that_a_person_must_know() -> None:
    assert message(added(), eased()).text == (
        "Lines to add:\n"
        "  AzureCloud: new.example TCP 443, required\n"
        "\n"
        f"Since 2026-08-01, upstream commit {COMMIT}:\n"
        "  AzureCloud / core\n"
        "    changed (relaxing): eased.example TCP 443, recommended\n"
        "      level: required -> recommended\n"
        "    added (breaking): new.example TCP 443, required\n"
        "      In English.\n"
    )


def test_the_markdown_has_the_same() -> None:
    assert message(added()).markdown == (
        "## Lines to add\n\n- `AzureCloud: new.example TCP 443, required`\n\n## Since 2026-08-01\n\n"
        f"Upstream commit `{COMMIT}`.\n\n### AzureCloud / core\n\n"
        "- **added** (breaking) `new.example` TCP 443, required\n  - `In English.`\n"
    )


def test_a_program_reads_the_same() -> None:
    content = json.loads(message(added()).payload)
    assert content["type"] == "aks-egress.changed"
    assert content["timestamp"] == "2026-08-01T00:00:00Z"
    assert content["data"]["notify"] is True
    assert content["data"]["add"] == ["AzureCloud: new.example TCP 443, required"]
    assert content["data"]["changes"] == [
        {
            "kind": "added",
            "severity": "breaking",
            "date": "2026-08-01",
            "commit": COMMIT,
            "rule": NAME,
            "before": "",
            "cloud": "AzureCloud",
            "feature": "core",
            "level": "required",
            "endpoint": "new.example TCP 443",
            "details": [],
            "texts": ["In English."],
        }
    ]


def test_a_missing_rule_says_what_to_do_by_when() -> None:
    gone = Lifecycle(status=Status.MISSING, since=DAY, until=DAY + HOLD)
    change = replace(
        dated(addition(rule("old.example", lifecycle=gone))),
        kind=ChangeKind.CHANGED,
        severity=Impact.INFORMATIONAL,
        before=rule("old.example"),
        differs=("lifecycle",),
    )
    assert "missing (informational): old.example TCP 443, required" in message(change).text
    assert "keep it: it is told as removed on 2026-08-15 unless it comes back" in message(change).text


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en-us", "In English."), ("de-de", "Auf Deutsch."), ("ja-jp", "In English."), ("xx-xx", "In English.")],
)
def test_words_are_in_the_locale_where_the_catalog_has_them_else_in_en_us(locale: str, words: str) -> None:
    one = message(locale=locale)
    for text in (one.text, one.markdown, one.payload):
        assert words in text
    others = {"In English.", "Auf Deutsch."} - {words}
    assert not any(other in one.text for other in others)


def test_the_texts_are_found_by_the_rules_they_are_of() -> None:
    texts = base.TEXTS
    named = next(one for one in base.CATALOG.rules if texts["de-de"].get(one.id) and texts["en-us"].get(one.id))
    change = dated(addition(named))
    assert words_of(change, "de-de", texts) == tuple(map(shown, texts["de-de"][named.id]))
    assert words_of(change, "de-de", texts) != words_of(change, "en-us", texts)
    assert words_of(change, "xx-xx", texts) == words_of(change, "en-us", texts)


def test_new_words_are_told_as_they_were_and_are() -> None:
    change = replace(
        added(), kind=ChangeKind.TEXT, severity=Impact.INFORMATIONAL, locale="de-de", texts_after=("Neu.",)
    )
    assert "was: nothing" in message(change).text
    assert "is: Neu." in message(change).text


def test_words_about_circumstances_are_about_no_rule() -> None:
    change = replace(added(), kind=ChangeKind.CONDITIONS, after=None, place="some-heading")
    assert (
        "  Words\n    conditions (breaking)\n      the words about circumstances under #some-heading"
        in message(change).text
    )
    assert told(message(change))[0]["rule"] == ""


def test_hostile_page_text_is_dead_in_markdown() -> None:
    """Nothing of it becomes a link, an image or HTML: it stands in code spans, as CommonMark reads them."""
    one = compose([hostile_change()], locale="de-de", texts={"en-us": {hostile_name(): (HOSTILE,)}})
    tokens = [child for token in MarkdownIt().parse(one.markdown) for child in token.children or ()]
    assert {token.type for token in tokens} <= {"text", "strong_open", "strong_close", "code_inline"}
    live = "".join(token.content for token in tokens if token.type == "text")
    assert not any(word in live for word in ("@team", "#1", "<", "evil", "channel"))
    assert any("@team" in token.content for token in tokens if token.type == "code_inline")
    assert not any(token.type.startswith("html") for token in MarkdownIt().parse(one.markdown))


def test_hostile_page_text_is_one_line_without_controls_in_plain_text_and_json() -> None:
    one = compose([hostile_change()], locale="de-de", texts={"en-us": {hostile_name(): (HOSTILE,)}})
    for text in (one.text, *map(str, told(one)[0].values())):
        assert not any(bad in text for bad in ("\x1b", "\u202e", "\u2028", "\x00", "\r"))
    assert shown(HOSTILE) in one.text.splitlines()[1]
    assert json.loads(one.payload)["data"]["changes"][0]["texts"] == [shown(HOSTILE)]


def hostile_name() -> str:
    after = hostile_change().after
    assert after
    return after.id


def test_too_many_changes_are_counted_and_all_are_in_the_json() -> None:
    one = message(*(added(f"h{number}.example") for number in range(130)))
    assert "30 more changes are not shown here" in one.text
    assert "30 more changes are not shown here" in one.markdown
    assert len(told(one)) == 130


def test_a_message_fits_where_it_goes_however_long_the_page_is() -> None:
    one = compose([added()], locale="en-us", texts={"en-us": {NAME: ("x" * 100_000, "short")}})
    assert len(one.markdown) <= 60_000
    assert one.markdown.endswith("The rest does not fit here; all of it is in changes.json of the release.\n")


def test_changes_without_a_day_are_not_told() -> None:
    with pytest.raises(AksEgressError, match="only what is dated can be announced"):
        message(replace(added(), date=None))
