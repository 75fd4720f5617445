"""Values in a list in brackets, as HCL and Bicep write it: put in, taken out, replaced, all else as it was.

A list is a text from ``[`` to ``]``. A new value gets the style of what stands there: a line of its own with the same
indentation, or a place on the same line; a comma behind it where the others have one; its sorted position where the
list is sorted, and has no comment lines that part it into sections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.linting.mending.words import CannotEditError, Kind, Word, words

WRITABLE: Final = re.compile(r"(?:\*\.?)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\Z")
"""What may be written between quotes: nothing in it means anything to HCL or Bicep."""


@dataclass(frozen=True, slots=True)
class Item:
    """One value: ``text[start:end]``. ``line`` is the offset where its line begins, or -1 where it shares one.

    ``comma`` is the offset of the comma behind it, or -1; ``string`` is its value where it is a plain string.
    """

    start: int
    end: int
    line: int
    comma: int
    string: str | None


@dataclass(frozen=True, slots=True)
class LiteralList:
    """The text of a list, read. ``has_sections``: comments stand on lines of their own."""

    text: str
    quote: str
    items: tuple[Item, ...]
    has_sections: bool

    @property
    def strings(self) -> list[str | None]:
        """The values; ``None`` for what is no plain string."""
        return [item.string for item in self.items]


def read_list(text: str, quote: str) -> LiteralList:
    """Read a list; ``quote`` is ``"`` for HCL and ``'`` for Bicep.

    Raises:
        CannotEditError: it is none in which one could write a value.

    >>> read_list("['a.io', b]", "'").strings
    ['a.io', None]
    """
    found = list(words(text, quote))
    if len(found) < 2 or text[found[0].start] != "[" or text[found[-1].start] != "]":
        raise CannotEditError("it is no list in brackets")
    inner = found[1:-1]
    first = next((word for word in inner if word.kind not in (Kind.COMMENT, Kind.LINE_END)), None)
    if first and text[first.start : first.end] == "for":
        raise CannotEditError("the list is a loop")
    parts = _parts(inner, splits_at_lines=quote == "'")
    items = tuple(_item(text, quote, part, comma) for part, comma in parts)
    has_sections = any(word.kind is Kind.COMMENT and _line_of(text, word.start) >= 0 for word in inner)
    return LiteralList(text, quote, items, has_sections)


def _parts(inner: list[Word], *, splits_at_lines: bool) -> list[tuple[list[Word], int]]:
    """Part the words of a list at its commas, and in Bicep at the ends of its lines; with the comma behind each."""
    parts: list[tuple[list[Word], int]] = []
    now: list[Word] = []
    depth = 0
    for word in inner:
        depth += (word.kind is Kind.OPENING) - (word.kind is Kind.CLOSING)
        if depth == 0 and word.kind is Kind.COMMA:
            if now:
                parts.append((now, word.start))
            elif parts and parts[-1][1] < 0:  # a comma on the line below
                parts[-1] = (parts[-1][0], word.start)
            else:
                raise CannotEditError("there is a comma without a value in the list")
            now = []
        elif depth == 0 and word.kind is Kind.LINE_END and splits_at_lines and now:
            parts.append((now, -1))
            now = []
        elif word.kind is not Kind.COMMENT and (word.kind is not Kind.LINE_END or depth):
            now.append(word)
    return [*parts, (now, -1)] if now else parts


def _item(text: str, quote: str, part: list[Word], comma: int) -> Item:
    start, end = part[0].start, part[-1].end
    is_string = len(part) == 1 and part[0].is_plain
    string = text[start + len(quote) : end - len(quote)] if is_string else None
    return Item(start, end, _line_of(text, start), comma, string)


def _line_of(text: str, start: int) -> int:
    """Return where the line of an offset begins, if nothing but white space stands before it; else -1."""
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return begin if begin and not text[begin:start].strip() else -1


def _rest_of_line(text: str, start: int, quote: str) -> tuple[int, bool]:
    """Return where the line ends that an offset is on, and whether nothing but a comma and comments stands before."""
    for word in words(text, quote, start):
        if word.kind is Kind.LINE_END:
            return word.start, True
        if word.kind not in (Kind.COMMENT, Kind.COMMA):
            return word.start, False
    return len(text), False


def with_value(known: LiteralList, value: str) -> str:
    r"""Write a value into a list.

    Raises:
        CannotEditError: the list has no value whose style one could take, or the new one would need escapes.

    >>> with_value(read_list('["a.io", "c.io"]', '"'), "b.io")
    '["a.io", "b.io", "c.io"]'
    >>> with_value(read_list('[\n  "b.io" # b\n]', '"'), "a.io")
    '[\n  "b.io", # b\n  "a.io"\n]'
    """
    if not known.items:
        raise CannotEditError("the list is empty")
    written = _quoted(known, value)
    place = _place_of(known, value)
    return _before_first(known, written) if place == 0 else _behind(known, place - 1, written)


def _quoted(known: LiteralList, value: str) -> str:
    if not WRITABLE.match(value):
        raise CannotEditError("this value cannot be written between quotes as it is")
    return f"{known.quote}{value}{known.quote}"


def _place_of(known: LiteralList, value: str) -> int:
    """Return how many values stand before a new one."""
    strings = [one for one in known.strings if one is not None]
    if known.has_sections or len(strings) < max(2, len(known.items)):
        return len(known.items)
    for key in (str, str.lower):
        if sorted(strings, key=key) == strings:
            return sum(key(one) < key(value) for one in strings)
    return len(known.items)


def _before_first(known: LiteralList, written: str) -> str:
    text, first = known.text, known.items[0]
    if first.line < 0:
        return f"{text[: first.start]}{written}{_beside(known)}{text[first.start :]}"
    comma = "," if _has_commas(known) else ""
    line_end = re.search(r"\r?\n\r?|\r", text)
    assert line_end
    gap = line_end[0] + text[first.line : first.start]
    return f"{text[: first.start]}{written}{comma}{gap}{text[first.start :]}"


def _behind(known: LiteralList, place: int, written: str) -> str:
    """Write a value behind another: on a line of its own where that one has one, else beside it."""
    text, item = known.text, known.items[place]
    if item.line < 0:
        return f"{text[: item.end]}{_beside(known)}{written}{text[item.end :]}"
    at, is_alone = _rest_of_line(text, item.end, known.quote)
    line_end = re.search(r"\r?\n\r?|\r", text)
    assert line_end
    gap = line_end[0] + text[item.line : item.start]
    commas = _has_commas(known)
    if not is_alone:  # the bracket, or another value, stands behind it
        if at < len(text) - 1:
            return f"{text[: item.end]}{_beside(known)}{written}{text[item.end :]}"
        comma = "," if commas and item.comma < 0 else ""
        return f"{text[: item.end]}{comma}{text[item.end : at].rstrip()}{gap}{written}{text[at:]}"
    if item.comma > at:  # commas stand in front of the values
        return f"{text[: item.end]}{_beside(known)}{written}{text[item.end :]}"
    head = text[:at] if item.comma >= 0 or not commas else f"{text[: item.end]},{text[item.end : at]}"
    return f"{head}{gap}{written}{',' if item.comma >= 0 else ''}{text[at:]}"


def _beside(known: LiteralList) -> str:
    """What stands between two values on one line."""
    behind = {known.text[item.comma + 1] for item in known.items[:-1] if item.comma >= 0}
    return "," if behind and behind.isdisjoint(" \t\r\n") else ", "


def _has_commas(known: LiteralList) -> bool:
    """Say whether a comma stands between two values: always in HCL, in Bicep where the others have one."""
    return known.quote == '"' or any(item.comma >= 0 for item in known.items)


def without(known: LiteralList, at: int) -> str:
    r"""Take the value at an offset out of a list, with its line where it has one.

    Raises:
        CannotEditError: it is the only one, or a comment would lose what it stands beside.

    >>> without(read_list('["a.io", "b.io"]', '"'), 9)
    '["a.io"]'
    """
    place = _item_at(known, at)
    if len(known.items) == 1:
        raise CannotEditError("it is the only value of its list")
    text, item = known.text, known.items[place]
    before = known.items[place - 1] if place else None
    behind = known.items[place + 1] if place + 1 < len(known.items) else None
    end, is_alone = _rest_of_line(text, item.end, known.quote)
    if item.comma > end:
        raise CannotEditError("its commas stand on lines of their own")
    if item.line >= 0 and is_alone:
        head = text[: item.line]
        if before and not behind and item.comma < 0 <= before.comma:  # the last value has none, nor will the new last
            head = head[: before.comma] + head[before.comma + 1 :]
        return head + re.sub(r"\A(?:\r?\n|\r)", "", text[end:])
    if behind and (item.line >= 0 or not before):
        return _cut(text, item.start, behind.start)
    assert before
    return _cut(text, before.end, item.end)


def _cut(text: str, start: int, end: int) -> str:
    """Leave a span out in which there is one value and its comma, and no comment."""
    gone = text[start:end]
    if "#" in gone or "/*" in gone or "//" in gone:
        raise CannotEditError("a comment stands beside it")
    return text[:start] + text[end:]


def with_other(known: LiteralList, at: int, old: str, new: str) -> str:
    """Put another value in the place of the one at an offset.

    Raises:
        CannotEditError: it is not there as it was read, or the new one would need escapes.

    >>> with_other(read_list('["a.io"]', '"'), 1, "a.io", "b.io")
    '["b.io"]'
    """
    item = known.items[_item_at(known, at)]
    if item.string != old:
        raise CannotEditError("the value is put together from parts")
    return known.text[: item.start] + _quoted(known, new) + known.text[item.end :]


def _item_at(known: LiteralList, at: int) -> int:
    found = [n for n, item in enumerate(known.items) if item.start <= at < item.end]
    if len(found) != 1:
        raise CannotEditError("the value does not stand in this list")
    return found[0]
