from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.history.announced import announced, with_missing
from aks_egress_catalog.history.changes import Impact, change_of
from aks_egress_catalog.history.revisions import Life, catalog_at
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep, upgrade_plan
from aks_egress_catalog.hosts.patterns import takes_in
from aks_egress_catalog.model import (
    Application,
    Condition,
    Destination,
    Effect,
    Kind,
    Level,
    Lifecycle,
    Protocol,
    Rule,
    Status,
    When,
)
from aks_egress_catalog.render.markdown import plan_markdown
from aks_egress_catalog.render.past import print_plan
from aks_egress_catalog.text.codec import to_json
from tests.base import CATALOG, HISTORY
from tests.factories import catalog, rule

NOT_PRIVATE = Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER)
HELD = Lifecycle(
    status=Status.MISSING, since=dt.date(2024, 6, 20), until=dt.date(2024, 7, 4), commit="c"
)  # within the hold at the newer of the two states below


https = partial(rule, application=Application.HTTPS)
A, B = https("a.example"), https("b.example")
A_FOR_GPU = https("a.example", feature="gpu")


def lead(old: list[Rule], new: list[Rule], **days: Life) -> UpgradePlan:
    """Plan the way between two small catalogs; ``days`` are the lives of rules by their first host's first label."""
    by_label = {one.destinations[0].value.partition(".")[0]: one.id for one in (*old, *new)}
    lives = {by_label[label]: life for label, life in days.items()}
    return upgrade_plan(catalog(*old, day="2024-06-01"), catalog(*new), lives=lives)


def life(since: str, gone: str = "") -> Life:
    first, last = dt.date.fromisoformat(since), dt.date.fromisoformat(gone or since)
    return Life(first_seen=first, since=first, last_changed=last, gone=last if gone else None)


def names(steps: tuple[UpgradeStep, ...]) -> list[str]:
    return [step.destination for step in steps]


def test_what_is_new_is_added_and_what_is_gone_may_go_each_with_its_day() -> None:
    found = lead([A], [B], a=life("2023-01-01", "2024-06-20"), b=life("2024-06-10"))
    assert found.add == (
        UpgradeStep(
            cloud="AzureCloud",
            destination="b.example",
            protocol=Protocol.TCP,
            port=443,
            application=Application.HTTPS,
            level=Level.REQUIRED,
            features=("core",),
            rules=(B.id,),
            since=dt.date(2024, 6, 10),
        ),
    )
    assert [(step.destination, str(step.since), step.keep_until) for step in found.may_go] == [
        ("a.example", "2024-06-20", None)
    ]
    assert (found.old, found.new) == ("2024.6.1", "2024.7.1")


def test_without_a_history_there_are_no_days() -> None:
    found = lead([A], [B])
    assert {step.since for step in (*found.add, *found.may_go)} == {None}


def test_nothing_changes_where_nothing_changed() -> None:
    found = lead([A, B], [A, B])
    assert (found.add, found.may_go, found.conditions, found.unmet) == ((), (), (), ())


@pytest.mark.parametrize(
    ("old", "new", "add", "may_go"),
    [
        ([A, A_FOR_GPU], [A], [], []),
        ([A, A_FOR_GPU], [A_FOR_GPU], [], []),
        ([A], [A_FOR_GPU], [], []),
        ([A], [A, A_FOR_GPU], [], []),
        ([A, A_FOR_GPU], [B], ["b.example"], ["a.example"]),
        ([A], [A, https("a.example", cloud="AzureChinaCloud")], ["a.example"], []),
        ([A, https("a.example", cloud="AzureChinaCloud")], [A], [], ["a.example"]),
        ([A], [https("a.example", port=8443)], ["a.example"], ["a.example"]),
        ([A], [https("a.example", protocol=Protocol.UDP, application=None)], ["a.example"], ["a.example"]),
        ([A], [https("*.a.example")], ["*.a.example"], ["a.example"]),
    ],
)
def test_a_plan_is_of_endpoints_whatever_rules_ask_for_them(
    old: list[Rule], new: list[Rule], add: list[str], may_go: list[str]
) -> None:
    found = lead(old, new)
    assert (names(found.add), names(found.may_go)) == (add, may_go)


