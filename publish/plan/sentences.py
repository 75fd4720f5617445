"""New sentences of the article: what the pull request proposes that they mean, as lines of ``scraper/reviewed.json``.

In: the table of a checkout, and the report with each sentence that nobody has reviewed where it stands. Out: the table
with a line for each, and the sentences for a person to read. The rules are three:

1. A new sentence is proposed as one that means nothing beside the rules where it stands: to merge that is to have
   reviewed it. Whoever reads it otherwise edits its line first.
2. Where a sentence that meant something went from that place, it is left undecided: it may say the same in other words.
3. So is a sentence that means something elsewhere: it may mean it here too.

An undecided place is held, by the reader and by the gate, until somebody moves it to ``beside`` (it means what the
entry says) or to ``ignored`` (it means nothing here).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from aks_egress_catalog.errors import CatalogError
from publish.plan.report import ReportedFinding

REVIEWED: Final = "scraper/reviewed.json"
"""The table, from the root of the repository."""
EMPTY: Final = "[]\n"
UNREVIEWED: Final = "unreviewed-sentence"
_MEANING: Final = ("conditions", "constraints", "level", "replaced_by", "days")
Entries = dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class NewSentence:
    """A sentence to review: where it stands, beside what, and what the nearest one meant that went from there."""

    sentence: str
    digest: str
    at: str
    rules: tuple[str, ...]
    nearest: str = ""
    undecided: bool = False


def propose_sentences(
    table: str, findings: Iterable[ReportedFinding], *, since: str
) -> tuple[str, tuple[NewSentence, ...]]:
    """Write the table with a line for each sentence that nobody has reviewed; ``since`` is the day of the page.

    Raises:
        CatalogError: the table cannot be read.
    """
    entries = _entries(table)
    before = json.dumps(entries)
    found = tuple(
        _propose(entries, finding, since=since) for finding in findings if finding.code == UNREVIEWED and finding.digest
    )
    return (table if json.dumps(entries) == before else _written(entries)), found


def _propose(entries: Entries, finding: ReportedFinding, *, since: str) -> NewSentence:
    known = entries.get(finding.digest)
    gone = entries.get(finding.nearest, {})
    undecided = bool(gone) or (known is not None and _means_something(known))
    entry = entries.setdefault(finding.digest, {"digest": finding.digest, "since": since})
    new = [place for place in finding.rules if place not in _places(entry)]
    if new:
        name = "undecided" if undecided else "beside"
        entry[name] = sorted({*entry.get(name, ()), *new})
    return NewSentence(
        sentence=finding.sentence,
        digest=finding.digest,
        at=finding.at,
        rules=finding.rules,
        nearest=str(gone.get("gist") or (known or {}).get("gist", "")),
        undecided=any(place in entry.get("undecided", ()) for place in finding.rules),
    )


def with_decided(table: str, branch: str) -> str:
    """The table, with the entries that a person decided on the branch of the pull request.

    What we propose ourselves is no decision: it means nothing, or is undecided. An entry that the table knows is taken
    from the branch only where it names all its places and more: the branch may be older than the table.

    Raises:
        CatalogError: one of the two cannot be read.
    """
    entries = _entries(table)
    decided = {
        digest: entry
        for digest, entry in _entries(branch).items()
        if (_means_something(entry) or entry.get("ignored"))
        and entry != entries.get(digest)
        and _places(entries.get(digest, {})) <= _places(entry)
    }
    return _written(entries | decided) if decided else table


def follows(table: str, branch: str) -> bool:
    """Whether a table has every entry of a branch, however that is written.

    Raises:
        CatalogError: one of the two cannot be read.
    """
    entries = _entries(table)
    return all(entries.get(digest) == entry for digest, entry in _entries(branch).items())


def _places(entry: dict[str, Any]) -> set[str]:
    return {place for name in ("beside", "ignored", "undecided") for place in entry.get(name, ())}


def _means_something(entry: dict[str, Any]) -> bool:
    return any(entry.get(name) for name in _MEANING)


def _entries(table: str) -> Entries:
    try:
        return {entry["digest"]: entry for entry in json.loads(table)}
    except (ValueError, TypeError, KeyError) as error:
        raise CatalogError(f"not a table of sentences: {error!r} (in {REVIEWED})") from error


def _written(entries: Entries) -> str:
    """One sorted line an entry, so that a pull request shows each that came."""
    first = ("digest", "since", "beside", "ignored", "undecided")
    ordered = ({key: entry[key] for key in (*first, *entry) if key in entry} for _, entry in sorted(entries.items()))
    lines = [json.dumps(entry, ensure_ascii=False) for entry in ordered]
    return "[\n" + ",\n".join(lines) + "\n]\n"
