"""The life of a release, at a stateful GitHub: draft, files, public; broken anywhere, and finished by the next run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import announced_since
from aks_egress_catalog.history.changes import Changes, summarize
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.model import Origin, Rules
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json
from publish.config import read_config
from publish.github.client import Repository
from publish.github.refusal import GitHubRefusedError
from publish.github.release import ReleaseError, publish_directly, release, released_files, released_versions
from publish.plan.check import GateVerdict
from publish.plan.diff import diff, text_changes
from publish.plan.gate import Gate
from publish.plan.proposal import DATA_FOLDER, Proposal
from publish.plan.released import Published, Released, VersionTakenError, read_released
from publish.release.assets import SUMS
from tests import base
from tests.base import HISTORY, LIVE
from tests.github.fixtures import Site
from tests.publish.live import check_out

ROOT: Final = Path(__file__).parents[3]
OLDER: Final = replace(load(as_of="2024-06-01"), origin=Origin.LIVE)
CONFIG: Final = read_config()


def of(catalog: Catalog) -> Published:
    """A checkout that publishes a catalog."""
    return Published(catalog=catalog, history=HISTORY, texts={})


def few(catalog_text: str) -> dict[str, bytes]:
    """Files of a release, fewer and smaller than the real ones."""
    return {"catalog.json": catalog_text.encode(), "package.whl": b"\0\1\2", SUMS: b"sums"}


class Maker:
    """Makes few files, and remembers which changes it was asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[Changes] = []
        self.more: dict[str, bytes] = {}

    def __call__(self, changes: Changes) -> dict[str, bytes]:
        self.asked.append(changes)
        return few(self.text) | self.more


@pytest.fixture
def hub(github: Site) -> Repository:
    return Repository(github.full_name, token=github.token, api=github.url)


def head(hub: Repository) -> str:
    sha = hub.head("main")
    assert sha
    return sha


def test_a_release_has_its_tag_its_files_byte_for_byte_and_its_notes(github: Site, hub: Repository) -> None:
    make = Maker(to_json(LIVE))
    assert release(hub, of(LIVE), commit=head(hub), make_assets=make).startswith(f"released v{LIVE.version}")
    (made,) = hub.releases()
    assert not made.draft
    assert hub.tag(f"v{LIVE.version}") == head(hub)
    assert {asset.name: hub.download(asset) for asset in made.assets} == few(make.text)
    assert LIVE.attribution in made.body
    assert github.proxy.violations == []


def test_a_second_run_changes_nothing_and_makes_nothing(github: Site, hub: Repository) -> None:
    release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE)))
    calls, make = len(github.proxy.calls), Maker(to_json(LIVE))
    assert "released already" in release(hub, of(LIVE), commit=head(hub), make_assets=make)
    assert make.asked == []
    assert {call.method for call in github.proxy.calls[calls:]} == {"GET"}


def test_a_version_that_was_released_with_other_data_is_never_released_again(
    github: Site, hub: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE)))
    edited = replace(LIVE, rules=Rules(LIVE.rules[1:]))
    calls = len(github.proxy.calls)
    with pytest.raises(VersionTakenError, match="publish correct --why"):
        release(hub, of(edited), commit=head(hub), make_assets=Maker(to_json(edited)))
    assert {call.method for call in github.proxy.calls[calls:]} == {"GET"}
    root = tmp_path / "checkout"
    check_out(root, base.files() | {f"{DATA_FOLDER}/catalog.json": to_json(edited)})
    for name, value in (("TOKEN", github.token), ("REPOSITORY", github.full_name), ("API_URL", github.url)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    command = [sys.executable, "-m", "publish", "release", "--root", str(root), "--commit", head(hub)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 4, done.stderr
    assert "a version never changes" in " ".join(done.stderr.split())


def test_what_was_released_is_brought_for_the_plan(
    github: Site, hub: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TOKEN", github.token), ("REPOSITORY", github.full_name), ("API_URL", github.url)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    command = [sys.executable, "-m", "publish", "released", "--out", str(tmp_path)]

    def asked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert "0 versions, the newest none" in asked().stdout
    assert read_released(tmp_path) == Released()
    history = history_json(HISTORY).encode()
    for catalog in (OLDER, LIVE):
        make = Maker(to_json(catalog))
        make.more = {"history.json": history}
        release(hub, of(catalog), commit=head(hub), make_assets=make)
    hub.draft_release(tag="v2026.12.1", commit=head(hub), body="")
    done = asked()
    assert f"3 versions, the newest v{LIVE.version}" in done.stdout, done.stderr
    found = read_released(tmp_path)
    assert found.versions == {OLDER.version, LIVE.version, "2026.12.1"}
    assert (found.catalog, found.history) == (LIVE, HISTORY)


def test_the_files_of_a_published_release_come_back_byte_for_byte(hub: Repository) -> None:
    release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE)))
    assert released_files(hub, LIVE.version) == few(to_json(LIVE))


