from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.history.changes import (
    FACTS,
    Change,
    ChangeKind,
    Impact,
    addition,
    change_of,
    removal,
    summarize,
)
from aks_egress_catalog.history.compare import apply, between, compare_rules, pair_overlapping
from aks_egress_catalog.history.history_file import load_history
from aks_egress_catalog.hosts.patterns import pattern_regex, takes_in
from aks_egress_catalog.model import (
    Application,
    Condition,
    Constraint,
    DestinationForm,
    Effect,
    Kind,
    Level,
    Lifecycle,
    Protocol,
    Rule,
    Status,
    When,
)
from aks_egress_catalog.render.words import describe
from tests.base import HISTORY
from tests.factories import SOURCE, catalog, destination, rule

BREAKING, RELAXING, INFORMATIONAL = Impact
PRIVATE = Condition(effect=Effect.ONLY_IF, when=When.PRIVATE_CLUSTER)
NOT_PRIVATE = Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER)
STRESSED = Condition(effect=Effect.REQUIRED_IF, when=When.KONNECTIVITY_AGENT)
MISSING = Lifecycle(status=Status.MISSING, since=dt.date(2024, 6, 1), until=dt.date(2024, 6, 15), commit="c")


def changed(before: Rule, after: Rule) -> Change:
    change = change_of(before, after)
    assert change
    return change


def heading(name: str) -> dict[str, object]:
    return {"sources": (replace(SOURCE, heading=name),)}


def lines(changes: Iterable[Change]) -> list[str]:
    """What happened to which rule, short enough for a table."""
    return [
        f"{change.kind} {' -> '.join(one.id.split('/', 1)[1] for one in (change.before, change.after) if one)}"
        for change in changes
    ]


