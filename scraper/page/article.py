"""The article inside a page: one walk over its elements sorts headings, tables and lines into sections.

In: the blocks of the article as BeautifulSoup tags. Out: ``Section``s, each a heading with the ``Line``s and ``Table``s
under it, up to the next heading. The walk keeps the order of the page, because a line above a table may name its cloud.

    <h2>Azure Policy</h2>               Section(Heading(2, "Azure Policy"), blocks=(
    <p>Open <b>these</b>:</p>             Line("p", "Open these:"),
    <div><table>…</table></div>           Table(1, …),
    <h3>Azure China</h3>                Section(Heading(3, "Azure China"), trail=(the h2,), blocks=(…

How the walk treats an element:

| element                                | what becomes of it                                                          |
| -------------------------------------- | --------------------------------------------------------------------------- |
| text and inline tags, side by side     | one ``Line``, ended by the next block (``walk``)                            |
| an unknown tag, such as ``<location>`` | inline text ``<location>``: the page has placeholders that HTML took for    |
|                                        | tags; around a block it is a container                                      |
| ``h1`` to ``h6``                       | begins a section; its ``trail`` is the headings of lower level before it    |
| ``table``                              | a ``Table``; its labels are the tab, fold or caption that it stands in      |
| a tab, a fold, a hidden container      | walked into; its title is put on the labels of all that stands in it        |
| a picture, frame, button, navigation   | a ``Line`` that is a mark alone; a table inside is reported as lost         |
| any other block                        | walked into                                                                 |

Nothing is looked up by a path or a class of the page, so it does not matter how Learn wraps its tables. What is hidden
or struck out is kept and marked (``marks.py``): whether it still holds is for a person to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bs4.element import NavigableString, Tag

from scraper.page.marks import CODE_EDGE, LOST_TABLE, UNREADABLE, WITHDRAWN

OUTSIDE: Final = "outside the article"
"""The label of a table or a text that stands in no part of the article: mostly the page's own furniture."""
_UNSEEN_STYLES: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|(?:content-)?visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?(?:\.0+)?%?"
    r"|text-decoration(?:-line)?\s*:[^;]*\bline-through\b[^;]*)\s*(?:!\s*important\s*)?(?:;|\Z)",
    re.IGNORECASE,
)
"""Styles by which words are not seen, or struck out."""
_UNSEEN: Final = frozenset(("visually-hidden", "sr-only", "display-none", "is-hidden"))
HIDDEN: Final = "hidden"
"""The label of what a page holds without showing it: nothing there is a fact before a person looked."""
_TOUCHING: Final = re.compile(f"{CODE_EDGE}{{2,}}|(?<=\\w){CODE_EDGE}(?=\\d+{CODE_EDGE})")
"""Where one code mark ends and the next begins, or a footnote's number: `a``b` are two words, not one."""
_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+")
_BLANKS: Final = re.compile("[\t\r\n\f]| [ \t\r\n\f]+")
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_INLINE: Final = frozenset(
    (
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd",
        "label", "local-time", "mark", "q", "ruby", "samp", "small", "span", "strong", "sub", "sup", "time", "tt",
        "u", "var", "wbr",
    )
)  # fmt: skip
_VARIABLE: Final = frozenset(("var", "em", "i"))
_EDGED: Final = frozenset(("code", "sup", "sub"))
_STRUCK: Final = frozenset(("del", "s", "strike"))
_PICTURES: Final = frozenset(("img", "svg", "input", "select", "video"))
_SKIPPED: Final = frozenset(
    ("script", "style", "template", "nav", "button", "noscript", "iframe", "svg", "img", "hr", "br")
)
_TOLD: Final = _PICTURES | {"button", "iframe"}
"""What has something to say even where it holds no words."""
_SILENT: Final = frozenset(("script", "style"))
_BLOCKS: Final = frozenset(
    (
        "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "div", "dl", "dt",
        "figcaption", "figure", "footer", "form", "header", "li", "main", "ol", "p", "pre", "section", "summary",
        "table", "ul", "video",
    )
) | set(_HEADINGS)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """One heading; ``level`` is 1 to 6."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One paragraph, list line or code block. ``kind`` is ``p``, ``li`` or ``pre``."""

    kind: str
    text: str
    labels: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    """Headings of this page that the line links to."""
    coded: str = ""
    """What of the line stands in code marks, as far as it may be an address."""
    marked: str = ""
    """The text with its code marks: each ends a word."""


