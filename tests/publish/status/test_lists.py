"""What firewalls poll: exports of the package under addresses that stay, in bytes that change only when a list does."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.server
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx
import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.history.announced import announced_by_version
from aks_egress_catalog.linting.findings.finding import Code, Severity
from aks_egress_catalog.model import Cloud, Feature, Rules
from publish.status.lists import ALL, NAMES, list_files, list_profile
from publish.status.polls import older_catalogs
from tests import factories
from tests.base import CATALOG, HISTORY
from tests.publish.facts import HOLD

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lists")]  # writes thousands of lists, once a process
SAMPLE: Final = tuple((cloud, region) for cloud in Cloud for region in (REGIONS[cloud][0], REGIONS[cloud][-1]))
SINCE: Final = re.compile(r"^# Catalog (\S+), facts of ", re.MULTILINE)


@cache
def olds() -> tuple[Catalog, ...]:
    """The versions before the newest."""
    announced = tuple(announced_by_version(HISTORY, today=dt.date(2026, 11, 20), hold=HOLD))
    return tuple(older_catalogs(HISTORY, CATALOG, announced))


@cache
def served() -> dict[str, bytes]:
    """The lists of today, by path."""
    return list_files(olds(), CATALOG)


def folder(cloud: str, region: str) -> str:
    return f"lists/{cloud}/{region}"


def lines(path: str, files: Mapping[str, bytes] | None = None) -> list[str]:
    return [line for line in (files or served())[path].decode().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("cloud", "region"), SAMPLE)
def test_a_list_is_what_the_package_exports_of_the_version_that_it_names(cloud: str, region: str, name: str) -> None:
    versions = {catalog.version: catalog for catalog in (*olds(), CATALOG)}
    profile = list_profile(cloud, region, name)
    place = folder(cloud, region)
    (since,) = SINCE.findall(served()[f"{place}/{name}.txt"].decode())
    exported = {
        form: aec.export(form, profile, catalog=versions[since]).files for form in ("hosts", "edl", "fortigate")
    }
    assert served()[f"{place}/{name}.txt"].decode() == exported["hosts"]["hosts.txt"]
    assert served()[f"{place}/fortigate/{name}/domains.txt"].decode() == exported["fortigate"]["domains.txt"]
    del exported["edl"]["about.txt"]
    dynamic = {path: text.decode() for path, text in served().items() if path.startswith(f"{place}/edl/{name}/")}
    assert {path.rpartition("/")[2]: text for path, text in dynamic.items() if text} == exported["edl"]
    # And today's export allows the same.
    today = aec.export("hosts", profile, catalog=CATALOG).files["hosts.txt"]
    assert [line for line in today.splitlines() if not line.startswith("#")] == lines(f"{place}/{name}.txt")


def test_there_is_a_list_for_every_region_and_every_feature_that_could_be() -> None:
    plain = {path for path in served() if path.count("/") == 3}
    assert plain == {
        f"{folder(cloud, region)}/{name}.txt" for cloud in Cloud for region in REGIONS[cloud] for name in NAMES
    }
    assert {*map(str, Feature), ALL} == set(NAMES)
    assert all(lines(path) for path in plain)


def test_every_list_of_a_feature_has_the_core_and_all_has_every_other() -> None:
    for cloud, region in SAMPLE:
        place = folder(cloud, region)
        core, everything = lines(f"{place}/core.txt"), lines(f"{place}/all.txt")
        for name in NAMES:
            assert set(core) <= set(lines(f"{place}/{name}.txt")) <= set(everything)


@pytest.mark.parametrize("name", ["core", "os-updates", "azure-monitor", "all"])
def test_lint_finds_nothing_wrong_with_a_list_for_its_own_cluster(tmp_path: Path, name: str) -> None:
    for cloud, region in SAMPLE:
        place = tmp_path / f"{region}.txt"
        place.write_bytes(served()[f"{folder(cloud, region)}/{name}.txt"])
        found = aec.lint(place, profile=list_profile(cloud, region, name), catalog=CATALOG)
        assert not found.fails(Severity.WARNING), found.findings


@pytest.mark.parametrize("form", ["edl", "fortigate"])
@pytest.mark.parametrize("name", ["core", "azure-monitor", "all"])
def test_what_lint_misses_in_a_list_without_comments_is_what_its_format_cannot_hold(
    tmp_path: Path, name: str, form: str
) -> None:
    for cloud, region in SAMPLE:
        profile, polled = list_profile(cloud, region, name), tmp_path / region
        polled.mkdir()
        for path in served():
            if path.startswith(f"{folder(cloud, region)}/{form}/{name}/"):
                (polled / path.rpartition("/")[2]).write_bytes(served()[path])
        notes = aec.export(form, profile, catalog=CATALOG).notes
        dropped = {note.id for note in notes if note.fidelity is Fidelity.DROPPED}
        found = aec.lint(polled, profile=profile, catalog=CATALOG).findings
        wrong = [finding for finding in found if finding.level is not Severity.NOTE]
        assert {rule for finding in wrong for rule in finding.rules} <= dropped
        assert {finding.code for finding in wrong} <= {Code.MISSING}


def test_a_list_changes_its_bytes_only_when_it_changes() -> None:
    newest = CATALOG
    host = factories.rule("new.example", feature=Feature.GPU, cloud=Cloud.PUBLIC)
    later_on = replace(
        newest, version="2026.7.2.1", rules=Rules(sorted((*newest.rules, host), key=lambda rule: rule.id))
    )
    renewed = list_files((*olds(), newest), later_on)
    changed = {path for path in served() if renewed[path] != served()[path]}
    assert {path.split("/")[1] for path in changed} == {Cloud.PUBLIC}
    assert {name for path in changed for name in NAMES if name in re.split(r"[/.]", path)} == {Feature.GPU, ALL}
    assert "new.example:443/TCP" in lines(f"{folder(Cloud.PUBLIC, 'westeurope')}/gpu.txt", renewed)
    again = list_files((*olds(), newest, later_on), replace(later_on, version="2026.7.2.2"))
    assert again == renewed


def test_an_address_once_given_stays_whatever_the_article_leaves_out() -> None:
    newest = CATALOG
    kept = [rule for rule in newest.rules if rule.feature == Feature.CORE and rule.port == 443]
    bare = replace(newest, version="2026.7.2.1", rules=Rules(kept))
    renewed = list_files((*olds(), newest), bare)
    assert set(served()) <= set(renewed)
    assert renewed["lists/AzureCloud/westeurope/edl/os-updates/urls-tcp-80.txt"] == b""
    for cloud, region in SAMPLE:
        assert lines(f"{folder(cloud, region)}/gpu.txt", renewed) == lines(f"{folder(cloud, region)}/core.txt", renewed)


def test_lists_take_little_room() -> None:
    assert sum(map(len, served().values())) < 2_500_000


class _Tagging(http.server.BaseHTTPRequestHandler):
    """Serves files with an ETag made of their bytes, as GitHub Pages does."""

    files: Mapping[str, bytes]

    def do_GET(self) -> None:
        content = self.files.get(self.path.removeprefix("/"))
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        known = self.headers.get("If-None-Match") == tag
        self.send_response(HTTPStatus.NOT_MODIFIED if known else HTTPStatus.OK)
        self.send_header("ETag", tag)
        if not known:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not known:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def host(files: Mapping[str, bytes]) -> Iterator[tuple[str, type[_Tagging]]]:
    handler = type("Handler", (_Tagging,), {"files": files})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", handler
        finally:
            server.shutdown()
            thread.join()


def test_a_firewall_that_polls_is_told_that_nothing_changed_by_the_next_edition_too() -> None:
    newest = CATALOG
    paths = [path for path in served() if "/westeurope/" in path]
    with host(served()) as (address, handler), httpx.Client(base_url=address) as client:
        first = {path: client.get(path) for path in paths}
        assert all(answer.status_code == HTTPStatus.OK for answer in first.values())
        handler.files = list_files((*olds(), newest), replace(newest, version="2026.7.2.1"))
        again = [client.get(path, headers={"If-None-Match": one.headers["ETag"]}) for path, one in first.items()]
        assert {answer.status_code for answer in again} == {HTTPStatus.NOT_MODIFIED}
