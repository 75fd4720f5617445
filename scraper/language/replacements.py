"""Replacements of one host by another that the article announces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from scraper.language.headings import read_words
from scraper.language.mentions import LONGEST

_SPEAKING: Final = ("eplac", "upersed", "in favo")
_SENTENCES: Final = re.compile(r"(?<=[.!?;])\s+")
_WORD: Final = r"(?<!\S)(\S{1,255})"
_REPLACING: Final = re.compile(r"\b(?:(?:will be )?replacing|replaces?|replacement for) (\S+)", re.IGNORECASE)
_REPLACED: Final = re.compile(rf"{_WORD} has been replaced by (\S+)(.*)", re.IGNORECASE)
_UNREAD: Final = re.compile(r"\b(?:replaced by|superseded|supersedes?|in favou?r of)\b", re.IGNORECASE)
"""A replacement in words that no page ever had."""
_DENIED: Final = re.compile(r"\b(?:not|never|no|nor|neither|cannot)\b|n['\u2019]t\b", re.IGNORECASE)


def replacements(text: str, own: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Find (old host, new host, clouds) where a text names a replacement; ``own`` is the row's own host.

    >>> list(replacements("This endpoint has been replaced by b.contoso.com.", "a.contoso.com"))
    [('a.contoso.com', 'b.contoso.com', frozenset())]
    >>> list(replacements("It never replaces b.contoso.com.", "a.contoso.com"))
    []
    """
    for sentence in _sentences(text):
        yield from _in_sentence(sentence, own)


def unread_replacements(text: str) -> Iterator[str]:
    """Find the sentences that speak of a replacement in words that are not read.

    >>> list(unread_replacements("This endpoint is superseded by b.contoso.com."))
    ['This endpoint is superseded by b.contoso.com.']
    """
    for sentence in _sentences(text):
        if _UNREAD.search(sentence) and not any(_in_sentence(sentence, "")):
            yield sentence


@lru_cache(maxsize=2048)
def _sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text that speaks of a replacement, but for those that deny one."""
    if len(text) > LONGEST or not any(piece in text for piece in _SPEAKING):
        return ()
    return tuple(sentence for sentence in _SENTENCES.split(text) if not _DENIED.search(sentence))


def _in_sentence(sentence: str, own: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    for match in _REPLACING.finditer(sentence):
        yield _bare(match.group(1)), own, frozenset()
    for match in _REPLACED.finditer(sentence):
        subject = _bare(match.group(1))
        yield subject if "." in subject else own, _bare(match.group(2)), _clouds(match.group(3))


def _clouds(text: str) -> frozenset[str]:
    return frozenset(map(str, read_words(text).clouds))


def _bare(word: str) -> str:
    return word.strip("`'\",;()").rstrip(".").lower()