def test_an_endpoint_of_two_features_is_one_step_of_the_stricter_level() -> None:
    eased = replace(A_FOR_GPU, level=Level.RECOMMENDED)
    for found in (lead([], [A, eased]).add, lead([A, eased], []).may_go):
        (step,) = found
        assert (step.features, step.rules, step.level) == (("core", "gpu"), (A.id, eased.id), Level.REQUIRED)


def test_of_two_features_that_left_on_two_days_the_later_counts() -> None:
    lives = {A.id: life("2023-01-01", "2024-06-10"), A_FOR_GPU.id: life("2023-01-01", "2024-06-20")}
    found = upgrade_plan(catalog(A, A_FOR_GPU, day="2024-06-01"), catalog(), lives=lives)
    assert [str(step.since) for step in found.may_go] == ["2024-06-20"]


def test_what_is_missing_may_go_only_when_the_hold_ends() -> None:
    found = lead([A, B], [replace(A, lifecycle=HELD), B])
    assert [(step.destination, str(step.since), str(step.keep_until)) for step in found.may_go] == [
        ("a.example", "2024-06-20", "2024-07-04")
    ]
    assert found.add == ()
    assert "2024-07-04: keep it till then" in plan_markdown(found)


def test_an_endpoint_of_a_missing_rule_stays_as_long_as_another_feature_asks_for_it() -> None:
    assert lead([A, A_FOR_GPU], [A, replace(A_FOR_GPU, lifecycle=HELD)]).may_go == ()


def test_a_section_that_only_changed_its_name_asks_for_nothing() -> None:
    old = [https(host, feature="old") for host in ("a.example", "b.example")]
    new = [https(host, feature="new") for host in ("a.example", "b.example")]
    found = lead(old, new)
    assert (found.add, found.may_go, found.conditions) == ((), (), ())


def test_what_holds_under_other_conditions_is_reported_beside_the_steps() -> None:
    found = lead([A, B], [replace(A, conditions=(NOT_PRIVATE,)), replace(B, level=Level.RECOMMENDED)])
    assert [change.rule.id for change in found.conditions if change.rule] == [A.id]
    assert (found.add, found.may_go) == ((), ())


EITHER = https("tag:T", "a.example", kind=Kind.NETWORK)
ONLY_TAG = https("tag:T", kind=Kind.NETWORK)
ONLY_HOST = https("a.example", kind=Kind.NETWORK)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONLY_TAG, EITHER),
        (ONLY_HOST, EITHER),
        (https("*.a.example"), https("x.a.example")),
    ],
    ids=["another alternative", "a broader alternative", "a narrower host"],
)
def test_what_was_allowed_before_and_is_still_enough_adds_nothing(before: Rule, after: Rule) -> None:
    change = change_of(before, after)
    assert change is not None
    assert change.severity is Impact.RELAXING
    assert lead([before], [after]).add == ()


TAG_FOR_GPU = https("tag:T", kind=Kind.NETWORK, feature="gpu")


@pytest.mark.parametrize(("old", "new"), [([EITHER], [ONLY_TAG]), ([EITHER, TAG_FOR_GPU], [TAG_FOR_GPU])])
def test_an_alternative_that_is_still_asked_for_does_not_go(old: list[Rule], new: list[Rule]) -> None:
    going = {name for step in lead(old, new).may_go for name in step.destination.split(" or ")}
    assert "tag:T" not in going


def test_what_only_the_prose_named_is_added_when_it_is_required() -> None:
    assert names(lead([replace(A, level=Level.INFORMATIONAL)], [A]).add) == ["a.example"]


