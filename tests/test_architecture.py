from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TREES = {
    "aks_egress_catalog": ROOT / "catalog" / "aks_egress_catalog",
    "scraper": ROOT / "scraper",
    "publish": ROOT / "publish",
}
OURS = set(TREES)


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


@pytest.mark.parametrize(
    ("tree", "forbidden"),
    [
        ("aks_egress_catalog", {"scraper", "publish", "pydantic", "httpx", "bs4", "catalog"}),
        ("scraper", {"publish", "catalog", "github3"}),
        ("publish", {"scraper", "catalog", "bs4", "httpx"}),
    ],
)
def test_dependencies_point_one_way(tree: str, forbidden: set[str]) -> None:
    guilty = {str(file): tops(file) & forbidden for file in TREES[tree].rglob("*.py") if tops(file) & forbidden}
    assert guilty == {}


def test_only_the_command_line_and_yaml_files_leave_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"aks_egress_catalog"}
    guilty = {
        file.name: tops(file) - allowed for file in TREES["aks_egress_catalog"].rglob("*.py") if tops(file) - allowed
    }
    assert guilty == {
        "cli.py": {"click"},
        "cli_history.py": {"click"},
        "cli_options.py": {"click"},
        "printer.py": {"rich"},
        "profile.py": {"yaml"},
    }


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("httpx", {"fetch.py", "transport.py"}),
        ("bs4", {"page.py", "article.py"}),
        ("markdown_it", {"markdown.py"}),
        ("click", {"__main__.py"}),
    ],
)
def test_each_library_is_known_to_few_rooms_of_the_scraper(library: str, rooms: set[str]) -> None:
    assert {file.name for file in TREES["scraper"].glob("*.py") if library in tops(file)} == rooms


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("github3", {"github.py"}),
        ("deepdiff", {"diff.py"}),
        ("publicsuffixlist", {"owners.py"}),
        ("cyclonedx", {"assets.py"}),
    ],
)
def test_each_library_is_known_to_one_room_of_the_publisher(library: str, rooms: set[str]) -> None:
    assert {file.name for file in TREES["publish"].rglob("*.py") if library in tops(file)} == rooms


def test_what_decides_never_reaches_out() -> None:
    for name in ("diff", "gate", "owners", "body", "changelog", "alerts", "blocks"):
        assert (
            imports(TREES["publish"] / f"{name}.py") & {"pathlib", "os", "socket", "requests", "publish.github"}
            == set()
        )


def test_the_second_witness_shares_no_cell_reading_with_the_first() -> None:
    shared = {"scraper.findings", "scraper.witness", "scraper.headings"}
    for name in ("markdown.py", "markdown_cells.py"):
        named = {name for name in imports(TREES["scraper"] / name) if name.startswith("scraper")}
        assert named - shared - {"scraper.markdown_cells"} == set()


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


def test_pages_and_cells_are_read_without_a_file_or_a_socket() -> None:
    pure = (
        "page", "article", "cells", "hosts", "ports", "text", "columns", "tables", "prose", "rules", "merge",
        "locales", "dates", "context", "headings", "conditions", "markdown", "markdown_cells", "witness",
    )  # fmt: skip
    for name in pure:
        assert imports(TREES["scraper"] / f"{name}.py") & {"pathlib", "os", "io", "socket", "httpx"} == set()
