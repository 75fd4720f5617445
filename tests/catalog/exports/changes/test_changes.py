"""``export --since``: what it writes, applied to the export of one release, gives that of the other.

For every pair of releases that differ in what a cluster needs, there and back, of each cloud; ``--soak`` takes all,
otherwise it is each release to the next one, the first to the last, and some at random. At no moment of a change is
anything cut off, or more let through than by the two exports.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.exports.appliances import fortigate
from aks_egress_catalog.exports.change import PATCH, SUMMARY, State
from aks_egress_catalog.exports.declaration import Limit
from aks_egress_catalog.exports.dns import nftables
from aks_egress_catalog.exports.formats import FORMATS, load_format
from tests.catalog.exports.changes.patches import below, patched
from tests.catalog.exports.changes.released import (
    CLOUDS,
    Pair,
    change,
    consecutive,
    every_pair,
    files,
    patched_formats,
    versions,
)
from tests.catalog.exports.changes.targets import TARGETS, Files, Passed, Target
from tests.catalog.exports.engines.networks import program, real_engine
from tests.catalog.exports.resolutions import HEADER, addresses, https, resolution

# The exports of all releases are made once in a process, and take a while.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("changes")]
PAIRS: Final = st.deferred(lambda: st.sampled_from(every_pair()))
ENDS: Final = st.sampled_from(sorted(CLOUDS))


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--soak"):
        pytest.skip("long: --soak")


def last(steps: Iterable[Passed]) -> Passed:
    found: Passed = frozenset()
    for found in steps:  # noqa: B007  - the last one counts
        pass
    return found


def applied(target: Target, new: Target, before: Files, changes: Files, after: Files) -> None:
    """Run a change on what has the old export, and look at each step; ``new`` gets the new export alone."""
    had, wanted = last(target.take(before, *target.initial)), last(new.take(after, *new.initial))
    for passed in target.take(changes, *target.additions, *target.removals):
        assert had <= passed or wanted <= passed, "cut off meanwhile"
        assert passed <= had | wanted, "let through meanwhile"
    assert target.settings() == new.settings()


def led(form: str, pair: Pair) -> None:
    cloud, old, new = pair
    applied(TARGETS[form](), TARGETS[form](), files(form, cloud, old), change(form, pair), files(form, cloud, new))


@pytest.mark.parametrize("form", TARGETS)
def test_each_release_leads_to_the_next(form: str) -> None:
    for pair in consecutive():
        led(form, pair)


@settings(max_examples=30)
@given(pair=PAIRS, form=st.sampled_from(sorted(TARGETS)))
def test_any_release_leads_to_any_other(pair: Pair, form: str) -> None:
    led(form, pair)


@pytest.mark.slow
@pytest.mark.usefixtures("soak")
@pytest.mark.parametrize("form", TARGETS)
def test_every_release_leads_to_every_other(form: str) -> None:
    for pair in every_pair():
        led(form, pair)


def patch_leads(pair: Pair) -> None:
    """Apply the patches of all formats that have nothing else, each in a folder of its own."""
    cloud, old, new = pair
    before, after, patches = dict[str, str](), dict[str, str](), ""
    for form in patched_formats():
        changes = change(form, pair)
        assert set(changes) == {SUMMARY, PATCH}
        patches += below(form, changes[PATCH])
        before |= {f"{form}/{name}": text for name, text in files(form, cloud, old).items()}
        after |= {f"{form}/{name}": text for name, text in files(form, cloud, new).items()}
    with TemporaryDirectory() as folder:
        assert patched(Path(folder), before, patches) == after


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_patch_leads_from_the_first_release_to_the_last_and_back(cloud: str) -> None:
    first, *_, newest = versions(cloud)
    patch_leads((cloud, first, newest))
    patch_leads((cloud, newest, first))


@settings(max_examples=20)
@given(pair=PAIRS)
def test_a_patch_leads_from_any_release_to_any_other(pair: Pair) -> None:
    patch_leads(pair)


@pytest.mark.slow
@pytest.mark.usefixtures("soak")
def test_a_patch_leads_from_every_release_to_every_other() -> None:
    for pair in every_pair():
        patch_leads(pair)


def loaded(pair: Pair) -> None:
    """Load the old table and the change, then the new table alone, in a network of its own."""
    cloud, old, new = pair
    before, after, changes = files("nftables", cloud, old), files("nftables", cloud, new), change("nftables", pair)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in (("old", before), ("change", changes), ("new", after)):
            (folder / file).write_text(text[nftables.CHANGES if file == "change" else nftables.FILE], encoding="ascii")
        nft = program("nft")
        script = f"{nft} -f old; {nft} -f change; {nft} list ruleset; echo =; {nft} flush ruleset; {nft} -f new"
        command = [program("unshare"), "--net", "sh", "-ec", f"{script}; {nft} list ruleset"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
        led_to, _, alone = done.stdout.partition("=\n")
        assert ruleset(led_to) == ruleset(alone)
        resolver = {nftables.RESOLVER: before[nftables.RESOLVER]}
        (folder / "resolver").mkdir()
        assert patched(folder / "resolver", resolver, changes.get(PATCH, "")) == {
            nftables.RESOLVER: after[nftables.RESOLVER]
        }


def ruleset(text: str) -> list[str]:
    """What is loaded: the sets in no order, and the chains."""
    sets, _, chains = text.partition("\tchain ")
    return [*sorted(one.strip() for one in re.split(r"\n(?=\tset )", sets)), chains]


@real_engine("nft", "ip", root=True)
@settings(max_examples=12)
@given(pair=PAIRS)
def test_nftables_is_led_from_any_release_to_any_other(pair: Pair) -> None:
    loaded(pair)


@real_engine("nft", "ip", root=True)
@pytest.mark.usefixtures("soak")
def test_nftables_is_led_from_every_release_to_every_other() -> None:
    for pair in every_pair():
        loaded(pair)


HOSTS: Final = st.frozensets(st.sampled_from([f"{letter}.example" for letter in "abcdefghijkl"]))
RANGES: Final = st.frozensets(st.sampled_from([f"192.0.2.{16 * place}/29" for place in range(8)] + ["2001:db8::/32"]))


@given(
    hosts=st.tuples(HOSTS, HOSTS), ranges=st.tuples(RANGES, RANGES), anywhere=st.tuples(st.booleans(), st.booleans())
)
def test_members_move_between_the_parts_of_a_group_and_are_never_in_none(
    hosts: tuple[frozenset[str], frozenset[str]],
    ranges: tuple[frozenset[str], frozenset[str]],
    anywhere: tuple[bool, bool],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fortigate, "MEMBERS", Limit(most=3, of="members of a group", splits=True))
        old, new = (
            fortigate_state(*(sorted(each) for each in one[:2]), anywhere=one[2])
            for one in zip(hosts, ranges, anywhere, strict=True)
        )
        changes = fortigate.change(old, new, ["said"])
        applied(TARGETS["fortigate"](), TARGETS["fortigate"](), old.export.files, changes, new.export.files)


def fortigate_state(hosts: list[str], ranges: list[str], *, anywhere: bool) -> State:
    rules = [https(*hosts, port=9000, application=None)] if hosts else []
    rules += [addresses(*ranges)] if ranges else []
    rules += [addresses("*", form="any")] if anywhere else []
    of = resolution(*rules)
    return State(resolution=of, export=fortigate.render(of, HEADER), header=HEADER)


@pytest.mark.parametrize("form", FORMATS)
def test_between_the_same_nothing_changes(form: str) -> None:
    version = versions("AzureCloud")[-1]
    changes = change(form, ("AzureCloud", version, version))
    assert "Nothing is to be added.\nNothing may go.\n" in changes[SUMMARY]
    assert changes.get(PATCH, "") == ""


@pytest.mark.shipped
def test_the_summary_says_since_when() -> None:
    profile = aec.Profile(region="westeurope", gpu=True)
    text = aec.export("hosts", profile, since="2019-10-01").files[SUMMARY]
    day = r"\d{4}-\d\d-\d\d$"
    assert re.search(rf"^To add: \d+\n  AzureCloud/\S+: \S+ TCP \d+, in the article since {day}", text, re.MULTILINE)
    assert re.search(rf"^May go: \d+\n  AzureCloud/.*, gone from the article since {day}", text, re.MULTILINE)


def test_every_format_is_told_of() -> None:
    commands = {form for form in FORMATS if hasattr(load_format(form), "change")}
    assert commands == {*TARGETS, "nftables"}
