"""The wheel as a user gets it: built, uploaded to a real index on loopback, installed into a fresh environment."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.store import load
from publish.release.index import IndexReadError, versions_at
from publish.release.upload import UploadError
from publish.release.upload import upload as upload_files

# Built, uploaded and installed once: all in one process.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("index")]
ROOT: Final = Path(__file__).parents[2]
WHEEL_LIMIT: Final = 700_000
"""Half of it is what reads lists and logs: lint 160 kB of the 500, explain 60, a hundred files' headers 50."""
# Looked for, not imported: pypiserver puts an import hook of its own into the process.
for needed in ("build", "twine", "pypiserver"):
    if find_spec(needed) is None:
        pytest.skip(f"pip install {needed}", allow_module_level=True)


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(out), str(ROOT))
    return out


@pytest.fixture(scope="module")
def index(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A package index on loopback that the built files were uploaded to by twine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    store = tmp_path_factory.mktemp("index")
    address = ["-i", "127.0.0.1", "-p", str(port), "-P", ".", "-a", ".", "--disable-fallback"]
    command = [sys.executable, "-m", "pypiserver", "run", *address, str(store)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            files = map(str, built.iterdir())
            url = f"http://127.0.0.1:{port}"
            run(sys.executable, "-m", "twine", "upload", "--repository-url", url, "-u", "x", "-p", "x", *files)
            yield f"{url}/simple/"
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("the index did not start")


@pytest.fixture(scope="module")
def installed(index: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the package from the index; what it needs comes from the usual one."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", "click", "rich")
    run(str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--index-url", index, "aks-egress-catalog")
    return home


def test_the_wheel_holds_the_package_and_its_data_and_is_small(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"aks_egress_catalog"}
    for needed in ("py.typed", "data/catalog.json", "data/advisories.json", "data/texts/de-de.json"):
        assert f"aks_egress_catalog/{needed}" in names
    assert wheel.stat().st_size < WHEEL_LIMIT


@pytest.fixture
def upload(index: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Path]], list[str]]:
    monkeypatch.setenv("TWINE_USERNAME", "x")
    monkeypatch.setenv("TWINE_PASSWORD", "x")
    return lambda files: upload_files(files, repository=index.removesuffix("simple/"), index=index)


def test_a_file_that_the_index_has_already_is_left_alone(
    upload: Callable[[list[Path]], list[str]], built: Path
) -> None:
    files = sorted(built.iterdir())
    assert upload(files) == [f"there already: {file.name}" for file in files]


def test_a_file_that_the_index_lacks_is_uploaded_beside_those_that_it_has(
    upload: Callable[[list[Path]], list[str]], built: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    renamed = tmp_path / wheel.name.replace("-py3-", "-1-py3-")
    renamed.write_bytes(wheel.read_bytes())
    assert upload([wheel, renamed]) == [f"there already: {wheel.name}", f"uploaded: {renamed.name}"]
    assert upload([renamed]) == [f"there already: {renamed.name}"]


def test_every_version_of_which_the_index_has_a_file_is_taken(index: str, built: Path) -> None:
    assert versions_at(index) == {built.joinpath(file).name.split("-")[1] for file in built.glob("*.whl")}


def test_an_index_that_is_down_is_told_and_never_taken_for_an_empty_one(index: str) -> None:
    with pytest.raises(IndexReadError, match="cannot be read"):
        versions_at(f"{index.rsplit(':', 1)[0]}:9/simple/")


def test_other_bytes_under_a_name_that_is_taken_are_told(
    upload: Callable[[list[Path]], list[str]], built: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    other = tmp_path / wheel.name
    other.write_bytes(wheel.read_bytes() + b"\0")
    with pytest.raises(UploadError, match="other bytes"):
        upload([other])


def test_an_index_that_is_not_there_is_named(built: Path) -> None:
    with pytest.raises(IndexReadError, match="cannot be read"):
        upload_files(sorted(built.iterdir()), repository="http://127.0.0.1:1/", index="http://127.0.0.1:1/simple/")


def test_the_source_distribution_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source))
    (again,) = tmp_path.glob("*.whl")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_the_installed_command_and_library_answer(installed: Path) -> None:
    command = str(installed / "bin" / "aks-egress-catalog")
    assert "rules, facts of" in run(command)
    listed = json.loads(run(command, "list", "--cloud", "AzureCloud", "--format", "json"))
    assert {flat["id"] for flat in listed} == {rule.id for rule in load().rules(cloud="AzureCloud")}
    host = next(flat["destination"] for flat in listed if (flat["kind"], flat["port"]) == ("fqdn", 443))
    host = re.sub(r"\*|\{[^}]*\}", "x", host)
    assert ": required" in run(command, "check", host)
    program = f"import aks_egress_catalog as aec; print(len(aec.load().match({host!r}, 443)))"
    assert run(str(installed / "bin" / "python"), "-c", program) == f"{len(load().match(host, 443))}\n"


def test_every_shipped_schema_and_text_is_read_from_the_installed_package(installed: Path) -> None:
    program = (
        "from pathlib import Path; import aks_egress_catalog, json;"
        "data = Path(aks_egress_catalog.__file__).parent / 'data';"
        "print(sorted(str(f.relative_to(data)) for f in data.rglob('*.json') if json.loads(f.read_text('utf-8'))))"
    )
    assert "schema/catalog-1.schema.json" in run(str(installed / "bin" / "python"), "-c", program)
