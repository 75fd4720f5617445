"""The line above a table that names the cloud of its rules."""

from __future__ import annotations

import re
from typing import Final

from scraper.findings import Reporter
from scraper.language.headings import read_words
from scraper.page.article import HIDDEN, Line
from scraper.page.marks import WITHDRAWN, words_of
from scraper.reading.context import Context

_LABEL_WORDS: Final = 6
_ALERT_TITLES: Final = frozenset(("note", "important", "tip", "warning", "caution"))
_NO_LABEL: Final = re.compile(r"[.:;。：]\Z|\b(?:TCP|UDP)\b")
_CLOUD_WORD: Final = re.compile(r"\b(?:clouds?|sovereign|operated by|government)\b", re.IGNORECASE)
_NAME: Final = r"([A-Z]\w*(?: [A-Z]\w*){0,3})"
_SOMEWHERE: Final = re.compile(rf"^(?:Only )?(?:[Ii]n|[Ff]or|[Oo]n|[Ww]ithin) (?:the )?{_NAME}(?: only)?[,:]")
_SOMEWHERE_AT_THE_END: Final = re.compile(rf"(?:^|\b(?:in|for|on|within) (?:the )?){_NAME}(?: only)?[:：]\Z")


def label_above(above: list[Line], context: Context, report: Reporter) -> tuple[str, ...]:
    """The line that names a table's cloud, as list lines above the tables of 2019 and 2020 did.

    A short line right above a table is taken for such a name even where no cloud is known by it.
    """
    named = [line for line in above if _names_cloud(line)]
    if len({cloud for line in named for cloud in read_words(line.text).clouds}) > 1:
        texts = ", ".join(repr(line.text) for line in named)
        report.error("two-clouds", f"lines above the table name several clouds: {texts}")
    if named:
        return (_text_of(named[-1]),)
    if above and _is_label(above[-1]):
        return (_text_of(above[-1]),)
    for line in above[-1:]:
        name = _unknown_name(line.text)
        if name:
            report.hold(
                "cloud-in-prose", f"the line above the table may speak of a cloud {name!r}: {words_of(line.text)!r}"
            )
            return (name,)
    spoken = [line.text for line in above if read_words(line.text).clouds or _CLOUD_WORD.search(line.text)]
    if spoken and not context.cloud:
        report.hold("cloud-in-prose", f"a line above the table speaks of a cloud: {words_of(spoken[-1])!r}")
    return ()


def _text_of(line: Line) -> str:
    return WITHDRAWN * (HIDDEN in line.labels) + line.text


def _names_cloud(line: Line) -> bool:
    """Whether a line is a cloud's name and nothing else."""
    words = read_words(line.text)
    return bool(words.clouds) and not words.rest


def _unknown_name(text: str) -> str:
    """Give the name in "In Bleu, use the following." or "For Azure Bleu:", if it is not one that is known."""
    found = _SOMEWHERE.search(text) or _SOMEWHERE_AT_THE_END.search(text)
    return found.group(1) if found and read_words(found.group(1)).rest else ""


def _is_label(line: Line) -> bool:
    if (
        line.text.lower() in _ALERT_TITLES
        or line.kind == "pre"
        or (line.kind == "p" and line.text.endswith((":", "：")))
    ):
        return False
    return len(line.text.split()) <= _LABEL_WORDS and not _NO_LABEL.search(line.text.rstrip(":"))
