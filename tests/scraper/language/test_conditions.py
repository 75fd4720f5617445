"""What a sentence about circumstances makes of a rule: a condition, a constraint, or a sentence to watch.

``not-if`` and ``only-if`` can take a rule away, so a sentence in a form that is not known must give nothing.
"""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import Constraint, Effect
from scraper.language.conditions import digests, read_meaning, read_note


def conditions(text: str) -> list[str]:
    return [str(condition) for condition in read_meaning(text).conditions]


def noted(note: str) -> list[str]:
    return [str(condition) for condition in read_note(note)]


NOT_IF: Final = {
    "It isn't needed for private clusters.": ["private-cluster"],
    "It isn\u2019t required for private clusters.": ["private-cluster"],
    "For private clusters, this rule is not required.": ["private-cluster"],
    "It isn't needed on private clusters, or for clusters with the konnectivity-agent enabled.": [
        "konnectivity-agent",
        "private-cluster",
    ],
    "It isn't needed for nodes provisioned after March 2021.": ["nodes-after-2021-03"],
    "IT ISN'T NEEDED FOR PRIVATE CLUSTERS.": ["private-cluster"],
    "A private cluster has a tunnel. However, this rule isn't required there.": ["private-cluster"],
}


@pytest.mark.parametrize(("text", "whens"), NOT_IF.items())
def test_what_is_not_needed_in_a_circumstance_is_not_if(text: str, whens: list[str]) -> None:
    assert conditions(text) == [f"not-if:{when}" for when in whens]


ONLY_IF: Final = {
    "If you run custom DNS servers, nodes must reach them.": "custom-dns",
    "Required if running pods that access the API server.": "pods-use-api-server-ip",
    "UDP port 53 for DNS is also required if pods directly accessing the API server.": "pods-use-api-server-ip",
}


@pytest.mark.parametrize(("text", "when"), ONLY_IF.items())
def test_what_is_needed_only_in_a_circumstance_is_only_if(text: str, when: str) -> None:
    assert conditions(text) == [f"only-if:{when}"]


NEVER_SEEN: Final = (
    "Not necessary for private AKS clusters.",
    "You can close it, as it is no longer required on private clusters.",
    "With private endpoints, it isn't needed.",
    "It isn't needed in network-isolated clusters.",
    "When you have custom DNS, you need to open this.",
    "Needed only if you use custom DNS.",
    "Needed when pods access the API server.",
    "Only needed if there is an app that needs to talk to the API server.",
    "Necessary if a private endpoint is there.",
    "Used to resolve names; needed only if you use custom DNS.",
    "Needed if the konnectivity agent is there.",
    "Do not rewrite what Application-Layer Protocol Negotiation says.",
)


@pytest.mark.parametrize("text", NEVER_SEEN)
def test_a_form_that_no_page_ever_had_gives_nothing_and_is_reported(text: str) -> None:
    meaning = read_meaning(text, of_rule=True)
    assert (meaning.conditions, meaning.constraints, meaning.unread) == ((), (), (text,))


ADDED_OR_TURNED: Final = (
    "It is still needed if you run a private cluster.",
    "Also needed when using private endpoints.",
    "Even needed if you run custom DNS.",
    "If you run custom DNS servers, they must know this name.",
    "If you use a private endpoint, you must also set up a private zone.",
    "If you use custom DNS, you must not open this.",
    "Needed only if the konnectivity-agent is missing.",
    "Needed if your cluster lacks a private endpoint.",
    "In private clusters, it is needed only if you use konnectivity-agent.",
    "On Windows nodes, it is needed only if you use custom DNS.",
    "Needed if you use custom DNS, and needed for Windows nodes.",
    "Needed if pods that never talk to the API server run.",
)


@pytest.mark.parametrize("text", ADDED_OR_TURNED)
def test_only_a_sentence_whose_every_word_is_known_takes_a_rule_away(text: str) -> None:
    meaning = read_meaning(text, of_rule=True)
    assert (meaning.conditions, meaning.unread) == ((), (text,))


TAKEN_BACK: Final = (
    "It isn't needed for private clusters; however, it's needed if you turn on the public name.",
    "It isn't needed for private clusters. However, it's needed if you turn on the public name.",
    "It isn't needed for private clusters. With a public name it must be open for all clusters.",
    "It isn't needed for private clusters, except when the public name is on.",
    "It isn't needed for private clusters. Keep it open when the public name is on.",
    "It isn't needed for private clusters. Unless the public name is on.",
    "If you run a firewall, it isn't needed for private clusters.",
    "In one region, it isn't needed for private clusters.",
)


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_an_excuse_that_is_taken_back_or_narrowed_excuses_nobody_and_is_told(text: str) -> None:
    meaning = read_meaning(text)
    assert meaning.conditions == ()
    assert meaning.unread[0] == re.split(r"(?<=[.]) ", text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Skip this if your cluster is private.",
        "Clusters with a private API server don't need it.",
        "Only public clusters require it.",
        "Needed if your pods call the API server directly.",
        "No longer used.",
    ],
)
def test_what_may_well_be_a_condition_of_a_rule_is_told_and_watched(text: str) -> None:
    meaning = read_meaning(text, of_rule=True)
    assert (meaning.conditions, meaning.unread, meaning.watched) == ((), (text,), (text,))


REQUIRED_IF: Final = {
    "Needed for clusters with the konnectivity-agent.": ["konnectivity-agent"],
    "Required in private clusters.": ["private-cluster"],
    "If a private cluster or custom DNS is used, this is needed, and you must open it.": [
        "custom-dns",
        "private-cluster",
    ],
}


