"""Read the ARM and Bicep exports back with tools that we did not write: the Azure SDK and tree-sitter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution
from aks_egress_catalog.exports.export import Fidelity, FidelityNote
from aks_egress_catalog.model import Constraint, DestinationForm, Kind

_FACTS = ("kind", "description", "sources", "destinations", "by_name", "protocol", "port", "terminate_tls")


def needs(module: str, packages: str) -> pytest.MarkDecorator:
    """Skip where a tool is missing, and say how to have it."""
    try:
        missing = find_spec(module) is None
    except ModuleNotFoundError:  # the package around it is missing too
        missing = True
    return pytest.mark.skipif(missing, reason=f"pip install {packages}")


@dataclass(frozen=True, kw_only=True)
class ReadRule:
    """One rule as a tool read it."""

    kind: str
    collection: str
    priority: int
    name: str
    description: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    by_name: bool
    protocol: str
    port: int
    terminate_tls: bool | None
    tags: tuple[str, ...] = ()


def read_arm(template: str) -> tuple[ReadRule, ...]:
    """Evaluate the template's expressions as Azure does, then take the resource into the SDK's models."""
    content = json.loads(template)
    defaults = {name: each.get("defaultValue") for name, each in content["parameters"].items()}
    (resource,) = content["resources"]
    return _through_sdk(_evaluated(resource["properties"], defaults))


def _evaluated(value: Any, parameters: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _evaluated(each, parameters) for name, each in value.items()}
    if isinstance(value, list):
        return [_evaluated(each, parameters) for each in value]
    if not (isinstance(value, str) and value.startswith("[") and value.endswith("]")):
        return value
    if value.startswith("[["):
        return value[1:]
    found = re.fullmatch(r"\[parameters\('(\w+)'\)\]", value)
    assert found, f"an expression that nobody wrote: {value}"
    return parameters[found.group(1)]


def _through_sdk(properties: dict[str, Any]) -> tuple[ReadRule, ...]:
    models = pytest.importorskip("azure.mgmt.network.models", reason="pip install azure-mgmt-network")
    group = models.FirewallPolicyRuleCollectionGroup({"properties": properties})
    read = []
    for collection in group.properties.rule_collections:
        assert type(collection) is models.FirewallPolicyFilterRuleCollection
        assert collection.action.type == "Allow"
        for rule in collection.rules:
            assert type(rule) in (models.ApplicationRule, models.NetworkRule)
            assert set(rule) <= _names_on_the_wire(type(rule))
            read.append(_from_model(collection, rule, web=isinstance(rule, models.ApplicationRule)))
    return tuple(read)


def read_collections(collections: list[dict[str, Any]]) -> tuple[ReadRule, ...]:
    """Take rule collections, as ARM writes them, into the SDK's models."""
    return _through_sdk({"ruleCollections": collections})


def _names_on_the_wire(model: Any) -> set[str]:
    """The keys that a model of the SDK knows: what comes of setting each of its attributes."""
    declared = {name for one in model.__mro__ for name in vars(one).get("__annotations__", {}) if name[0] != "_"}
    return {key for attribute in declared for key in model(**{attribute: "x"})}


def _from_model(collection: Any, rule: Any, *, web: bool) -> ReadRule:
    (protocol,) = rule.protocols if web else rule.ip_protocols
    by_name = web or bool(rule.destination_fqdns)
    destinations = rule.target_fqdns or () if web else rule.destination_fqdns or rule.destination_addresses
    return ReadRule(
        kind="application" if web else "network",
        collection=collection.name,
        priority=collection.priority,
        name=rule.name,
        description=rule.description,
        sources=tuple(rule.source_addresses),
        destinations=tuple(destinations),
        by_name=by_name,
        protocol=protocol.protocol_type if web else protocol,
        port=protocol.port if web else int(rule.destination_ports[0]),
        terminate_tls=rule.terminate_tls if web else None,
        tags=tuple(rule.fqdn_tags or ()) if web else (),
    )


def read_bicep(source: str) -> tuple[ReadRule, ...]:
    """Parse, evaluate what the tree says, and take the resource's properties into the SDK's models."""
    root = bicep_parser().parse(source.encode()).root_node
    assert not root.has_error
    parameters: dict[str, Any] = {"firewallPolicy": None, "firewallPolicyName": None}
    resources = []
    for node in root.named_children:
        if node.type == "parameter_declaration" and len(node.named_children) > 2:
            parameters[_text(node.named_children[0])] = bicep_value(node.named_children[-1], parameters)
        elif node.type == "resource_declaration":
            resources.append(bicep_value(node.named_children[-1], parameters))
        else:
            assert node.type in ("comment", "decorators", "parameter_declaration")
    policy, group = resources
    assert set(policy) == {"name"}
    return _through_sdk(group["properties"])


