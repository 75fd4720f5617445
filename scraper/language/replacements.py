"""Which host the article says takes the place of which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from scraper.language.headings import read_words
from scraper.language.mentions import LONGEST

_SPEAKING: Final = ("eplac", "upersed", "in favo")
_SENTENCES: Final = re.compile(r"(?<=[.!?;])\s+|\n")
_WORD: Final = r"(?<!\S)(\S{1,255})"
_REPLACING: Final = re.compile(
    r"\b(?:(?:will be |is |are )?replacing|replaces?|supersedes?|(?:a |the )?replacement (?:for|of)) (\S+)",
    re.IGNORECASE,
)
_BE: Final = r"(?:has been|have been|is being|are being|will be|is|are|was|were)"
_REPLACED: Final = re.compile(rf"{_WORD} {_BE} (?:replaced|superseded) (?:by|with) (\S+)(.*)", re.IGNORECASE)
_GIVEN_UP: Final = re.compile(
    r"(?:\A(?:replaced|superseded) (?:by|with)|\b(?:phased out|retired|deprecated|dropped) in favou?r of) (\S+)(.*)",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(r"\b(?:not|never|no|nor|neither|cannot)\b|n['\u2019]t\b", re.IGNORECASE)


def replacements(text: str, own: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Find (old host, new host, clouds) where a text names a replacement; ``own`` is the row's own host.

    >>> list(replacements("This endpoint is superseded by b.contoso.com.", "a.contoso.com"))
    [('a.contoso.com', 'b.contoso.com', frozenset())]
    >>> list(replacements("It never replaces b.contoso.com.", "a.contoso.com"))
    []
    """
    for sentence in _telling(text):
        yield from _in_sentence(sentence, own)


@lru_cache(maxsize=2048)
def _telling(text: str) -> tuple[str, ...]:
    """The sentences of a text that may speak of a replacement, and do not deny one."""
    if len(text) > LONGEST or not any(piece in text for piece in _SPEAKING):
        return ()
    return tuple(sentence for sentence in _SENTENCES.split(text) if not _DENIED.search(sentence))


def _in_sentence(sentence: str, own: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    for match in _REPLACING.finditer(sentence):
        yield _bare(match.group(1)), own, frozenset()
    for match in _REPLACED.finditer(sentence):
        subject = _bare(match.group(1))
        yield subject if "." in subject else own, _bare(match.group(2)), _clouds(match.group(3))
    for match in _GIVEN_UP.finditer(sentence):
        yield own, _bare(match.group(1)), _clouds(match.group(2))


def _clouds(text: str) -> frozenset[str]:
    return frozenset(map(str, read_words(text).clouds))


def _bare(word: str) -> str:
    return word.strip("`'\",;()").rstrip(".").lower()