@pytest.mark.parametrize(("text", "whens"), REQUIRED_IF.items())
def test_a_stress_on_a_circumstance_never_takes_a_rule_away(text: str, whens: list[str]) -> None:
    assert conditions(text) == [f"required-if:{when}" for when in whens]


def test_two_sentences_give_the_conditions_of_both() -> None:
    text = "Needed for clusters with the konnectivity-agent. It isn't needed for private clusters."
    assert conditions(text) == ["not-if:private-cluster", "required-if:konnectivity-agent"]


TURNED: Final = (
    "It isn't needed unless the cluster is a private cluster.",
    "It isn't needed for non-private clusters.",
    "It isn't needed for clusters other than private clusters.",
    "It isn't needed for private clusters without konnectivity-agent.",
    "It isn't needed for some private clusters.",
    "For private clusters in one region, it isn't needed.",
    "It isn't needed for clusters that aren't private clusters.",
    "Needed except for private clusters.",
    "Needed if you don't use custom DNS.",
    "If the konnectivity-agent is disabled, you must open it.",
    "Needed for clusters with konnectivity-agent disabled.",
)


@pytest.mark.parametrize("text", TURNED)
def test_a_turned_or_narrowed_circumstance_gives_nothing_and_is_told(text: str) -> None:
    meaning = read_meaning(text)
    assert (meaning.conditions, meaning.unread, meaning.watched) == ((), (text,), (text,))


BOTH: Final = (
    "It isn't needed for private clusters with custom DNS.",
    "It isn't needed for private clusters that use custom DNS.",
    "It isn't needed for private clusters and custom DNS.",
    "It isn't needed for private clusters if you use custom DNS.",
    "If you use custom DNS, it isn't needed for private clusters.",
    "Private clusters with custom DNS have a tunnel. However, it isn't needed there.",
)


@pytest.mark.parametrize("text", BOTH)
def test_a_rule_that_two_circumstances_together_excuse_is_not_excused_by_one(text: str) -> None:
    assert not any(condition.effect is Effect.NOT_IF for condition in read_meaning(text).conditions)


@pytest.mark.parametrize("text", ["Private clusters differ here.", "Ask who runs your custom DNS.", "ALPN is a word."])
def test_a_sentence_that_only_mentions_a_circumstance_is_told(text: str) -> None:
    meaning = read_meaning(text)
    assert (meaning.conditions, meaning.constraints, meaning.unread) == ((), (), (text,))


@pytest.mark.parametrize(
    "text", ["", "Pulls images.", "Needed to pull images.", "It is not needed.", "If so, you must."]
)
def test_a_text_without_a_circumstance_says_nothing_of_one(text: str) -> None:
    assert conditions(text) == []


def test_a_firewall_that_must_leave_alpn_alone_is_a_constraint() -> None:
    meaning = read_meaning("The agent uses ALPN. A proxy that blocks ALPN breaks it.")
    assert meaning.constraints == (Constraint.PRESERVE_ALPN,)


NOTES: Final = {
    "if you run custom DNS": ["only-if:custom-dns"],
    "only after the cluster is created": ["only-if:cluster-exists"],
    "when Azure Firewall network rules are in use": ["only-if:azure-firewall-network-rules"],
    "if pods, like Ingress, that access the API server": ["only-if:pods-use-api-server-ip"],
    "if pods, such as Ingress, access the API server": [],
    "If You Run Custom DNS": ["only-if:custom-dns"],
    "if custom DNS or a private cluster": ["required-if:custom-dns", "required-if:private-cluster"],
    "unless you run custom DNS": [],
    "if you do not run custom DNS": [],
    "if custom DNS is disabled": [],
    "Azure Government": [],
    "if it rains": [],
    "if you have no custom DNS server": [],
    "only outside private clusters": [],
    "if using Azure DNS instead of custom DNS servers": [],
    "when private clusters are turned off": [],
    "only for private clusters": ["only-if:private-cluster"],
    "": [],
}


@pytest.mark.parametrize(("note", "expected"), NOTES.items())
def test_a_note_puts_its_destination_under_a_condition(note: str, expected: list[str]) -> None:
    assert noted(note) == expected


def test_digests_tell_a_reworded_sentence_and_keep_no_text() -> None:
    one, other = digests(["Private clusters differ."]), digests(["Private clusters differ a bit."])
    assert one != other
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in one + other)


def test_digests_do_not_tell_blanks_letter_case_or_order() -> None:
    assert digests(["B  c.", "a\nd."]) == digests(["A d.", "b c.", "B C."])


# ---------------------------------------------------------------- whatever is written


PHRASES: Final = st.sampled_from(
    [
        "private clusters", "konnectivity-agent", "custom DNS", "isn't required", "not needed", "for", "if", "when",
        "unless", "and", "or", "However,", "ALPN", "must", "pods", "access", "the API server", ".", ". ", ",", "\n",
    ]
)  # fmt: skip
ANY_TEXT: Final = st.text(st.characters()) | st.lists(PHRASES, max_size=14).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_read_to_sorted_conditions_and_its_own_sentences(text: str) -> None:
    meaning = read_meaning(text)
    assert list(meaning.conditions) == sorted(set(meaning.conditions), key=str)
    assert set(meaning.unread) <= set(meaning.watched)
    assert all(sentence in text for sentence in meaning.watched)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_note_is_read_to_conditions_that_hold_the_destination_back(text: str) -> None:
    assert all(condition.effect is not Effect.NOT_IF for condition in read_note(text))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text()))
def test_digests_of_any_sentences_are_sorted_and_stand_once(sentences: list[str]) -> None:
    found = digests(sentences)
    assert list(found) == sorted(set(found))
    assert found == digests(reversed(sentences))