@pytest.mark.parametrize(
    ("field", "before", "after", "severity"),
    [
        ("level", Level.RECOMMENDED, Level.REQUIRED, BREAKING),
        ("level", Level.INFORMATIONAL, Level.REQUIRED, BREAKING),
        ("level", Level.INFORMATIONAL, Level.RECOMMENDED, BREAKING),
        ("level", Level.REQUIRED, Level.RECOMMENDED, RELAXING),
        ("level", Level.REQUIRED, Level.INFORMATIONAL, RELAXING),
        ("port", 443, 8443, BREAKING),
        ("protocol", Protocol.TCP, Protocol.UDP, BREAKING),
        ("application", Application.HTTPS, Application.HTTP, BREAKING),
        ("application", Application.HTTPS, None, BREAKING),
        ("application", None, Application.HTTPS, RELAXING),
        ("constraints", (), (Constraint.PRESERVE_ALPN,), BREAKING),
        ("constraints", (Constraint.PRESERVE_ALPN,), (), RELAXING),
        ("kind", Kind.FQDN, Kind.NETWORK, BREAKING),
        ("kind", Kind.NETWORK, Kind.FQDN, BREAKING),
        ("lifecycle", Lifecycle(), MISSING, INFORMATIONAL),
        ("lifecycle", MISSING, Lifecycle(), INFORMATIONAL),
        ("lifecycle", Lifecycle(), Lifecycle(replaced_by="AzureCloud/core/b.example:tcp-443"), INFORMATIONAL),
        pytest.param(
            "lifecycle",
            replace(MISSING, status=Status.REMOVED),
            Lifecycle(),
            BREAKING,
        ),
        pytest.param(
            "lifecycle",
            MISSING,
            replace(MISSING, status=Status.REMOVED),
            RELAXING,
        ),
    ],
)
def test_a_change_of_one_field_matters_as_much_as_it_asks(
    field: str, before: object, after: object, severity: Impact
) -> None:
    change = changed(rule(**{field: before}), rule(**{field: after}))
    assert (change.kind, change.severity, change.differs) == (ChangeKind.CHANGED, severity, (field,))


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ((), (PRIVATE,), RELAXING),
        ((), (NOT_PRIVATE,), RELAXING),
        ((), (STRESSED,), BREAKING),
        ((PRIVATE,), (), BREAKING),
        ((NOT_PRIVATE,), (), BREAKING),
        ((STRESSED,), (), RELAXING),
        ((PRIVATE,), (NOT_PRIVATE,), BREAKING),
        ((NOT_PRIVATE,), (NOT_PRIVATE, PRIVATE), RELAXING),
        ((NOT_PRIVATE, STRESSED), (NOT_PRIVATE, PRIVATE), RELAXING),
    ],
)
def test_conditions_break_whom_they_excused_before(
    before: tuple[Condition, ...], after: tuple[Condition, ...], severity: Impact
) -> None:
    change = changed(rule(conditions=before), rule(conditions=after))
    assert (change.kind, change.severity, change.differs) == (ChangeKind.CONDITIONS, severity, ("conditions",))


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        (("x.a.example",), ("*.a.example",), BREAKING),
        (("{region}.a.example",), ("*.a.example",), BREAKING),
        (("*.a.example",), ("x.a.example",), RELAXING),
        (("*.a.example",), ("*.x.a.example",), RELAXING),
        (("a.example",), ("b.example",), BREAKING),
        (("tag:A",), ("tag:A", "a.example"), RELAXING),
        (("tag:A", "a.example"), ("tag:A",), BREAKING),
        (("tag:A", "a.example"), ("a.example",), BREAKING),
        (("*",), ("tag:A",), RELAXING),
        (("tag:A",), ("*",), BREAKING),
        (("*", "tag:A"), ("tag:A",), RELAXING),
        (("cidr:192.0.2.0/24",), ("cidr:192.0.2.0/25",), RELAXING),
        (("cidr:192.0.2.0/25",), ("cidr:192.0.2.0/24",), BREAKING),
        (("cidr:192.0.2.0/24",), ("cidr:2001:db8::/64",), BREAKING),
    ],
)
def test_destinations_break_where_an_alternative_is_no_longer_enough(
    before: tuple[str, ...], after: tuple[str, ...], severity: Impact
) -> None:
    change = changed(rule(*before), rule(*after))
    assert (change.kind, change.severity, change.differs) == (ChangeKind.CHANGED, severity, ("destinations",))


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ((), (PRIVATE,), BREAKING),
        ((PRIVATE,), (), RELAXING),
        ((PRIVATE,), (PRIVATE, NOT_PRIVATE), BREAKING),
    ],
)
def test_an_alternative_breaks_by_its_own_conditions(
    before: tuple[Condition, ...], after: tuple[Condition, ...], severity: Impact
) -> None:
    change = changed(rule("tag:A", destination("a.example", *before)), rule("tag:A", destination("a.example", *after)))
    assert (change.kind, change.severity, change.differs) == (ChangeKind.CONDITIONS, severity, ("destinations",))


def test_a_narrower_alternative_that_holds_only_for_some_breaks_the_others() -> None:
    after = rule(destination("x.a.example", PRIVATE), "y.b.example")
    assert changed(rule("*.a.example"), after).severity is BREAKING


def test_the_gravest_field_decides() -> None:
    change = changed(rule(), rule(level=Level.RECOMMENDED, port=8443))
    assert (change.severity, change.differs) == (BREAKING, ("level", "port"))
    eased = changed(rule(), rule(level=Level.RECOMMENDED, cloud_stated=False))
    assert (eased.kind, eased.severity) == (ChangeKind.CHANGED, RELAXING)


@pytest.mark.parametrize("field", ["cloud_stated", "application_inferred"])
def test_plainer_words_are_reported_as_moved_and_ask_nothing(field: str) -> None:
    change = changed(rule(**{field: False}), rule(**{field: True}))
    assert (change.kind, change.severity, change.differs) == (ChangeKind.MOVED, INFORMATIONAL, (field,))


