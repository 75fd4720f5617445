"""The files around a proposal: the published data and today's reading in, the proposal out and in again.

The stages of a run meet in files. ``plan`` writes ``proposal.json`` and ``changes.json``, and the proposed data files
whole below ``proposal/``; ``pull-request`` and ``release --direct`` read them back, perhaps on another machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from aks_egress_catalog.history.history_file import history_from_json
from aks_egress_catalog.store import from_json, read_texts
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from publish.plan.proposal import DATA_FOLDER, Proposal, TodaysReading
from publish.plan.released import Published
from publish.plan.report import UnreadablePageError, read_report
from publish.plan.sentences import EMPTY, REVIEWED


def read_published(root: Path) -> Published:
    """Read what a checkout publishes.

    Raises:
        CatalogError: a file cannot be read, or is not what it should be.
    """
    file = root / DATA_FOLDER / "catalog.json"
    texts = read_texts(root / DATA_FOLDER / "texts") or {}
    return Published(
        catalog=read_with(partial(from_json, strict=True), file),
        history=read_with(partial(history_from_json, strict=True), file.with_name("history.json")),
        texts=texts,
        reviewed=read_reviewed(root),
    )


def read_reviewed(root: Path) -> str:
    """What the sentences of the article mean, as a checkout has it; an empty table where it has none.

    Raises:
        CatalogError: the file cannot be read.
    """
    file = root / REVIEWED
    return read_with(str, file) if file.exists() else EMPTY


def read_todays_reading(folder: Path) -> TodaysReading:
    """Read what the scraper wrote into a folder.

    Raises:
        UnreadablePageError: a fact of the page could not be read, so there is no catalog.
        CatalogError: a file cannot be read, or is not what it should be.
    """
    file = folder / "catalog.json"
    report = read_report(folder / "report.json")
    if not file.exists():
        raise UnreadablePageError(tuple(map(str, report.of("error"))))
    catalog = read_with(partial(from_json, strict=True), file)
    table = folder / Path(REVIEWED).name
    reviewed = read_with(str, table) if table.exists() else ""
    return TodaysReading(catalog=catalog, report=report, texts=read_texts(folder / "texts") or {}, reviewed=reviewed)


def published_files(root: Path) -> dict[str, str]:
    """The data files of a checkout, as they are published, by path in the repository."""
    files = [root / DATA_FOLDER / "catalog.json", root / DATA_FOLDER / "history.json", root / REVIEWED]
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files if file.exists()}


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write whole files below a folder, by path."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def write_proposal(proposal: Proposal, out: Path) -> None:
    """Write a proposal for the next stage: ``proposal.json``, ``changes.json``, and the files below ``proposal/``."""
    shutil.rmtree(out / "proposal", ignore_errors=True)
    write_files(proposal.files, out / "proposal")
    (out / "changes.json").write_text(to_json(proposal.changes), encoding="utf-8")
    (out / "proposal.json").write_text(to_json(replace(proposal, files={})), encoding="utf-8")


def read_proposal(out: Path) -> Proposal:
    """Read what :func:`write_proposal` wrote.

    Raises:
        CatalogError: a file cannot be read, or is not what it should be.
    """
    proposal = read_with(partial(from_json_as, Proposal), out / "proposal.json")
    folder = out / "proposal"
    files = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    return replace(proposal, files=files)
