"""HTML as a small tree. In: the text of a page. Out: elements, each with its attributes and children in page order.

lxml parses and reports every start, end and piece of text as an event; the builder below hangs them into a tree. A tree
of BeautifulSoup would have the same elements, but takes twice the time of all that the scraper does with them.

Children are elements and texts. ``Markup`` is a text that the page does not show: a comment, a script, the reading of a
ruby. It keeps its place among the children, so ``type(child) is str`` asks whether a child is text of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

_NO_TEXT: Final = frozenset(("script", "style", "template", "rt", "rp"))
"""Elements whose text is no text of the page."""
_PREFORMATTED: Final = frozenset(("pre", "textarea"))
_BLANKS: Final = " \t\n\f\r"


class Markup(str):
    """A comment or another text that is no text of the page."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class Element:
    """One element. Names and attribute names are in lower case; an attribute without a value is empty."""

    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def get(self, attribute: str) -> str:
        """Give the value of an attribute, or an empty text."""
        return self.attributes.get(attribute, "")

    def elements(self) -> Iterator[Element]:
        """The children that are elements."""
        return (child for child in self.children if isinstance(child, Element))

    def descendants(self) -> Iterator[Element]:
        """All elements inside this one, in page order."""
        for child in self.elements():
            yield child
            yield from child.descendants()

    def find(self, name: str) -> Element | None:
        """The first element of a name inside this one."""
        return next((element for element in self.descendants() if element.name == name), None)


def parse_html(html: str) -> Element:
    """Parse HTML as browsers do: whatever it holds gives a tree. Its root has no name."""
    builder = _Builder()
    parser = etree.HTMLParser(target=builder)  # type: ignore[arg-type]  # the stubs allow names of bytes; HTML has none
    try:
        parser.feed(html.removeprefix("\N{BYTE ORDER MARK}"))
        parser.close()
    except etree.ParserError:  # a text without any element
        return Element("", {})
    return builder.root


def outermost(root: Element, names: frozenset[str]) -> Iterator[Element]:
    """Find the elements of some names, in page order, and none inside another."""
    waiting = list(root.elements())[::-1]
    while waiting:
        element = waiting.pop()
        if element.name in names:
            yield element
        else:
            waiting += list(element.elements())[::-1]


class _Builder:
    """Hangs the events of lxml into a tree. Pieces of one text come apart and are joined at the next other event."""

    def __init__(self) -> None:
        self.root = Element("", {})
        self._open = [self.root]
        self._pieces: list[str] = []
        self._silent = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._end_text()
        element = Element(name, dict(attributes))
        self._open[-1].children.append(element)
        self._open.append(element)
        self._silent += name in _NO_TEXT

    def end(self, name: str) -> None:
        self._end_text()
        while len(self._open) > 1:
            closed = self._open.pop().name
            self._silent -= closed in _NO_TEXT
            if closed == name:
                return

    def data(self, text: str) -> None:
        self._pieces.append(text)

    def comment(self, text: str) -> None:
        self._end_text()
        self._open[-1].children.append(Markup(text))

    def pi(self, target: str, data: str | None) -> None:
        self.comment(f"{target} {data}")

    def close(self) -> None:
        self._end_text()

    def _end_text(self) -> None:
        if not self._pieces:
            return
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text.strip(_BLANKS) and not any(element.name in _PREFORMATTED for element in self._open):
            text = "\n" if "\n" in text else " "
        self._open[-1].children.append(Markup(text) if self._silent else text)