class Row(NamedTuple):
    """The cells of one row, as text; ``spanned`` says that one reaches over others."""

    cells: tuple[str, ...]
    spanned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table; ``index`` counts from 1 under its heading, ``labels`` are the tabs that it stands in."""

    index: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    labels: tuple[str, ...] = ()
    spanned_header: bool = False
    """A cell of the header reaches over several columns, so that nobody knows which is which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading with what stands under it, up to the next heading. ``trail`` is the headings above it."""

    heading: Heading
    trail: tuple[Heading, ...]
    blocks: tuple[Line | Table, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables under this very heading."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


@dataclass(kw_only=True, slots=True)
class _OpenSection:
    heading: Heading
    trail: tuple[Heading, ...]
    blocks: list[Line | Table] = field(default_factory=list)
    tables: int = 0


class ArticleReader:
    """Walks the article once and sorts what it meets under headings."""

    def __init__(self) -> None:
        top = Heading(level=0, id="", text="")
        self._open = [_OpenSection(heading=top, trail=())]
        self._tabs: dict[str, str] = {}

    def sections(self) -> tuple[Section, ...]:
        """Give what was read so far; what stands above the first heading has a heading of level 0."""
        return tuple(
            Section(heading=part.heading, trail=part.trail, blocks=tuple(part.blocks))
            for part in self._open
            if part.heading.level or part.blocks
        )

    def read(self, block: Tag | str, *, hidden: bool = False) -> None:
        """Read one block, after those read before: a part of the article, or a table or text that stands outside it.

        ``hidden`` says that the block stands in something that the page does not show.
        """
        if isinstance(block, str):
            if self._open[-1].heading.level > 1:  # above that stands the frame of every page
                text = " ".join(block.split())
                self._open[-1].blocks.append(Line(kind="p", text=text, labels=(OUTSIDE,), marked=text))
            return
        labels = (HIDDEN,) * hidden + (OUTSIDE,) * (block.name == "table")
        self._read_block(block, kind="p", labels=labels)

    def walk(self, parent: Tag, *, kind: str, labels: tuple[str, ...]) -> None:
        """Read the blocks of one container; running text between them is a line of its own.

        ``<li>a <b>b</b><table>…</table> c</li>`` gives the line ``a b``, the table, and the line ``c``. Comments are
        no plain ``NavigableString`` and are dropped.
        """
        inline: list[Tag | NavigableString] = []
        for child in parent.children:
            if isinstance(child, NavigableString):
                if type(child) is NavigableString:
                    inline.append(child)
            elif isinstance(child, Tag) and _is_inline(child):
                inline.append(child)
            elif isinstance(child, Tag):
                self._add_line(inline, kind=kind, labels=labels)
                inline = []
                self._read_block(child, kind=kind, labels=labels)
        self._add_line(inline, kind=kind, labels=labels)

    def _read_block(self, tag: Tag, *, kind: str, labels: tuple[str, ...]) -> None:
        if tag.name in _SKIPPED or tag.name in _PICTURES:
            mark = LOST_TABLE if tag.find("table") else UNREADABLE
            if mark is LOST_TABLE or tag.name in _TOLD or (tag.name not in _SILENT and tag.get_text(strip=True)):
                self._open[-1].blocks.append(Line(kind="p", text=mark, labels=labels))
            return
        if tag.name in _HEADINGS:
            self._start_section(tag, hidden=HIDDEN in labels)
        elif tag.name == "table":
            self._add_table(tag, labels)
        elif tag.get("role") == "tablist":
            self._note_tabs(tag)
        else:
            inner = tag.name if tag.name in ("li", "pre") else kind
            self.walk(tag, kind=inner, labels=labels + self._label_of(tag))

    def _label_of(self, tag: Tag) -> tuple[str, ...]:
        if (
            tag.get("role") == "tabpanel"
        ):  # in a browser every tab but the first is hidden, and still part of the article
            return (self._tabs.get(str(tag.get("id")), str(tag.get("id"))),)
        if is_hidden(tag) or tag.name in _STRUCK:
            return (HIDDEN,)
        if tag.has_attr("data-pivot"):
            return (str(tag["data-pivot"]),)
        if tag.name == "details":
            return (_flat(tag.summary) if tag.summary else "",)
        return ()

    def _note_tabs(self, tag: Tag) -> None:
        for tab in tag.find_all(role="tab"):
            panel = str(tab.get("aria-controls") or "") or str(tab.get("href") or "").removeprefix("#")
            self._tabs[panel] = _flat(tab)

    def _start_section(self, tag: Tag, *, hidden: bool) -> None:
        text = WITHDRAWN * hidden + _flat(tag)
        heading = Heading(level=_HEADINGS[tag.name], id=str(tag.get("id") or ""), text=text)
        last = self._open[-1]
        trail = tuple(above for above in (*last.trail, last.heading) if 0 < above.level < heading.level)
        self._open.append(_OpenSection(heading=heading, trail=trail))

    def _add_line(self, inline: list[Tag | NavigableString], *, kind: str, labels: tuple[str, ...]) -> None:
        raw = "".join(_tag_text(node) if isinstance(node, Tag) else node for node in inline)
        spaced = _TOUCHING.sub(" ", raw) if CODE_EDGE in raw else raw
        text = " ".join(spaced.replace(CODE_EDGE, "").split())
        if text:
            anchors = [name for node in inline if isinstance(node, Tag) for name in _anchors(node)]
            self._open[-1].blocks.append(
                Line(
                    kind=kind,
                    text=text,
                    labels=labels,
                    anchors=tuple(anchors),
                    coded=_coded(raw, kind),
                    marked=" ".join(raw.split()),
                )
            )

    def _add_table(self, tag: Tag, labels: tuple[str, ...]) -> None:
        section = self._open[-1]
        section.tables += 1
        caption = tag.find("caption", recursive=False)
        titles = (_flat(caption),) if isinstance(caption, Tag) else ()
        section.blocks.append(_read_table(tag, section.tables, labels + self._label_of(tag) + titles))


def _coded(raw: str, kind: str) -> str:
    if not _ADDRESS.search(raw):
        return ""
    return raw if kind == "pre" else " ".join(raw.split(CODE_EDGE)[1::2])


def is_hidden(tag: Tag) -> bool:
    """Whether an element is on the page without being shown, or is shown as struck out."""
    attributes = tag.attrs
    if "hidden" in attributes or ("style" in attributes and _UNSEEN_STYLES.search(str(attributes["style"]))):
        return True
    return "class" in attributes and not _UNSEEN.isdisjoint(str(attributes["class"]).split())


def _is_inline(tag: Tag) -> bool:
    """Whether a tag is running text. An unknown name is a placeholder that HTML took for a tag."""
    if tag.name in _BLOCKS:
        return False
    if tag.name in _SKIPPED:
        return tag.name in ("br", "img")
    return not any(child.name in _BLOCKS for child in tag.children if isinstance(child, Tag))


def _anchors(tag: Tag) -> Iterator[str]:
    """The ids of the headings of this page that running text links to."""
    if tag.name == "a":
        href = str(tag.get("href") or "")
        if href.startswith("#") and not tag.get("aria-labelledby"):
            yield href.removeprefix("#")
        return
    for child in tag.children:
        if isinstance(child, Tag):
            yield from _anchors(child)


# A row that cannot be read as it stands must still be counted and reported, never left out. So a row that is hidden, an
# element that is no row, and words between the rows or beside the cells all become cells that hold the mark WITHDRAWN:
# the reader of rows then finds a wrong number of cells, or a strange letter, and reports the row with its number.
# Example: <tr><td>a.com</td> and b.com <td>HTTPS:443</td></tr> gives the cells "a.com", "HTTPS:443", WITHDRAWN.
def _read_table(tag: Tag, index: int, labels: tuple[str, ...]) -> Table:
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    spanned_header = False
    for tr, shown in _rows_of(tag):
        cells = [cell for cell in tr.contents if isinstance(cell, Tag) and cell.name in ("td", "th")]
        if tr.name != "tr" or not shown or (tr.attrs and is_hidden(tr)):
            rows.append(Row(cells=(WITHDRAWN,)))
            continue
        texts = tuple(_cell_text(cell) for cell in cells)
        if not header and not rows and all(cell.name == "th" for cell in cells):
            header = tuple(_fold(text) for text in texts)
            spanned_header = any(_spans(cell) for cell in cells if cell.attrs)
        else:
            spanned = any(_spans(cell) for cell in cells if cell.attrs)
            if any(type(child) is NavigableString and child.strip() for child in tr.contents):
                texts = (*texts, WITHDRAWN)  # words beside the cells: no column has them
            rows.append(Row(cells=texts, spanned=spanned))
    return Table(index=index, header=header, rows=tuple(rows), labels=labels, spanned_header=spanned_header)


def _rows_of(tag: Tag, *, shown: bool = True) -> Iterator[tuple[Tag, bool]]:
    """Give every row with whether the groups that it stands in are shown; what is no row comes as it is."""
    for child in tag.children:
        if isinstance(child, Tag) and child.name in ("thead", "tbody", "tfoot"):
            yield from _rows_of(child, shown=shown and not (child.attrs and is_hidden(child)))
        elif isinstance(child, Tag) and child.name not in ("caption", "colgroup", "col", "script", "style"):
            yield child, shown
        elif type(child) is NavigableString and child.strip():
            yield tag, shown  # text between the rows: no row has it as a cell


def _spans(cell: Tag) -> bool:
    return any(str(cell.get(name) or "1").strip() != "1" for name in ("rowspan", "colspan"))


def _cell_text(cell: Tag) -> str:
    """A cell's text: line breaks as newlines, code marks as edges, ASCII blanks folded."""
    if cell.attrs and is_hidden(cell):
        return WITHDRAWN
    raw = _inline_text(cell)
    if "\n" not in raw:
        return raw.strip()
    return "\n".join(line.strip() for line in raw.split("\n") if line.strip(f"{CODE_EDGE} "))


