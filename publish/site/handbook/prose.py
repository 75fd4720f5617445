"""A document as the values of its page: Markdown in, markup out that holds nothing but what Markdown can say.

HTML in a document stays text, images are none, and links lead only where :mod:`.links` lets them. Headings have the
anchors that GitHub gives them, so that a link works in both places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from publish.site.handbook.console import PROMPT, steps
from publish.site.handbook.links import Links
from publish.site.handbook.sections import Section, sections_of
from publish.site.templating import prose

_NO_ANCHOR: Final = re.compile(r"[^\w\- ]")
_TITLE: Final = re.compile(r'\btitle="?([\w./-]+)"?')
_DIRECTIVE: Final = re.compile(r"\s*# doctest:.*")
_PYTHON_PROMPT: Final = re.compile(r"(?:>>>|\.\.\.)(?: |\Z)")
_LONGEST_DESCRIPTION: Final = 200
_SHORT: Final = 24
"""What has no more characters than this fits into a line, and a table of such cells on a phone."""
_INNER: Final = 2
"""Headings of this rank are listed in the contents of a page."""


@dataclass(frozen=True, kw_only=True)
class Prose:
    """A page: title, first paragraph as markup and as text, and the rest, parted before its first section.

    ``contents`` are the sections that a page lists, each with its anchor and its title, in their order; ``sections``
    are all that a search finds.
    """

    title: str
    lede: Markup
    description: str
    intro: Markup
    body: Markup
    contents: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def read_prose(text: str, links: Links) -> Prose:
    """Read a document: a title, a paragraph that says what it is for, and the rest."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table").disable("image")
    tokens = parser.parse(_visible(text))
    _set_anchors(tokens)
    _set_links(tokens, links)
    title, rest = _title(tokens)
    lede, rest = _first_paragraph(rest)
    intro = list(takewhile(lambda token: token.type != "heading_open", rest))
    return Prose(
        title=title,
        lede=_markup(parser, lede),
        description=_shortened(_plain(lede)),
        intro=_markup(parser, intro),
        body=_markup(parser, rest[len(intro) :]),
        contents=tuple(_contents(rest)),
        sections=sections_of(tokens),
    )