def test_another_heading_is_reported_as_moved_and_asks_nothing() -> None:
    change = changed(rule(**heading("old-title")), rule(**heading("new-title")))
    assert (change.kind, change.severity, change.differs) == (ChangeKind.MOVED, INFORMATIONAL, ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (rule(), rule()),
        (rule(**heading("gpu-1")), rule(**heading("gpu-2"))),
        (rule(**heading("gpu")), rule(**heading("gpu-1"))),
        (rule(), rule(sources=(replace(SOURCE, table=4, row=9, commit="d", url="https://example.com/other"),))),
    ],
)
def test_rows_tables_commits_and_the_number_of_a_repeated_heading_say_nothing(before: Rule, after: Rule) -> None:
    assert change_of(before, after) is None


def test_what_only_the_prose_names_asks_nothing_of_anybody() -> None:
    prose = rule(level=Level.INFORMATIONAL)
    assert (addition(prose).severity, removal(prose).severity) == (INFORMATIONAL, INFORMATIONAL)
    assert changed(prose, rule("b.example", level=Level.INFORMATIONAL)).severity is INFORMATIONAL
    for level in (Level.REQUIRED, Level.RECOMMENDED):
        assert (addition(rule(level=level)).severity, removal(rule(level=level)).severity) == (BREAKING, RELAXING)


def test_a_rule_that_only_the_prose_names_from_now_on_breaks_nobody() -> None:
    before = rule(application=Application.HTTPS)
    after = rule(level=Level.INFORMATIONAL, protocol=None, port=None)
    assert changed(before, after).severity is RELAXING


@pytest.mark.parametrize(
    ("removed", "added", "paired"),
    [
        (rule(), rule(port=8443), True),
        (rule(), rule(protocol=Protocol.UDP), True),
        (rule(), rule(protocol=None, port=None), True),
        (rule("x.a.example"), rule("*.a.example"), True),
        (rule("*.a.example"), rule("x.a.example"), True),
        (rule("{region}.a.example"), rule("*.a.example"), True),
        (rule("a.example"), rule("*.a.example"), True),
        (rule("*.a.example"), rule("a.example"), True),
        (rule("*", "tag:A", port=9000), rule("tag:A", port=9000), True),
        (rule("*", port=123), rule("*", protocol=Protocol.UDP, port=123), True),
        (rule("cidr:192.0.2.0/24"), rule("cidr:192.0.2.128/25"), True),
        (rule("a.example"), rule("b.example"), False),
        (rule("a.example"), rule("xa.example"), False),
        (rule("a.example"), rule("x.a.example"), False),
        (rule("*.a.example"), rule("*.b.example"), False),
        (rule("tag:A"), rule("tag:B"), False),
        (rule("tag:A"), rule("a.example"), False),
        (rule("*", port=9000), rule("tag:A", port=9000), False),
        (rule("cidr:192.0.2.0/25"), rule("cidr:192.0.2.128/25"), False),
        (rule("cidr:192.0.2.0/24"), rule("cidr:2001:db8::/64"), False),
        (rule(cloud="AzureCloud"), rule(cloud="AzureChinaCloud", port=8443), False),
        (rule(feature="core"), rule(feature="gpu", port=8443), False),
        (rule(kind=Kind.FQDN), rule(kind=Kind.NETWORK, port=8443), False),
    ],
)
def test_what_went_and_what_came_are_one_change_where_they_overlap(removed: Rule, added: Rule, *, paired: bool) -> None:
    # A rule beside each keeps its feature on the page: nothing here is a section under another name.
    beside = [rule("z.example", cloud=one.cloud, feature=one.feature) for one in (removed, added)]
    changes = compare_rules([removed, *beside], [added, *beside])
    if paired:
        (change,) = changes
        assert (change.kind, change.before, change.after) == (ChangeKind.CHANGED, removed, added)
    else:
        assert {(change.kind, change.rule) for change in changes} == {
            (ChangeKind.REMOVED, removed),
            (ChangeKind.ADDED, added),
        }


