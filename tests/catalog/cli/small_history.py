"""A history of three rules, written beside a catalog, and what commands answer of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.history.revisions import Changed, History, catalog_at
from aks_egress_catalog.model import Level
from aks_egress_catalog.text.codec import to_json
from tests.catalog.cli.command_line import ask
from tests.factories import event, history, rule


def answer(command: str, *arguments: str | Path) -> Any:
    done = ask(command, *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


A, B = rule("a.example"), rule("b.example", feature="gpu")
C = rule("c.example", cloud="AzureChinaCloud")
EASED = rule("a.example", level=Level.RECOMMENDED)


SMALL = history(
    event(1, "2024-01-01", added=(A, B, C)),
    event(2, "2024-02-01", changed=(Changed(before=A.id, after=EASED),)),
    event(3, "2024-03-01", removed=(B.id,)),
)


def stored(folder: Path, known: History | None = SMALL, *, texts: dict[str, list[str]] | None = None) -> Path:
    """Write a catalog file, with its history and its texts beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    if known:
        (folder / "history.json").write_text(history_json(known), encoding="utf-8")
    if texts:
        (folder / "texts").mkdir()
        (folder / "texts" / "en-us.json").write_text(json.dumps(texts), encoding="utf-8")
    catalog = folder / "catalog.json"
    catalog.write_text(to_json(catalog_at(known or SMALL, dt.date(2099, 1, 1))), encoding="utf-8")
    return catalog


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]