def anchors(tokens: Sequence[Token]) -> list[str]:
    r"""Give the anchors of the headings, in their order, as GitHub has them: twins are counted.

    >>> anchors(MarkdownIt().parse("# What `a` is\n## The 14-day hold\n## The 14-day hold"))
    ['what-a-is', 'the-14-day-hold', 'the-14-day-hold-1']
    """
    seen: Counter[str] = Counter()
    found: list[str] = []
    for inline in _headings(tokens):
        name = _NO_ANCHOR.sub("", _plain([inline]).lower()).replace(" ", "-")
        found.append(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def _headings(tokens: Sequence[Token]) -> Iterator[Token]:
    return (after for token, after in pairwise(tokens) if token.type == "heading_open")


def _set_anchors(tokens: Sequence[Token]) -> None:
    opening = (token for token in tokens if token.type == "heading_open")
    for token, anchor, inline in zip(opening, anchors(tokens), _headings(tokens), strict=True):
        token.attrSet("id", anchor)
        token.meta["title"] = _plain([inline])


def _set_links(tokens: Sequence[Token], links: Links) -> None:
    """Point every link where it leads on the site; one that must not be is a span."""
    for inline in tokens:
        refused: list[bool] = []
        for token in inline.children or ():
            if token.type == "link_open":
                target = links.target(str(token.attrGet("href")))
                token.attrs = {"href": target} if target else {}
                refused.append(not target)
                token.tag = "a" if target else "span"
            elif token.type == "link_close":
                token.tag = "span" if refused.pop() else "a"


def _title(tokens: list[Token]) -> tuple[str, list[Token]]:
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return token.meta["title"], [*tokens[:place], *tokens[place + 3 :]]
    return "", tokens


def _first_paragraph(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Part the first paragraph from the rest, where the document begins with one."""
    begins = bool(tokens) and tokens[0].type == "paragraph_open"
    return (tokens[1:2], tokens[3:]) if begins else ([], tokens)


def _contents(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for token in tokens:
        if token.type == "heading_open" and token.tag == f"h{_INNER}":
            yield str(token.attrGet("id")), token.meta["title"]


def _plain(tokens: Sequence[Token]) -> str:
    """The text of inline tokens, without marks."""
    children = [child for token in tokens for child in token.children or ()]
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in children)


def _shortened(text: str) -> str:
    """Cut a description for search engines at the end of a word."""
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return f"{text[:_LONGEST_DESCRIPTION].rpartition(' ')[0].rstrip(',;:')} …"


def _visible(text: str) -> str:
    """Show what nobody would see; line ends and tabs stay."""
    return re.sub(r"[^\n\t]+", lambda found: prose(found[0]), text.replace("\r\n", "\n"))


def _markup(parser: MarkdownIt, tokens: Sequence[Token]) -> Markup:
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704  - html is off, all else is escaped


class _Renderer(RendererHTML):
    """How tokens look; whatever is text goes through ``escapeHtml``."""

    def heading_close(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        opening = tokens[place - 2]
        anchor, title = escapeHtml(str(opening.attrGet("id"))), escapeHtml(opening.meta["title"])
        sign = f'<a class="anchor" href="#{anchor}" aria-label="Link to “{title}”">#</a>'
        return f" {sign}</{tokens[place].tag}>\n"

    def fence(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """Write a block of code; a console has its commands marked, a file its name above it."""
        token = tokens[place]
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        named = _TITLE.search(token.info)
        caption = f"<figcaption>{escapeHtml(named[1])}</figcaption>" if named else ""
        write = {"console": _console, "pycon": _python_console}.get(language, escapeHtml)
        code = write(token.content)
        return f'<figure class="code">{caption}<pre tabindex="0"><code>{code}</code></pre></figure>\n'

    def code_block(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """Write a block that is indented: one whose lines have prompts is a console."""
        text = tokens[place].content
        code = _console(text) if text.startswith(PROMPT) else escapeHtml(text)
        return f'<figure class="code"><pre tabindex="0"><code>{code}</code></pre></figure>\n'

    def code_inline(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """Write code within a line; a short word, such as ``--set``, is never parted at its hyphens."""
        text = tokens[place].content
        kind = ' class="word"' if len(text) <= _SHORT and " " not in text else ""
        return f"<code{kind}>{escapeHtml(text)}</code>"

    def table_open(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """Open a table: one of short cells stays one on a phone, every other becomes a list there."""
        cells = [token for token in _until(tokens, place, "table_close") if token.type == "inline"]
        kind = "short" if all(len(_plain([cell])) <= _SHORT for cell in cells) else "long"
        return f'<div class="scroll" tabindex="0"><table class="{kind}">\n'

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"

    def th_open(self, *_: Any) -> str:
        return '<th scope="col">'

    def td_open(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """Open a cell, which says of which column it is, for where columns have no room."""
        return f'<td data-label="{escapeHtml(_column(tokens, place))}">'


def _until(tokens: Sequence[Token], place: int, last: str) -> Iterator[Token]:
    return takewhile(lambda token: token.type != last, tokens[place:])


def _column(tokens: Sequence[Token], place: int) -> str:
    """The heading of the column that a cell stands in."""
    row = max(at for at in range(place) if tokens[at].type == "tr_open")
    table = max(at for at in range(place) if tokens[at].type == "table_open")
    heads = [_plain([after]) for one, after in pairwise(tokens[table:row]) if one.type == "th_open"]
    return heads[sum(token.type == "td_open" for token in tokens[row:place])]


def _console(text: str) -> str:
    """Mark the commands of a console, so that they can be told from what they print, and copied alone."""
    found = []
    for step in steps(text):
        found.append(_typed(PROMPT, step.command))
        found += [f"{escapeHtml(line)}\n" for line in step.shown]
    return "".join(found)


def _python_console(text: str) -> str:
    """Mark what is typed into Python; what only tells the test how to compare is left out."""
    lines = [_DIRECTIVE.sub("", line) for line in text.rstrip("\n").split("\n")]
    typed = (_PYTHON_PROMPT.match(line) for line in lines)
    return "".join(
        _typed(found[0], line[found.end() :]) if found else f"{escapeHtml(line)}\n"
        for found, line in zip(typed, lines, strict=True)
    )


def _typed(prompt: str, command: str) -> str:
    sign = f'<span class="prompt" aria-hidden="true">{escapeHtml(prompt)}</span>'
    return f'{sign}<span class="command">{escapeHtml(command)}</span>\n'