@pytest.mark.parametrize(
    ("removed", "added", "expected"),
    [
        (
            [rule("*.a.example")],
            [rule("x.a.example"), rule("*.a.example", port=80)],
            ["changed core/*.a.example:tcp-443 -> core/*.a.example:tcp-80", "added core/x.a.example:tcp-443"],
        ),
        (
            [rule("*.a.example")],
            [rule("x.a.example", port=80), rule("y.a.example")],
            ["added core/x.a.example:tcp-80", "changed core/*.a.example:tcp-443 -> core/y.a.example:tcp-443"],
        ),
        (
            [rule()],
            [rule(protocol=Protocol.UDP), rule(port=8443)],
            ["changed core/a.example:tcp-443 -> core/a.example:tcp-8443", "added core/a.example:udp-443"],
        ),
        (
            [rule(), rule(port=80)],
            [rule(port=8443)],
            ["removed core/a.example:tcp-80", "changed core/a.example:tcp-443 -> core/a.example:tcp-8443"],
        ),
        (
            [rule("*.a.example")],
            [rule("x.a.example"), rule("y.a.example")],
            ["changed core/*.a.example:tcp-443 -> core/x.a.example:tcp-443", "added core/y.a.example:tcp-443"],
        ),
    ],
    ids=["shared destination first", "then the port", "then the transport", "each once", "ties by id"],
)
def test_the_most_alike_are_paired_and_each_only_once(
    removed: list[Rule], added: list[Rule], expected: list[str]
) -> None:
    assert lines(compare_rules(removed, added)) == expected
    assert len(pair_overlapping(removed, added)) == 1


SECTION = ("a.example", "b.example", "c.example")


def section(name: str, *hosts: str, **changes: object) -> list[Rule]:
    return [rule(host, feature=name, **heading(name), **changes) for host in hosts]


def test_a_renamed_section_is_reported_as_moved_rule_by_rule() -> None:
    changes = compare_rules(section("old", *SECTION), section("new", *SECTION))
    assert lines(changes) == [f"moved old/{host}:tcp-443 -> new/{host}:tcp-443" for host in SECTION]
    assert {change.severity for change in changes} == {INFORMATIONAL}
    assert list(describe(changes[0])) == ["feature: old -> new", "place: old -> new"]


def test_what_else_changes_while_a_section_is_renamed_is_reported() -> None:
    old = section("old", *SECTION, "d.example", "e.example")
    new = [*section("new", *SECTION), *section("new", "d.example", port=8443), *section("new", "f.example")]
    assert lines(compare_rules(old, new)) == [
        *(f"moved old/{host}:tcp-443 -> new/{host}:tcp-443" for host in SECTION),
        "changed old/d.example:tcp-443 -> new/d.example:tcp-8443",
        "added new/f.example:tcp-443",
        "removed old/e.example:tcp-443",
    ]


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        (SECTION, (*SECTION[:2], "d.example"), True),
        (SECTION, (*SECTION, "d.example", "e.example"), True),
        (SECTION, (SECTION[0], "d.example", "e.example"), False),
        (SECTION[:2], (SECTION[0], "d.example"), False),
        (SECTION, (*SECTION, "d.example", "e.example", "f.example"), False),
    ],
)
def test_a_section_is_renamed_where_most_of_it_is_the_same(
    old: tuple[str, ...], new: tuple[str, ...], *, renamed: bool
) -> None:
    kinds = {change.kind for change in compare_rules(section("old", *old), section("new", *new))}
    assert (ChangeKind.MOVED in kinds) is renamed


def test_a_section_that_is_still_there_was_not_renamed() -> None:
    old = section("old", *SECTION)
    assert lines(compare_rules(old, [*old, *section("new", *SECTION)])) == [
        f"added new/{host}:tcp-443" for host in SECTION
    ]


