"""Comments that silence findings: ``aks-egress: ignore CODE[,CODE] [until YYYY-MM-DD] [reason]``.

A comment is for its own line, or, where nothing else stands on its line, for the next one. ``ignore-file`` is for the
whole file. A destination among the words (``ignore missing packages.aks.azure.com``) silences that one alone. Whatever
the language writes comments with will do; JSON has none, and takes a baseline instead.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.findings.finding import Code, Finding

_COMMENT: Final = re.compile(
    r"(?P<mark>\#|//|/\*|;|<!--|--)[^\n]*?\baks-egress:[ \t]*(?P<verb>ignore|ignore-file)[ \t]+(?P<words>[^\n]*?)"
    r"(?:\*/|-->)?[ \t]*$",
    re.MULTILINE,
)
_CODES: Final = re.compile(r"(?P<codes>[a-z-]+(?:[ \t]*,[ \t]*[a-z-]+)*)[ \t]*(?P<rest>.*)")
_UNTIL: Final = re.compile(r"\buntil[ \t]+(?P<day>\S+)[ \t]*")
_HOST: Final = re.compile(r"[*.a-z0-9{}_-]+\.[a-z0-9{}_-]+|tag:\S+")


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One such comment: the codes that it silences, on which line (0: the whole file), until when, and why."""

    place: Place
    line: int
    codes: frozenset[Code]
    hosts: frozenset[str]
    until: dt.date | None
    reason: str

    def silences(self, finding: Finding) -> bool:
        """Say whether a finding is one that the comment is for."""
        if finding.code not in self.codes or finding.place.path != self.place.path:
            return False
        if self.hosts and finding.value.lower() not in self.hosts:
            return False
        return self.line in (0, finding.place.line)


@dataclass(frozen=True, kw_only=True)
class Silenced:
    """A finding that was silenced, by a comment (``in_source``) or a baseline, and why."""

    finding: Finding
    reason: str
    in_source: bool


def comments_in(path: str, text: str) -> Iterator[Comment | str]:
    """Yield the comments of a file; of one that cannot be understood, what is wrong with it.

    >>> [one.reason for one in comments_in("a.tf", "x # aks-egress: ignore retired until 2027-01-01 old nodes")]
    ['old nodes']
    """
    for found in _COMMENT.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        start = text.rfind("\n", 0, found.start()) + 1
        place = Place(path=path, line=line, column=found.start() - start + 1, end_line=line)
        alone = not text[start : found.start()].strip()
        target = 0 if found["verb"] == "ignore-file" else line + 1 if alone else line
        yield _comment(place, target, found["words"].strip())


def _comment(place: Place, line: int, words: str) -> Comment | str:
    said = _CODES.match(words)
    known = {str(code): code for code in Code}
    names = [name.strip() for name in said["codes"].split(",")] if said else []
    strange = [name for name in names if name not in known]
    if not said or strange:
        return f"{place}: {strange[0] if strange else 'nothing'!r} is no code; write it as: aks-egress: ignore retired"
    rest = said["rest"]
    until = _UNTIL.search(rest)
    day: dt.date | None = None
    if until:
        try:
            day = dt.date.fromisoformat(until["day"])
        except ValueError:
            return f"{place}: {until['day']!r} is no day; write it as until 2027-01-31"
        rest = rest[: until.start()] + rest[until.end() :]
    hosts: list[str] = []
    words_left = rest.split()
    while words_left and _HOST.fullmatch(words_left[0].lower()):
        hosts.append(words_left.pop(0).lower())
    return Comment(
        place=place,
        line=line,
        codes=frozenset(known[name] for name in names),
        hosts=frozenset(hosts),
        until=day,
        reason=" ".join(words_left),
    )


def silence(
    findings: Iterable[Finding], texts: Mapping[str, str], *, today: dt.date
) -> tuple[list[Finding], list[Silenced], list[str]]:
    """Part findings into those that count and those that a comment silences; ``texts`` are the files by path.

    The third is what to tell: comments that have run out, that silence nothing, or that nobody understands.
    """
    comments: list[Comment] = []
    told: list[str] = []
    for path, text in texts.items():
        for one in comments_in(path, text) if "aks-egress:" in text else ():
            if isinstance(one, str):
                told.append(one)
            elif one.until and one.until < today:
                told.append(f"{one.place}: this comment has run out on {one.until}; what it was for counts again")
            else:
                comments.append(one)
    left: list[Finding] = []
    silenced: list[Silenced] = []
    used: set[int] = set()
    by_path: dict[str, list[tuple[int, Comment]]] = {}
    for number, comment in enumerate(comments):
        by_path.setdefault(comment.place.path, []).append((number, comment))
    for finding in findings:
        hit = next(
            ((number, one) for number, one in by_path.get(finding.place.path, ()) if one.silences(finding)), None
        )
        if hit is None:
            left.append(finding)
        else:
            used.add(hit[0])
            silenced.append(Silenced(finding=finding, reason=hit[1].reason, in_source=True))
    told += [f"{one.place}: this comment silences nothing" for n, one in enumerate(comments) if n not in used]
    return left, silenced, told
