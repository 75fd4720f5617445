"""What import-linter cannot say (its contracts stand in pyproject.toml): which library is known to which file."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
TREES: Final = {
    "aks_egress_catalog": ROOT / "catalog" / "aks_egress_catalog",
    "scraper": ROOT / "scraper",
    "publish": ROOT / "publish",
}
MOST_MODULES: Final = 14


def imports(file: Path) -> set[str]:
    """Every module that a file names in an import, at whatever depth of the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def tops(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(file)}


def files_that_import(library: str, tree: str) -> set[str]:
    """The files of a tree that import a library, by their path in it."""
    return {file.relative_to(TREES[tree]).as_posix() for file in TREES[tree].rglob("*.py") if library in tops(file)}


def outside_the_standard_library(tree: str) -> set[str]:
    known = sys.stdlib_module_names | set(TREES)
    return {name for file in TREES[tree].rglob("*.py") for name in tops(file)} - known


def test_the_package_knows_five_libraries_each_in_its_room() -> None:
    extras = {"defusedxml", "tree_sitter", "yaml"}
    assert outside_the_standard_library("aks_egress_catalog") == {"click", "rich"} | extras
    assert {file.partition("/")[0] for file in files_that_import("click", "aks_egress_catalog")} == {"cli"}
    assert files_that_import("rich", "aks_egress_catalog") == {"render/progress.py", "render/tables.py"}
    assert files_that_import("yaml", "aks_egress_catalog") == {
        "cluster/profile_file.py",
        "linting/readers/syntax/yaml_documents.py",
    }
    assert files_that_import("defusedxml", "aks_egress_catalog") == {"linting/readers/appliances/paloalto_xml.py"}
    parsers = files_that_import("tree_sitter", "aks_egress_catalog")
    assert {file.rpartition("/")[0] for file in parsers} == {"linting/readers/syntax"}


@pytest.mark.parametrize(
    ("tree", "library", "files"),
    [
        ("scraper", "httpx", {"fetch/visit.py", "fetch/transport.py"}),
        ("scraper", "bs4", {"page/page.py", "page/article.py"}),
        ("scraper", "markdown_it", {"witnesses/markdown.py"}),
        ("scraper", "click", {"__main__.py"}),
        ("publish", "github3", {"github/client.py"}),
        ("publish", "deepdiff", {"plan/diff.py"}),
        ("publish", "publicsuffixlist", {"plan/domains.py"}),
        ("publish", "cyclonedx", {"release/assets.py"}),
    ],
)
def test_each_library_is_known_to_few_files(tree: str, library: str, files: set[str]) -> None:
    assert files_that_import(library, tree) == files


@pytest.mark.parametrize("tree", ["scraper", "publish"])
def test_a_tree_never_takes_the_work_of_the_other(tree: str) -> None:
    foreign = {"scraper": {"github3"}, "publish": {"bs4", "httpx"}}[tree]
    assert outside_the_standard_library(tree) & (foreign | {"catalog"}) == set()


@pytest.mark.parametrize(
    ("room", "but"),
    [
        ("scraper/page", set()),
        ("scraper/cells", set()),
        ("scraper/language", set()),
        ("scraper/reading", set()),
        ("scraper/witnesses", set()),
        ("publish/plan", {"proposal.py", "proposal_files.py", "released.py", "report.py", "timeline.py"}),
    ],
)
def test_what_decides_never_reaches_out(room: str, but: set[str]) -> None:
    """Readers and judges take values and give values; only the named files read and write some."""
    outward = {"pathlib", "os", "io", "socket", "httpx", "requests", "subprocess"}
    reaching = {file.name: tops(file) & outward for file in (ROOT / room).rglob("*.py") if tops(file) & outward}
    assert reaching.keys() <= but, reaching
    assert all(found <= {"pathlib"} for found in reaching.values()), reaching


def test_the_second_witness_shares_no_cell_reading_with_the_first() -> None:
    shared = {"scraper.findings", "scraper.row_facts", "scraper.language.headings", "scraper.reading.context"}
    shared |= {"scraper.page.page"}  # its types: the headings of which a context is made
    for name in ("markdown.py", "markdown_cells.py"):
        named = {one for one in imports(TREES["scraper"] / "witnesses" / name) if one.startswith("scraper")}
        assert named - shared - {"scraper.witnesses.markdown_cells"} == set()


def test_importing_and_loading_touch_nothing_outside_the_standard_library() -> None:
    program = (
        "import sys; before = set(sys.modules); import aks_egress_catalog; aks_egress_catalog.load();"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names - {'aks_egress_catalog'}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, cwd=ROOT / "catalog"
    )
    assert done.stdout == "[]\n"


def test_no_folder_has_more_modules_than_one_keeps_in_mind() -> None:
    folders = [folder for tree in TREES.values() for folder in (tree, *tree.rglob("*")) if folder.is_dir()]
    modules = {str(folder): [file for file in folder.glob("*.py") if file.name[0] != "_"] for folder in folders}
    assert {folder: len(files) for folder, files in modules.items() if len(files) > MOST_MODULES} == {}


def test_every_room_says_what_comes_in_and_what_goes_out() -> None:
    for tree in TREES.values():
        for file in tree.rglob("__init__.py"):
            assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), f"{file} says nothing"