def test_two_sections_that_became_one_are_both_reported() -> None:
    old, new = [*section("one", "a.example"), *section("two", "a.example")], section("three", "a.example")
    changes = compare_rules(old, new)
    assert {change.before.id for change in changes if change.before} == {one.id for one in old}
    assert apply(old, changes) == tuple(new)


def test_a_section_that_became_two_is_reported_the_same_way_in_every_run() -> None:
    program = (
        "from dataclasses import replace\n"
        "from aks_egress_catalog.history.compare import compare_rules\n"
        "from aks_egress_catalog.store import load\n"
        "one, two, three = (replace(load().rules[0], feature=name, id='') for name in ('one', 'two', 'three'))\n"
        "print([(change.kind, change.rule.id) for change in compare_rules([one], [two, three])])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(6)
    ]
    assert len(set(runs)) == 1


@pytest.mark.parametrize(
    ("wide", "inside", "outside"),
    [
        ("a.example", ["a.example"], ["b.example", "x.a.example", "*.a.example", "*"]),
        ("*.a.example", ["*.a.example", "x.a.example", "x.y.a.example", "*.x.a.example"], ["a.example", "xa.example"]),
        ("*.a.example", ["{region}.a.example", "x-*.a.example"], ["*a.example", "*.example", "*"]),
        ("*a.example", ["*a.example", "xa.example", "x-*a.example"], ["a.example", "x.a.example", "*.a.example"]),
        ("m*.a.example", ["mcr.a.example", "m-*.a.example", "m{region}.a.example"], ["m.a.example", "*.a.example"]),
        ("*-x.a.example", ["{region}-x.a.example", "*y-x.a.example"], ["-x.a.example", "y.z-x.a.example"]),
        ("{region}.a.example", ["{region}.a.example"], ["global.a.example", "*.a.example", "x-{region}.a.example"]),
        ("*", ["*", "a.example", "*.a.example", "tag:A", "cidr:192.0.2.0/24", "set:RegionCIDRs"], []),
        ("tag:A", ["tag:A", "tag:A.{region}", "tag:A.WestUS"], ["tag:B", "tag:AB", "tag:AB.X", "A", "a.example", "*"]),
        ("tag:A.{region}", ["tag:A.{region}"], ["tag:A", "tag:A.WestUS"]),
        ("set:RegionCIDRs", ["set:RegionCIDRs"], ["set:APIServerPublicIP", "tag:RegionCIDRs"]),
        ("cidr:192.0.2.0/24", ["cidr:192.0.2.0/24", "cidr:192.0.2.8/32"], ["cidr:192.0.3.0/32", "cidr:192.0.0.0/16"]),
        ("cidr:0.0.0.0/0", ["cidr:192.0.2.0/24"], ["cidr:::/0", "*", "a.example"]),
    ],
)
def test_a_destination_takes_in_what_its_pattern_says(wide: str, inside: list[str], outside: list[str]) -> None:
    assert [flat for flat in inside if not takes_in(destination(wide), destination(flat))] == []
    assert [flat for flat in outside if takes_in(destination(wide), destination(flat))] == []


def test_the_conditions_of_a_destination_do_not_change_what_it_takes_in() -> None:
    assert takes_in(destination("a.example", PRIVATE), destination("a.example"))


def all_forms() -> list[Rule]:
    """Every form that any rule of the article ever had."""
    return [rule for event in HISTORY.events for rule in (*event.added, *(change.after for change in event.changed))]


FORMS = all_forms()