def _inline_text(node: Tag) -> str:
    contents = node.contents
    if len(contents) == 1 and type(contents[0]) is NavigableString:  # as most cells and code marks are
        return _with_single_blanks(contents[0])
    parts: list[str] = []
    for child in contents:
        if type(child) is NavigableString:
            parts.append(_with_single_blanks(child))
        elif isinstance(child, Tag):
            text = _tag_text(child)
            parts.append(f"<{text}>" if child.name in _VARIABLE and _is_label(child, text) else text)
    return "".join(parts)


def _with_single_blanks(text: str) -> str:
    return text if text.isprintable() and "  " not in text else _BLANKS.sub(" ", text)


def _is_label(tag: Tag, text: str) -> bool:
    """Whether emphasis marks a whole label of a host: a name to fill in, as in ``a.<em>location</em>.contoso.com``.

    Emphasis inside a label is dress: ``a<em>b</em>.contoso.com`` is ``ab.contoso.com``. So there must be a dot on one
    side at least, and a dot or the edge of a word on the other.
    """
    before, after = tag.previous_sibling, tag.next_sibling
    follows = type(before) is NavigableString and re.search(r"[\w>}*]\.\Z", before)
    leads = type(after) is NavigableString and re.match(r"\.[\w<{*]", after)
    if not (follows or leads) or not re.fullmatch(r"[A-Za-z][\w -]*", text):
        return False
    starts = before is None or follows or not re.search(r"[\w.-]\Z", str(before))
    ends = after is None or leads or not re.match(r"[\w-]", str(after))
    return bool(starts and ends)


