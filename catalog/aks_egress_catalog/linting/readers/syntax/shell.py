r"""A script of a shell in, its commands out as words with places: bash, and what is close enough to it.

A word is made of pieces: characters, and variables that the script may say the value of. What only a shell can tell,
``$(…)`` and the like, is a variable without a name. A line goes on behind a backslash, a backtick (PowerShell) or a
caret (cmd).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_SPACE: Final = re.compile(r"(?:[^\S\n]|\\\r?\n|`\r?\n|\^\r?\n)+")
_END: Final = re.compile(r"\n|&&|\|\||[;|&()]")
_COMMENT: Final = re.compile(r"#[^\n]*")
_NAME: Final = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?:\[[@*]\])?\}|([A-Za-z_]\w*))")
_DEFAULT: Final = re.compile(r"\$\{([A-Za-z_]\w*):?[-=]([^{}$`]*)\}")
_OTHER_VARIABLE: Final = re.compile(r"\$(?:\{[^}\n]*\}|[0-9@*#?$!-])")
_PLAIN: Final = re.compile(r"""[^\s'"\\$`;|&()#]+""")
_IN_QUOTES: Final = re.compile(r"""[^"\\$`]+""")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_HEREDOC: Final = re.compile(r"<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable within a word; ``name`` is empty for what only a shell can tell. ``default``: of ``${x:-default}``."""

    name: str
    default: str | None = None


@dataclass(slots=True)
class Word:
    """One word of a command, from ``start`` up to ``end`` in the script. ``quotes``: it is one quoted piece."""

    start: int
    end: int = 0
    pieces: list[str | Variable] = field(default_factory=list)
    is_quoted: bool = False

    @property
    def plain(self) -> str | None:
        """The word without any variable in it; None, where there is one."""
        return None if any(isinstance(one, Variable) for one in self.pieces) else "".join(map(str, self.pieces))


def commands(text: str) -> Iterator[list[Word]]:
    """Yield the commands of a script, each as its words. ``NAME=(a b)`` is one command of ``NAME=`` and its values."""
    scanner = _Scanner(text)
    while scanner.offset < len(text):
        words = scanner.command()
        if words:
            yield words


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self._heredocs: list[str] = []

    def command(self) -> list[Word]:
        """Return the words up to the end of a command, and step over it."""
        words: list[Word] = []
        in_array = False
        while self.offset < len(self.text):
            self._skip(in_array=in_array)
            end = _END.match(self.text, self.offset)
            if end and end[0] == "(" and words and _is_array(words[-1]) and words[-1].end == self.offset:
                in_array = True
                self.offset = end.end()
            elif end and in_array and end[0] == ")":
                self.offset = end.end()
                return words
            elif end and not (in_array and end[0] == "\n"):
                self._step_over(end)
                return words
            elif self.offset < len(self.text):
                words.append(self._word())
        return words

    def _skip(self, *, in_array: bool) -> None:
        while True:
            for pattern in (_SPACE, _COMMENT):
                found = pattern.match(self.text, self.offset)
                if found:
                    self.offset = found.end()
                    break
            else:
                if not (in_array and self.text.startswith("\n", self.offset)):
                    return
                self.offset += 1

    def _step_over(self, end: re.Match[str]) -> None:
        self.offset = end.end()
        if end[0] == "\n":
            for mark in self._heredocs:
                found = re.compile(rf"^[ \t]*{mark}[ \t\r]*$", re.MULTILINE).search(self.text, self.offset)
                self.offset = found.end() if found else len(self.text)
            self._heredocs.clear()

    def _word(self) -> Word:
        start = self.offset
        word = Word(start)
        heredoc = _HEREDOC.match(self.text, start)
        if heredoc:
            self._heredocs.append(heredoc[2])
            self.offset = heredoc.end()
        while self.offset < len(self.text) and not self.text[self.offset].isspace():
            if _END.match(self.text, self.offset) or _SPACE.match(self.text, self.offset):
                break
            self._piece(word)
        if self.offset == start:  # whatever it is, it is left behind
            word.pieces.append(self.text[start])
            self.offset += 1
        word.end = self.offset
        word.is_quoted = self.text[start] in "'\"" and self._is_one_piece(start, self.offset)
        return word

    def _is_one_piece(self, start: int, end: int) -> bool:
        quote = self.text[start]
        return end - start > 1 and self.text[end - 1] == quote and quote not in self.text[start + 1 : end - 1]

    def _piece(self, word: Word) -> None:
        letter = self.text[self.offset]
        if letter == "'":
            end = self.text.find("'", self.offset + 1)
            end = len(self.text) if end < 0 else end
            word.pieces.append(self.text[self.offset + 1 : end])
            self.offset = min(end + 1, len(self.text))
        elif letter == '"':
            self._double_quoted(word)
        else:
            self._unquoted(word, _PLAIN)

    def _double_quoted(self, word: Word) -> None:
        self.offset += 1
        while self.offset < len(self.text) and self.text[self.offset] != '"':
            self._unquoted(word, _IN_QUOTES)
        self.offset = min(self.offset + 1, len(self.text))

    def _unquoted(self, word: Word, plain: re.Pattern[str]) -> None:
        letter = self.text[self.offset]
        found = plain.match(self.text, self.offset)
        if found:
            word.pieces.append(found[0])
            self.offset = found.end()
        elif letter == "\\":
            following = self.text[self.offset + 1 : self.offset + 2]
            word.pieces += [] if following == "\n" else [following]
            self.offset = min(self.offset + 2, len(self.text))
        elif letter in "$`":
            self._variable(word)
        else:
            word.pieces.append(letter)
            self.offset += 1

    def _variable(self, word: Word) -> None:
        default = _DEFAULT.match(self.text, self.offset)
        named = _NAME.match(self.text, self.offset)
        other = _OTHER_VARIABLE.match(self.text, self.offset)
        if default:
            word.pieces.append(Variable(default[1], default[2]))
            self.offset = default.end()
        elif named:
            word.pieces.append(Variable(named[1] or named[2]))
            self.offset = named.end()
        elif other:
            word.pieces.append(Variable(""))
            self.offset = other.end()
        elif self.text.startswith("$(", self.offset) or self.text[self.offset] == "`":
            word.pieces.append(Variable(""))
            self.offset = self._end_of_command_in_word()
        else:
            word.pieces.append(self.text[self.offset])
            self.offset += 1

    def _end_of_command_in_word(self) -> int:
        if self.text[self.offset] == "`":
            end = self.text.find("`", self.offset + 1)
            return len(self.text) if end < 0 else end + 1
        depth = 0
        quote = ""
        for n in range(self.offset + 1, len(self.text)):
            letter = self.text[n]
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            else:
                depth += (letter == "(") - (letter == ")")
                if depth == 0:
                    return n + 1
        return len(self.text)


def _is_array(word: Word) -> bool:
    return word.plain is not None and re.fullmatch(r"[A-Za-z_]\w*\+?=", word.plain) is not None


def assignment(words: list[Word]) -> tuple[str, bool, list[Word]] | None:
    """Return the name, whether it is added to, and the values of ``NAME=value`` and ``NAME=(a b)``; else None."""
    start = 1 if words and words[0].plain in ("export", "local", "readonly", "declare", "set") else 0
    if len(words) <= start or not words[start].pieces or not isinstance(words[start].pieces[0], str):
        return None
    word = words[start]
    found = _ASSIGNMENT.match(str(word.pieces[0]))
    if found is None:
        return None
    rest = str(word.pieces[0])[found.end() :]
    first = Word(word.start + found.end(), word.end, [*([rest] if rest else []), *word.pieces[1:]])
    values = [first] if first.pieces else words[start + 1 :]
    return found[1], bool(found[2]), values
