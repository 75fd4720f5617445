"""The figures of the code itself, ``make figures``: how long functions and files are, how full folders are.

A function is counted from its ``def`` to its last line, docstring and comments included; functions within functions
count on their own too. A comment line has a comment, alone or behind code, that is more than a word to a linter.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
TREES: Final = {
    "catalog": ROOT / "catalog" / "aks_egress_catalog",
    "scraper": ROOT / "scraper",
    "publish": ROOT / "publish",
}
MOST_NOQAS: Final = 40
MOST_LATE_IMPORTS: Final = 25
MOST_MODULES: Final = 14
_NOQA: Final = re.compile(r"#\s*noqa\b", re.IGNORECASE)
_TO_A_LINTER: Final = re.compile(r"#\s*(noqa|type:|fmt:|pragma:)[^#]*\Z", re.IGNORECASE)
_FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function, and how many lines it has."""

    name: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file, measured."""

    path: Path
    lines: int
    code: int
    comments: int
    noqas: int
    late_imports: int
    functions: tuple[Function, ...]


def measure(path: Path) -> Module:
    """Measure one file."""
    text = path.read_text(encoding="utf-8")
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    tree = ast.parse(text)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    alone = {token.start[0] for token in comments if not token.line[: token.start[1]].strip()}
    filled = {number for number, line in enumerate(text.splitlines(), start=1) if line.strip()}
    return Module(
        path=path,
        lines=len(text.splitlines()),
        code=len(filled - alone - _docstring_lines(tree)),
        comments=sum(not _TO_A_LINTER.match(token.string) for token in comments),
        noqas=sum(bool(_NOQA.match(token.string)) for token in comments),
        late_imports=len(set(_late_imports(tree))),
        functions=tuple(_functions(path, tree)),
    )


def _functions(path: Path, tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTION):
            assert node.end_lineno is not None
            yield Function(name=f"{path.stem}.{node.name}", lines=node.end_lineno - node.lineno + 1)


def _late_imports(tree: ast.Module) -> Iterator[int]:
    """The lines of the imports that run when a function is called."""
    for function in ast.walk(tree):
        if isinstance(function, _FUNCTION):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def _docstring_lines(tree: ast.Module) -> set[int]:
    """The lines of all texts that stand alone: docstrings of modules, classes, functions, and of values."""
    texts = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )
    return {number for text in texts for number in range(text.lineno, (text.end_lineno or text.lineno) + 1)}


def room_of(tree: Path, module: Module) -> str:
    """The room that a file is in: its folder right below the tree, or none."""
    first, *rest = module.path.relative_to(tree).parts
    return first if rest else "."


def print_tree(name: str, tree: Path, modules: list[Module]) -> None:
    """Print what one tree's functions, files and folders are like."""
    functions = [function for module in modules for function in module.functions]
    longest = max(functions, key=lambda function: function.lines)
    largest = max(modules, key=lambda module: module.lines)
    folders = Counter(module.path.parent for module in modules if module.path.stem not in ("__init__", "__main__"))
    fullest, most = folders.most_common(1)[0]
    print(f"\n{name}")
    print(
        f"  {len(functions)} functions, median {statistics.median(one.lines for one in functions):.0f} lines,", end=" "
    )
    print(f"longest {longest.lines} ({longest.name}); over 40: {sum(one.lines > 40 for one in functions)}")
    print(f"  {len(modules)} files, median {statistics.median(one.lines for one in modules):.0f} lines,", end=" ")
    print(f"longest {largest.lines} ({largest.path.name}); over 250: {sum(one.lines > 250 for one in modules)}")
    shown = fullest.relative_to(tree.parent).as_posix()
    print(f"  {len(folders)} folders, most modules {most} ({shown})   limit: {MOST_MODULES}")
    print("  comment lines in 100 lines of code:", end=" ")
    print(", ".join(f"{room} {share:.1f}" for room, share in comment_shares(tree, modules).items()))


def comment_shares(tree: Path, modules: list[Module]) -> dict[str, float]:
    """Comment lines in 100 lines of code, of each room and of the whole tree."""
    rooms: dict[str, list[Module]] = {}
    for module in modules:
        rooms.setdefault(room_of(tree, module), []).append(module)
    return {
        room: 100 * sum(one.comments for one in found) / max(sum(one.code for one in found), 1)
        for room, found in sorted({**rooms, "all": modules}.items())
    }


def main() -> None:
    """Print the figures of the three trees."""
    measured = {name: [measure(path) for path in sorted(tree.rglob("*.py"))] for name, tree in TREES.items()}
    for name, tree in TREES.items():
        print_tree(name, tree, measured[name])
    for title, field, limit in (
        ("noqas", "noqas", MOST_NOQAS),
        ("imports within functions", "late_imports", MOST_LATE_IMPORTS),
    ):
        counts = {name: sum(getattr(one, field) for one in modules) for name, modules in measured.items()}
        parts = ", ".join(f"{name} {count}" for name, count in counts.items())
        print(f"\n{title}: {sum(counts.values())} ({parts})   limit: {limit}")


if __name__ == "__main__":
    main()