def _tag_text(tag: Tag) -> str:
    name = tag.name
    if tag.attrs and is_hidden(tag):
        return WITHDRAWN
    if name in _INLINE:
        # A footnote's mark must not join the word before it.
        return f"{CODE_EDGE}{_inline_text(tag)}{CODE_EDGE}" if name in _EDGED else _inline_text(tag)
    if name == "br":
        return "\n"
    return _block_text(tag, name)


def _block_text(tag: Tag, name: str) -> str:
    if name == "table" or name in _HEADINGS:  # an open cell has swallowed what follows its table
        return LOST_TABLE
    if name in _STRUCK:
        return WITHDRAWN
    if name in _PICTURES:
        return UNREADABLE
    if name in _BLOCKS:
        return f"\n{_inline_text(tag)}\n"
    if name in _SKIPPED:
        held = any(str(child).strip() for child in tag.contents)
        return WITHDRAWN if held and name not in ("script", "style") else ""
    return f"<{name}>{_inline_text(tag)}"


def _fold(text: str) -> str:
    return " ".join(text.replace(CODE_EDGE, "").replace(UNREADABLE, " ").split())


def _flat(tag: Tag) -> str:
    """The text of a heading or label; where it is not shown, a mark stands before it."""
    return (WITHDRAWN if tag.attrs and is_hidden(tag) else "") + _fold(_inline_text(tag))
