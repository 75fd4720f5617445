"""Comments that silence findings: ``aks-egress: ignore CODE[,CODE…] [HOST…] [until YYYY-MM-DD] [reason]``.

Which lines one is for says :mod:`.comment_syntax`; ``ignore-file`` is for the whole file. Destinations behind the codes
(``ignore missing packages.aks.azure.com``) leave all others as they are. JSON has no comments, and takes a baseline.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.findings.finding import Code, Finding
from aks_egress_catalog.linting.ignoring.comment_syntax import CommentLine, comment_lines

MARK: Final = "aks-egress:"
_FORM: Final = f"write it as {MARK} ignore retired until 2027-01-31 why"
_SAID: Final = re.compile(rf"{MARK}[ \t]*(?P<verb>\S*)[ \t]*(?P<words>.*)", re.DOTALL)
_CODES: Final = re.compile(r"[^\s,]+(?:[ \t]*,[ \t]*[^\s,]+)*")
_UNTIL: Final = re.compile(r"\buntil[ \t]+(?P<day>\d{4}-\d\d-\d\d\b|(?<=^until.)\S+)[ \t]*")
_HOST: Final = re.compile(r"[*.a-z0-9{}_-]+\.[a-z0-9{}_-]+(?:/\d+)?|(?:tag|set):\S+|[0-9a-f:]*:[0-9a-f:]+(?:/\d+)?")
_KNOWN: Final = {str(code): code for code in Code}


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One such comment: the codes that it silences, on which lines (none: in the whole file), until when, and why."""

    place: Place
    first: int
    last: int
    codes: tuple[Code, ...]
    hosts: frozenset[str]
    until: dt.date | None
    reason: str

    def silences(self, finding: Finding) -> bool:
        """Say whether a finding of its file is one that the comment is for."""
        if finding.code not in self.codes or (self.hosts and not self.hosts & _named_by(finding)):
            return False
        return not self.last or self.first <= finding.place.line <= self.last


@dataclass(frozen=True, kw_only=True)
class Silenced:
    """A finding that was silenced, by a comment (``in_source``) or a baseline, and why."""

    finding: Finding
    reason: str
    in_source: bool


def _named_by(finding: Finding) -> set[str]:
    """The destinations by which a person may name a finding."""
    named = [finding.value]
    named += [finding.entry.value, finding.entry.pattern] if finding.entry else []
    named += [finding.need.value] if finding.need else []
    return {one.lower() for one in named}


def comments_in(path: str, text: str, form: str = "") -> Iterator[Comment | str]:
    """Yield the comments for ``lint`` in a file of some format; of one that cannot be understood, what is wrong.

    >>> [one.reason for one in comments_in("a.tf", "x # aks-egress: ignore retired until 2027-01-01 old nodes")]
    ['old nodes']
    """
    if MARK not in text:
        return
    for line in comment_lines(text, form):
        said = _SAID.search(line.text)
        if said:
            column = line.start - (text.rfind("\n", 0, line.start) + 1) + 1
            place = Place(path=path, line=line.line, column=column, end_line=line.line)
            yield _comment(place, line, said["verb"], said["words"].strip())


def _comment(place: Place, line: CommentLine, verb: str, words: str) -> Comment | str:
    if verb not in ("ignore", "ignore-file"):
        return f"{place}: {verb or 'nothing'!r} is neither ignore nor ignore-file; {_FORM}"
    codes = _CODES.match(words)
    names = [name.strip().lower() for name in codes[0].split(",")] if codes else [""]
    strange = [name for name in names if name not in _KNOWN]
    if strange:
        return f"{place}: {strange[0] or 'nothing'!r} is no code; {_FORM}"
    left = words[codes.end() :].split() if codes else []
    hosts: list[str] = []
    while left and _HOST.fullmatch(left[0].lower()):
        hosts.append(left.pop(0).lower())
    reason = " ".join(left)
    until = _UNTIL.search(reason)
    try:
        day = dt.date.fromisoformat(until["day"]) if until else None
    except ValueError:
        return f"{place}: {until['day'] if until else ''!r} is no day; {_FORM}"
    if until:
        reason = " ".join((reason[: until.start()] + reason[until.end() :]).split())
    whole = verb == "ignore-file"
    return Comment(
        place=place,
        first=0 if whole else line.first,
        last=0 if whole else line.last,
        codes=tuple(dict.fromkeys(_KNOWN[name] for name in names)),
        hosts=frozenset(hosts),
        until=day,
        reason=reason,
    )


def silencing(
    findings: Sequence[Finding], texts: Mapping[str, str], forms: Mapping[str, str], *, today: dt.date
) -> tuple[list[Comment | None], list[str]]:
    """Return the comment that silences each finding, and what to tell of the others.

    ``texts`` and ``forms`` are the files and their formats by path. Told are comments that have run out, that silence
    nothing, or that nobody understands.
    """
    by_path: dict[str, list[Comment]] = {}
    told: list[str] = []
    for path, text in texts.items():
        for one in comments_in(path, text, forms.get(path, "")):
            if isinstance(one, str):
                told.append(one)
            elif one.until and one.until < today:
                told.append(f"{one.place}: this comment ran out on {one.until}; what it was for counts again")
            else:
                by_path.setdefault(path, []).append(one)
    used: set[tuple[int, Code]] = set()
    hits: list[Comment | None] = []
    for finding in findings:
        own = [one for one in by_path.get(finding.place.path, ()) if one.silences(finding)]
        used |= {(id(one), finding.code) for one in own}
        hits.append(own[0] if own else None)
    for one in (one for comments in by_path.values() for one in comments):
        vain = [str(code) for code in one.codes if (id(one), code) not in used]
        told += [f"{one.place}: this comment silences nothing: no {' or '.join(vain)}{_where(one)}"] if vain else []
    return hits, told


def _where(one: Comment) -> str:
    of = f" of {', '.join(sorted(one.hosts))}" if one.hosts else ""
    if not one.last:
        return f"{of} in the file"
    lines = f"line {one.last}" if one.first == one.last else f"lines {one.first} to {one.last}"
    return f"{of} in {lines}"