def test_whatever_takes_in_another_pattern_also_matches_its_hosts() -> None:
    hosts = {one for form in FORMS for one in form.destinations if one.form is DestinationForm.FQDN}
    pairs = [(wide, narrow) for wide in hosts for narrow in hosts if takes_in(wide, narrow)]
    assert len(pairs) > len(hosts)
    for wide, narrow in pairs:
        host = narrow.value.replace("*", "x1").replace("{region}", "westeurope").replace("{guid}", "g")
        assert pattern_regex(wide.value).match(host), f"{wide} takes in {narrow}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (rule(level=Level.RECOMMENDED), rule(), ["level: recommended -> required"]),
        (rule(), rule(port=8443), ["port: 443 -> 8443"]),
        (rule(), rule(protocol=None, port=None), ["protocol: TCP -> none", "port: 443 -> none"]),
        (rule(), rule(application=Application.HTTPS), ["application: none -> HTTPS"]),
        (rule(), rule(cloud_stated=False), ["cloud stated: true -> false"]),
        (rule(), rule(conditions=(NOT_PRIVATE,)), ["conditions: none -> not-if:private-cluster"]),
        (rule(), rule(constraints=(Constraint.PRESERVE_ALPN,)), ["constraints: none -> preserve-alpn"]),
        (
            rule("*", "tag:A"),
            rule("tag:A", destination("a.example", PRIVATE)),
            ["destinations: * or tag:A -> tag:A or a.example (only-if:private-cluster)"],
        ),
        (rule(lifecycle=MISSING), rule(), ["back on the page"]),
        (rule(), rule(lifecycle=Lifecycle(replaced_by="x")), ["being replaced by x"]),
        (rule(**heading("one")), rule(**heading("other-2")), ["place: one -> other"]),
    ],
)
def test_a_change_is_described_field_by_field(before: Rule, after: Rule, expected: list[str]) -> None:
    assert list(describe(changed(before, after))) == expected


def test_a_rule_that_went_missing_is_described_with_the_end_of_its_hold() -> None:
    (line,) = describe(changed(rule(), rule(lifecycle=MISSING)))
    assert line.startswith("missing from the page since 2024-06-01; keep it: ")
    assert "removed on 2024-06-15 unless it comes back" in line


def test_what_is_new_or_gone_needs_no_further_words() -> None:
    assert list(describe(addition(rule()))) == list(describe(removal(rule()))) == []


def test_new_words_of_no_single_rule_are_described_by_their_place() -> None:
    change = Change(
        kind=ChangeKind.CONDITIONS, severity=INFORMATIONAL, before=None, after=None, place="background", differs=()
    )
    assert list(describe(change)) == ["the words about circumstances under #background are new: read them there"]
    assert change.rule is None


def test_a_replacement_that_the_page_no_longer_names_is_not_a_return() -> None:
    (line,) = describe(changed(rule(lifecycle=Lifecycle(replaced_by="x")), rule()))
    assert line != "back on the page"


def test_a_rule_whose_hold_has_no_end_is_described_in_a_whole_sentence() -> None:
    (line,) = describe(changed(rule(), rule(lifecycle=replace(MISSING, until=None))))
    assert not line.endswith(":")


def test_only_what_somebody_must_act_on_notifies() -> None:
    assert not summarize([]).notify
    assert not summarize([changed(rule(), rule(lifecycle=MISSING)), addition(rule(level=Level.INFORMATIONAL))]).notify
    assert summarize([removal(rule())]).notify
    assert summarize([addition(rule())]).notify


def test_a_summary_counts_every_kind() -> None:
    found = summarize([addition(rule()), addition(rule("b.example")), changed(rule(), rule(conditions=(PRIVATE,)))])
    assert found.summary == {"added": 2, "removed": 0, "changed": 0, "conditions": 1, "moved": 0, "date": 0, "text": 0}
    assert len(found.changes) == 3


def test_between_two_catalogs_a_change_has_the_day_and_the_commit_of_the_newer() -> None:
    old = catalog(rule(), day="2024-06-01", commit="one")
    new = catalog(rule("b.example"), day="2024-06-02", commit="other")
    assert {(change.date, change.commit) for change in between(old, new)} == {(dt.date(2024, 6, 2), "other")}


def test_a_change_of_text_leads_nowhere() -> None:
    change = Change(kind=ChangeKind.TEXT, severity=INFORMATIONAL, before=rule(), after=rule(), texts_after=("new",))
    assert apply([rule("b.example")], [change]) == (rule("b.example"),)