@cache
def bicep_parser() -> Any:
    tree_sitter = pytest.importorskip("tree_sitter", reason="pip install tree-sitter")
    grammar = pytest.importorskip("tree_sitter_bicep", reason="pip install tree-sitter-bicep")
    return tree_sitter.Parser(tree_sitter.Language(grammar.language()))


def _text(node: Any) -> str:
    return str(node.text.decode())


def bicep_value(node: Any, parameters: dict[str, Any]) -> Any:
    if node.type == "object":
        pairs = [each.named_children for each in node.named_children]
        assert len({_text(name) for name, _ in pairs}) == len(pairs)
        return {_text(name): bicep_value(value, parameters) for name, value in pairs}
    if node.type == "array":
        return [bicep_value(each, parameters) for each in node.named_children]
    if node.type == "string":
        assert {each.type for each in node.named_children} <= {"string_content", "escape_sequence"}
        return _bicep_string(_text(node))
    if node.type == "identifier":
        return parameters[_text(node)]
    assert node.type in ("number", "boolean")
    return json.loads(_text(node))


def _bicep_string(written: str) -> str:
    """Undo the escapes, by the Bicep specification."""
    assert re.fullmatch(r"'(?:[^'\\\n\r]|\\.)*'", written)
    known = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(
        r"\\(?:u\{([0-9a-f]+)\}|(.))",
        lambda found: chr(int(found[1], 16)) if found[1] else known.get(found[2], found[2]),
        written[1:-1],
    )


def expected(rule: ConcreteRule, *, kept: tuple[str, ...]) -> dict[str, Any]:
    """What a rule must be read back as, but for its names and priority."""
    by_name = rule.form is DestinationForm.FQDN
    web = by_name and rule.kind is Kind.FQDN and rule.application is not None
    alpn = "; preserve-alpn: TLS inspection must stay off for this rule"
    constrained = Constraint.PRESERVE_ALPN in rule.constraints
    return {
        "kind": "application" if web else "network",
        "description": f"{rule.id} ({rule.level}){alpn if constrained else ''}",
        "sources": ("*",),
        "destinations": kept,
        "by_name": by_name,
        "protocol": str(rule.application).capitalize() if web else rule.protocol,
        "port": rule.port,
        "terminate_tls": False if web and constrained else None,
    }


def assert_read_back(of: Resolution, notes: tuple[FidelityNote, ...], read: tuple[ReadRule, ...]) -> None:
    """Every rule that is not dropped was read, once, and says what the resolution says; nothing else was read."""
    wanted = [facts for _, facts in _wanted(of, notes)]
    facts = [{name: getattr(rule, name) for name in _FACTS} for rule in read]
    assert sorted(facts, key=str) == sorted(wanted, key=str)


def assert_grouped(of: Resolution, notes: tuple[FidelityNote, ...], read: tuple[ReadRule, ...]) -> None:
    """Every destination was read, once, by its protocol and port, under one of its features; nothing else was read."""
    doors = [(*_door(rule), value, rule.terminate_tls) for rule in read for value in rule.destinations]
    features: dict[Any, set[str]] = {}
    guarded: dict[Any, bool | None] = {}
    for rule, facts in _wanted(of, notes):
        for value in facts["destinations"]:
            key = (facts["kind"], facts["by_name"], facts["protocol"], facts["port"], value)
            features.setdefault(key, set()).add(rule.feature)
            guarded[key] = False if guarded.get(key) is False else facts["terminate_tls"]
    assert sorted(doors, key=str) == sorted(((*key, tls) for key, tls in guarded.items()), key=str)
    assert len({door[:-1] for door in doors}) == len(doors), "no destination stands twice"
    for one in read:
        for value in one.destinations:
            assert one.description.startswith(tuple(features[(*_door(one), value)]))
        assert not one.by_name or list(one.destinations) == sorted(one.destinations)


def _door(rule: ReadRule) -> tuple[str, bool, str, int]:
    return (rule.kind, rule.by_name, rule.protocol, rule.port)


def _wanted(of: Resolution, notes: tuple[FidelityNote, ...]) -> Iterator[tuple[ConcreteRule, dict[str, Any]]]:
    fidelity = {note.id: note.fidelity for note in notes}
    for rule in of.rules:
        narrowed = fidelity[rule.id] is Fidelity.NARROWED
        kept = tuple(value for value in rule.values if ":" not in value) if narrowed else rule.values
        if fidelity[rule.id] is not Fidelity.DROPPED:
            yield rule, expected(rule, kept=kept)