def test_the_command_leaves_the_same_files_whether_it_made_them_or_found_them(
    github: Site, hub: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    check_out(checkout, base.files())
    shutil.copytree(ROOT / DATA_FOLDER / "schema", checkout / DATA_FOLDER / "schema")
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, checkout / name)
    for name, value in (("TOKEN", github.token), ("REPOSITORY", github.full_name), ("API_URL", github.url)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    command = [sys.executable, "-m", "publish", "release", "--root", str(checkout), "--out", str(tmp_path / "out")]
    left = []
    for said in ("released v", "released already"):
        done = subprocess.run([*command, "--commit", head(hub)], capture_output=True, text=True, check=False, cwd=ROOT)
        assert said in done.stdout, done.stderr
        left.append({file.name: file.read_bytes() for file in (tmp_path / "out" / "release").iterdir()})
    assert left[0] == left[1]
    assert SUMS in left[0]


def test_the_notes_are_what_a_user_of_the_release_before_must_know(hub: Repository) -> None:
    release(hub, of(OLDER), commit=head(hub), make_assets=Maker(to_json(OLDER)))
    make = Maker(to_json(LIVE))
    release(hub, of(LIVE), commit=head(hub), make_assets=make)
    told = announced_since(HISTORY, OLDER.version, today=HISTORY.events[-1].day)
    assert make.asked == [summarize([*told, *text_changes(OLDER, LIVE)])]
    assert make.asked[0].summary["added"] > 0
    newest = next(one for one in hub.releases() if one.tag == f"v{LIVE.version}")
    assert "`packages.aks.azure.com`" in newest.body


def test_a_half_release_stays_a_draft_and_a_broken_upload_is_made_anew(github: Site, hub: Repository) -> None:
    text = to_json(LIVE)
    draft = hub.draft_release(tag=f"v{LIVE.version}", commit=head(hub), body="")
    hub.upload(draft, "package.whl", b"\0\1\2")
    hub.upload(draft, "catalog.json", b"{}")
    (draft,) = hub.releases()
    github.proxy.break_asset(next(asset.id for asset in draft.assets if asset.name == "package.whl"))
    release(hub, of(LIVE), commit=head(hub), make_assets=Maker(text))
    (made,) = hub.releases()
    assert not made.draft
    assert {asset.name: hub.download(asset) for asset in made.assets} == few(text)


def test_two_drafts_that_two_runs_at_once_left_become_one_release(hub: Repository) -> None:
    for _ in range(2):
        hub.draft_release(tag=f"v{LIVE.version}", commit=head(hub), body="")
    assert release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE))).startswith("released")
    assert sorted(one.draft for one in hub.releases()) == [False, True]
    assert "released already" in release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE)))
    assert [one.draft for one in hub.releases()] == [False]


def test_two_runs_at_once_end_with_one_release_at_the_latest_when_they_run_again(github: Site) -> None:
    hubs = [Repository(github.full_name, token=github.token, api=github.url) for _ in range(2)]
    sha = head(hubs[0])

    def run(hub: Repository) -> str:
        return release(hub, of(LIVE), commit=sha, make_assets=Maker(to_json(LIVE)))

    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, hub) for hub in hubs]
    faults = [fault for one in runs if (fault := one.exception())]
    assert all(isinstance(fault, GitHubRefusedError) for fault in faults)
    assert len(faults) < 2
    assert "released already" in run(hubs[0])
    (made,) = hubs[0].releases()
    assert {asset.name: hubs[0].download(asset) for asset in made.assets} == few(to_json(LIVE))


def test_the_embedded_pages_are_never_released(hub: Repository) -> None:
    with pytest.raises(ReleaseError, match="snapshot"):
        release(hub, of(replace(LIVE, origin=Origin.SNAPSHOT)), commit=head(hub), make_assets=Maker(""))
    assert hub.releases() == []


def test_a_tag_that_stands_for_another_commit_is_named(github: Site, hub: Repository) -> None:
    sha = head(hub)
    github.repository().create_ref(f"refs/tags/v{LIVE.version}", sha)
    other = hub.write_commit({"x": b"y"}, parent=hub.commit(sha), message="Other")
    with pytest.raises(ReleaseError, match="stands for"):
        release(hub, of(LIVE), commit=other, make_assets=Maker(""))


def test_a_release_whose_tag_was_taken_away_is_left_alone_and_its_version_stays_taken(
    github: Site, hub: Repository
) -> None:
    release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE)))
    github.repository().ref(f"tags/v{LIVE.version}").delete()
    assert "released already" in release(hub, of(LIVE), commit=head(hub), make_assets=Maker(to_json(LIVE)))
    assert LIVE.version in released_versions(hub)


# ---------------------------------------------------------------- without a pull request


def proposal(verdict: GateVerdict) -> Proposal:
    changes = diff(OLDER, LIVE)
    return Proposal(
        version=LIVE.version,
        commit="a" * 40,
        due=True,
        facts="f",
        gate=Gate(verdict=verdict, checks=()),
        changes=changes,
        files={f"{DATA_FOLDER}/catalog.json": to_json(LIVE)},
    )


def test_directly_only_where_the_configuration_and_the_gate_allow_it(hub: Repository) -> None:
    allowed = replace(CONFIG, release=replace(CONFIG.release, direct=True))
    with pytest.raises(ReleaseError, match=r"publish\.toml"):
        publish_directly(hub, proposal(GateVerdict.PUBLISH), config=CONFIG, published={})
    with pytest.raises(ReleaseError, match="hold for review"):
        publish_directly(hub, proposal(GateVerdict.HOLD), config=allowed, published={})
    before = head(hub)
    made = publish_directly(hub, proposal(GateVerdict.PUBLISH), config=allowed, published={})
    assert (head(hub), hub.commit(made).parents) == (made, (before,))
    assert publish_directly(hub, proposal(GateVerdict.PUBLISH), config=allowed, published={}) == made


def test_release_without_a_token_says_what_to_set(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "publish", "release", "--out", str(tmp_path), "--commit", "a" * 40],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, "GITHUB_TOKEN" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
