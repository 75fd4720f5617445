from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.model import (
    Condition,
    Destination,
    DestinationForm,
    Effect,
    Level,
    Lifecycle,
    NamedSet,
    Origin,
    Protocol,
    Rule,
    Rules,
    Status,
    When,
)
from tests.factories import SOURCE, rule

ANY = Destination(form=DestinationForm.ANY, value="*")
TAG = Destination(form=DestinationForm.SERVICE_TAG, value="AzureCloud.{region}")
CIDRS = Destination(form=DestinationForm.NAMED_SET, value=NamedSet.REGION_CIDRS)
SERVER = Destination(form=DestinationForm.NAMED_SET, value=NamedSet.API_SERVER_PUBLIC_IP)
HOST = Destination(form=DestinationForm.FQDN, value="mcr.microsoft.com")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "AzureCloud/core/mcr.microsoft.com:tcp-443"),
        ({"destinations": (ANY, TAG), "protocol": Protocol.UDP, "port": 1194}, "AzureCloud/core/any:udp-1194"),
        ({"destinations": (TAG,)}, "AzureCloud/core/tag:AzureCloud.{region}:tcp-443"),
        ({"destinations": (SERVER,)}, "AzureCloud/core/set:APIServerPublicIP:tcp-443"),
        ({"protocol": None, "port": None}, "AzureCloud/core/mcr.microsoft.com:any"),
    ],
)
def test_an_id_is_made_of_the_facts(changes: dict[str, object], expected: str) -> None:
    assert rule(HOST, **changes).id == expected


def test_neither_text_nor_place_nor_application_changes_an_id() -> None:
    elsewhere = dataclasses.replace(SOURCE, heading="renamed", row=9)
    assert rule(sources=(elsewhere,), level=Level.RECOMMENDED).id == rule().id


def test_alternatives_stand_broadest_first() -> None:
    shuffled = [HOST, SERVER, CIDRS, TAG, ANY]
    assert sorted(shuffled, key=lambda destination: destination.breadth) == [ANY, TAG, CIDRS, SERVER, HOST]
    with pytest.raises(ValueError, match="broadest first"):
        rule(destinations=(TAG, ANY))


@pytest.mark.parametrize(
    "changes",
    [
        {"cloud": "Azure Cloud"},
        {"feature": "Core!"},
        {"destinations": ()},
        {"sources": ()},
        {"port": None},
        {"protocol": None},
        {"port": 70000},
        {"id": "AzureCloud/core/other:tcp-443"},
    ],
)
def test_a_rule_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        rule(**changes)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (DestinationForm.NAMED_SET, "SomethingElse"),
        (DestinationForm.FQDN, ""),
        (DestinationForm.FQDN, " mcr.microsoft.com"),
        (DestinationForm.FQDN, "*"),
        (DestinationForm.ANY, "mcr.microsoft.com"),
    ],
)
def test_a_destination_that_cannot_be_is_refused(form: DestinationForm, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Destination(form=form, value=value)


def test_a_rule_says_since_when_it_is_missing_and_only_then() -> None:
    assert Lifecycle(status=Status.MISSING, since=dt.date(2026, 1, 1)).since == dt.date(2026, 1, 1)
    for wrong in ({"status": Status.MISSING}, {"since": dt.date(2026, 1, 1)}):
        with pytest.raises(ValueError, match="since when"):
            Lifecycle(**wrong)


def test_conditions_of_an_alternative_are_the_rules_and_its_own() -> None:
    private = Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER)
    exists = Condition(effect=Effect.ONLY_IF, when=When.CLUSTER_EXISTS)
    late = dataclasses.replace(SERVER, conditions=(exists,))
    both = rule(destinations=(ANY, late), conditions=(private,))
    assert list(map(str, both.conditions_of(late))) == ["not-if:private-cluster", "only-if:cluster-exists"]
    assert list(map(str, both.conditions_of(ANY))) == ["not-if:private-cluster"]


def test_everything_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule().port = 80  # type: ignore[misc]


def test_a_catalog_has_each_rule_once_in_order() -> None:
    one, other = rule(), rule(port=80)

    def catalog(*rules: Rule) -> Catalog:
        return Catalog(origin=Origin.LIVE, attribution="", pages=(), rules=Rules(rules), watched={})

    assert [each.port for each in catalog(one, other).rules] == [443, 80]
    for wrong in ((other, one), (one, one)):
        with pytest.raises(ValueError, match="sorted"):
            catalog(*wrong)