def facts(rules: Iterable[Rule]) -> dict[str, tuple[object, ...]]:
    """Everything that two states of the rules are compared by: all but the sources."""
    return {one.id: (one.cloud, one.feature, *(getattr(one, name) for name in FACTS)) for one in rules}


def mutations(one: Rule) -> list[Rule]:
    """A real rule as a later revision might state it."""
    ports: dict[str, Any] = {"protocol": Protocol.UDP, "port": 1194, "id": ""}
    wider = tuple(replace(to, value=f"*.{to.value}") for to in one.destinations if to.form is DestinationForm.FQDN)
    return [
        one,
        replace(one, level=Level.RECOMMENDED),
        replace(one, conditions=(NOT_PRIVATE,)),
        replace(one, constraints=(Constraint.PRESERVE_ALPN,)),
        replace(one, cloud_stated=not one.cloud_stated),
        replace(one, sources=(SOURCE,)),
        replace(one, lifecycle=MISSING),
        replace(one, **ports),
        replace(one, destinations=wider[:1] or one.destinations, id=""),
    ]


def distinct(rules: Iterable[Rule]) -> list[Rule]:
    return list({one.id: one for one in rules}.values())


REAL = st.lists(st.sampled_from(FORMS), unique_by=lambda one: one.id, max_size=20)


@st.composite
def two_states(draw: st.DrawFn) -> tuple[list[Rule], list[Rule]]:
    """Real rules, and what became of them: kept, changed, gone, joined by others, or a section under a new name."""
    old = draw(REAL)
    features = sorted({one.feature for one in old})
    if draw(st.booleans()) and features:
        renamed = draw(st.sampled_from(features))
        return old, [replace(one, feature="renamed", id="") if one.feature == renamed else one for one in old]
    kept = draw(st.lists(st.sampled_from(old), unique_by=lambda one: one.id)) if old else []
    changed = [draw(st.sampled_from(mutations(one))) for one in kept]
    joined = [one for one in draw(REAL) if one.feature in features]
    return old, distinct([*joined, *changed])


@given(REAL)
def test_a_state_does_not_differ_from_itself(rules: list[Rule]) -> None:
    assert compare_rules(rules, rules) == ()
    assert apply(rules, ()) == tuple(sorted(rules, key=lambda one: one.id))


@given(two_states())
def test_the_changes_lead_from_one_state_to_the_other(states: tuple[list[Rule], list[Rule]]) -> None:
    old, new = states
    assert facts(apply(old, compare_rules(old, new))) == facts(new)


@given(two_states(), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(states: tuple[list[Rule], list[Rule]], random: Random) -> None:
    old, new = states
    expected = compare_rules(old, new)
    random.shuffle(old)
    random.shuffle(new)
    assert compare_rules(old, new) == expected


@given(two_states())
def test_every_rule_is_reported_at_most_once(states: tuple[list[Rule], list[Rule]]) -> None:
    changes = compare_rules(*states)
    for side in ("before", "after"):
        ids = [one.id for change in changes if (one := getattr(change, side))]
        assert len(ids) == len(set(ids))
    told_of = [change.rule.id for change in changes if change.rule]
    assert told_of == sorted(set(told_of))
    gone = {change.rule.id for change in changes if change.kind is ChangeKind.REMOVED and change.rule}
    come = {change.rule.id for change in changes if change.kind is ChangeKind.ADDED and change.rule}
    assert not gone & {one.id for one in states[1]}
    assert not come & {one.id for one in states[0]}


def test_every_step_of_the_shipped_history_leads_to_the_next() -> None:
    history = load_history()
    states = [tuple(history.rules_at(place).values()) for place in range(0, len(history.events) + 1, 11)]
    for old in states:
        for new in (states[0], states[-1], aec.load().rules):
            assert facts(apply(old, compare_rules(old, new))) == facts(new)