def test_what_only_the_prose_names_is_not_added() -> None:
    assert lead([], [replace(A, level=Level.INFORMATIONAL)]).add == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (replace(A, level=Level.RECOMMENDED), A),
        (replace(A, application=Application.HTTP), A),
        (A, replace(A, application=None)),
    ],
    ids=["required now", "another application protocol", "any application protocol"],
)
def test_every_breaking_change_of_an_endpoint_is_in_the_plan(before: Rule, after: Rule) -> None:
    change = change_of(before, after)
    assert change is not None
    assert change.severity is Impact.BREAKING
    found = lead([before], [after])
    assert found.add or found.conditions


STATES = [catalog_at(HISTORY, HISTORY.events[place].day) for place in range(0, len(HISTORY.events), 9)]


def asked(state: Catalog) -> list[Rule]:
    return [one for one in state.rules if one.level is not Level.INFORMATIONAL]


def endpoints(state: Catalog) -> set[tuple[object, ...]]:
    return {(one.cloud, " or ".join(map(str, one.destinations)), one.protocol, one.port) for one in asked(state)}


def keys(steps: tuple[UpgradeStep, ...]) -> set[tuple[object, ...]]:
    return {(step.cloud, step.destination, step.protocol, step.port) for step in steps}


def needed_anew(step: UpgradeStep) -> tuple[object, ...]:
    return (step.cloud, step.destination, step.protocol, step.port, step.application, step.level)


def enough_for(one: Rule) -> tuple[object, ...]:
    names = " or ".join(map(str, one.destinations))
    return (one.cloud, names, one.protocol, one.port, one.application, one.level)


def unheard_of(old: Catalog, new: Catalog) -> set[str]:
    """Rules of which no alternative was allowed before, by any rule of any feature."""
    allowed: defaultdict[tuple[object, ...], set[Destination]] = defaultdict(set)
    for one in asked(old):
        allowed[one.cloud, one.protocol, one.port].update(one.destinations)
    return {
        one.id
        for one in asked(new)
        if not any(
            takes_in(before, after)
            for before in allowed[one.cloud, one.protocol, one.port]
            for after in one.destinations
        )
    }


@pytest.mark.slow
@pytest.mark.parametrize("old", STATES[::3], ids=lambda state: state.version)
def test_between_real_states_nothing_that_is_needed_is_forgotten_or_given_up(old: Catalog) -> None:
    prose = {one.destinations for one in old.rules if one.level is Level.INFORMATIONAL}
    for new in STATES:
        assert new.facts_date is not None
        found = upgrade_plan(old, new, lives=HISTORY.lives_at(new.facts_date))
        needed = unheard_of(old, new) - {one.id for one in new.rules if one.destinations in prose}
        assert needed <= {name for step in found.add for name in step.rules}
        assert not keys(found.may_go) & endpoints(new)
        assert not {needed_anew(step) for step in found.add} & {enough_for(one) for one in asked(old)}
        for steps in (found.add, found.may_go):
            assert len(keys(steps)) == len(steps)
            assert [step.rules for step in steps] == sorted(step.rules for step in steps)


def test_a_plan_to_the_same_state_is_empty() -> None:
    for state in (*STATES, CATALOG):
        found = upgrade_plan(state, state, lives=HISTORY.rules)
        assert (found.add, found.may_go, found.conditions) == ((), (), ())


def test_the_days_are_those_that_were_known_at_the_newer_state() -> None:
    old, new = (catalog_at(HISTORY, dt.date.fromisoformat(day)) for day in ("2025-03-01", "2025-03-31"))
    found = upgrade_plan(old, new, lives=HISTORY.lives_at(dt.date(2025, 3, 31)))
    days = {step.destination: str(step.since) for step in found.add}
    assert days["*.data.mcr.azure.cn"] == "2025-03-13"  # it was there anew from 2025-05-13 on
    assert {step.since for step in found.add} == {dt.date(2025, 3, 13)}


