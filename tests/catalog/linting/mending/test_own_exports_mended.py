"""Hosts taken out of what this package exports: ``--fix`` brings all of them back, and touches nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.linting.entry import Entry
from aks_egress_catalog.linting.mending.change import QUOTES
from aks_egress_catalog.linting.mending.literal_lists import read_list, without
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.model import DestinationForm
from tests import base
from tests.catalog.calls.test_same_set import profiles
from tests.catalog.linting.mending.mended_files import EVERYTHING, fix, judge, missing

PROFILES = profiles().filter(lambda profile: profile.region is not None)


def exported(folder: Path, form: str, profile: aec.Profile) -> tuple[str, str]:
    """The one file of an export: its name and its text."""
    ((name, text),) = aec.export(f"azure-firewall-{form}", profile, catalog=base.CATALOG).files.items()
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_text(text, encoding="utf-8")
    return name, text


def hosts_of(folder: Path) -> dict[tuple[int, int], list[Entry]]:
    """The hosts of a file by the list that they stand in; only lists of two and more."""
    (reading,) = read_lists([str(folder)]).readings
    found: dict[tuple[int, int], list[Entry]] = {}
    for entry in reading.entries:
        if entry.rule.values_at and entry.form == "name":
            found.setdefault((entry.rule.values_at.start, entry.rule.values_at.end), []).append(entry)
    return {span: entries for span, entries in found.items() if len(entries) > 1}


def frame(text: str) -> str:
    """All that stands outside of lists."""
    return re.sub(r"\[[^\[\]{}]*\]", "[]", text)


@given(PROFILES, st.sampled_from(sorted(QUOTES)), st.data())
@settings(max_examples=60)
def test_what_was_taken_out_comes_back(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile, form: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp() / "taken"
    name, text = exported(folder, form, profile)
    whole = judge(read_lists([str(folder)]), profile)
    for (start, end), entries in sorted(hosts_of(folder).items(), reverse=True):
        gone = data.draw(st.lists(st.sampled_from(entries), max_size=len(entries) - 1, unique_by=id))
        now = text[start:end]
        for entry in sorted(gone, key=lambda one: one.place.start, reverse=True):
            now = without(read_list(now, QUOTES[form]), entry.place.start - start)
        text = text[:start] + now + text[end:]
    done = fix(folder, {name: text}, profile=profile, wishes=EVERYTHING)
    assert missing(done.mended.found) == missing(whole)
    assert frame(done.text) == frame(text)
    again = fix(folder, {name: done.text}, profile=profile, wishes=EVERYTHING)
    assert (again.text, again.mended.done) == (done.text, ())


@given(PROFILES, st.sampled_from(["{host}", "{host}:{port}", "{host}:{port}/tcp", "{scheme}://{host}"]), st.data())
@settings(max_examples=60)
def test_a_plain_list_is_completed(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile, style: str, data: st.DataObject
) -> None:
    rules = [one for one in base.CATALOG.resolve(profile).rules if one.form is DestinationForm.FQDN and one.application]
    lines = [
        style.format(host=host, port=rule.port, scheme="http" if rule.port == 80 else "https")
        for rule in rules
        for host in rule.values
    ]
    kept = data.draw(st.lists(st.sampled_from(lines), min_size=2, unique=True))
    ending = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = ending.join(("# ours", *kept)) + data.draw(st.sampled_from(["", ending]))
    folder = tmp_path_factory.getbasetemp() / "plain"
    done = fix(folder, {"hosts.txt": text}, profile=profile)
    assert not [one for one in missing(done.mended.found) if one.endswith((" 80", " 443")) and ":" not in one]
    assert [line for line in done.text.split(ending) if line in kept] == [*kept]
    assert done.text.endswith(ending) == text.endswith(ending)
    others = {line for line in done.text.split(ending) if line} - {"# ours", *lines}
    assert others <= {"ntp.ubuntu.com", "ntp.ubuntu.com:123/udp"}  # what a network rule may name instead of any host
    again = fix(folder, {"hosts.txt": done.text}, profile=profile)
    assert (again.text, again.mended.done) == (done.text, ())