def test_a_catalog_with_a_held_rule_keeps_it_in_the_plan() -> None:
    today = dt.date(2025, 5, 10)
    held = with_missing(catalog_at(HISTORY, today), announced(HISTORY, today=today).missing)
    found = upgrade_plan(catalog_at(HISTORY, dt.date(2025, 5, 1)), held, lives=HISTORY.lives_at(today))
    assert [(step.destination, str(step.since), str(step.keep_until)) for step in found.may_go] == [
        ("*.data.mcr.azure.cn", "2025-05-08", "2025-05-22")
    ]


def resolver(**profile: object) -> Callable[[Catalog], Resolution]:
    target = Target(fqdn_in_network_rules=True, service_tags=True)
    made = aec.Profile(**profile)  # type: ignore[arg-type]  # the profile's own keys
    return lambda state: state.resolve(made, target=target)


def planned(old: str, **profile: object) -> UpgradePlan:
    return upgrade_plan(aec.load(as_of=old), CATALOG, lives=HISTORY.rules, resolve=resolver(**profile))


def test_with_a_profile_the_plan_is_that_of_one_cluster() -> None:
    found = planned("2024-06-01", region="westeurope")
    assert [(step.destination, step.level, str(step.since)) for step in found.add] == [
        ("mcr-0001.mcr-msedge.net", "required", "2024-06-14"),
        ("packages.aks.azure.com", "required", "2025-02-06"),
        ("snapshot.ubuntu.com", "recommended", "2024-09-26"),
    ]
    assert found.may_go == ()
    assert found.unmet == ()


def test_another_feature_asks_for_more() -> None:
    core = planned("2025-07-01", region="westeurope")
    assert core.add == ()
    defended = planned("2025-07-01", region="westeurope", features=("defender",))
    assert [(step.destination, step.features) for step in defended.add] == [
        ("*.cloud.defender.microsoft.com", ("defender",))
    ]


def test_placeholders_are_those_of_the_cluster() -> None:
    found = planned("2024-06-01", region="westeurope", features=("azure-monitor",))
    assert "westeurope.ingest.monitor.azure.com" in names(found.may_go)
    assert not [name for name in names((*found.add, *found.may_go)) if "{" in name]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({}, [A.id]),
        ({"gpu": True}, [A.id, A_FOR_GPU.id]),
        ({"gpu": True, "private_cluster": True}, [A.id, A_FOR_GPU.id]),
        ({"cloud": "AzureChinaCloud"}, []),
    ],
)
def test_only_the_conditions_of_rules_that_concern_the_cluster_are_reported(
    profile: dict[str, object], expected: list[str]
) -> None:
    old = catalog(A, A_FOR_GPU, day="2024-06-01")
    new = catalog(*(replace(one, conditions=(NOT_PRIVATE,)) for one in (A, A_FOR_GPU)))
    found = upgrade_plan(old, new, lives={}, resolve=resolver(**profile))
    assert [change.rule.id for change in found.conditions if change.rule] == expected
    private = bool(profile.get("private_cluster"))
    assert names(found.may_go) == (["a.example"] if private else [])


def test_what_cannot_be_expressed_is_named() -> None:
    found = planned("2024-06-01")
    assert "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443" in found.unmet


@pytest.mark.parametrize(
    "found",
    [
        lead([A], [B]),
        lead([A, B], [replace(A, lifecycle=HELD), replace(B, conditions=(NOT_PRIVATE,))]),
        upgrade_plan(STATES[0], CATALOG, lives=HISTORY.rules),
    ],
    ids=["small", "held", "real"],
)
def test_no_plan_in_any_form_calls_for_deletion(found: UpgradePlan) -> None:
    printed = io.StringIO()
    with redirect_stdout(printed):
        print_plan(found)
    for form in (printed.getvalue(), plan_markdown(found), to_json(found)):
        assert not [word for word in ("delete", "remove now", "must go", "drop") if word in form.lower()]
    assert "may go once nothing of yours uses it" in printed.getvalue()
