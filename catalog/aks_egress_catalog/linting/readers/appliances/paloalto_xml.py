"""A PAN-OS configuration in XML as settings, each value at its place. defusedxml reads it: no entity, no DTD."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.readers.words import Word
from aks_egress_catalog.linting.source import Source

_ROOT: Final = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:config|response|shared|vsys|devices)\b", re.DOTALL
)
_KINDS: Final = re.compile(r"<(?:rulebase|pre-rulebase|custom-url-category|address|address-group|external-list)\b")
_DOCTYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)")
_DEEPEST: Final = 100


def is_configuration(text: str) -> bool:
    """Say whether a text is XML with objects or rules of PAN-OS."""
    return text.lstrip()[:1] == "<" and _ROOT.match(text) is not None and _KINDS.search(text) is not None


def xml_settings(source: Source) -> Iterator[list[Word]]:
    """Yield a setting for each text of the file.

    Raises:
        InputError: it is no XML, or defines entities, or defusedxml is not there.
    """
    try:
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415  - an extra that only XML needs
        from defusedxml.sax import make_parser  # noqa: PLC0415  - as above
    except ImportError as error:
        raise InputError(
            f"{source.path}: reading XML needs defusedxml: pip install aks-egress-catalog[lint]"
        ) from error
    handler = _Handler(source)
    parser: Any = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)  # feed() does not, parse() does
    try:
        parser.feed(source.text)
        parser.close()
    except DefusedXmlException as error:
        raise InputError(f"{source.path}: XML that defines entities is not read: {error}") from error
    except (SAXException, ValueError) as error:
        raise InputError(f"{source.path} cannot be read as XML: {error}") from error
    yield from handler.settings


class _Handler(ContentHandler):
    """Walks the elements: an entry stands for its name, a member for its text."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.settings: list[list[Word]] = []
        self._source = source
        self._starts = [0, *(found.end() for found in re.finditer("\r\n?|\n", source.text))]
        self._path: list[Word | None] = []
        self._text: list[str] = []
        self._begin = 0

    def _here(self) -> int:
        locator: Any = self._locator
        return self._starts[locator.getLineNumber() - 1] + int(locator.getColumnNumber())

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  - as SAX names it
        if len(self._path) == _DEEPEST:
            raise InputError(f"{self._source.path}: more than {_DEEPEST} elements lie in each other")
        here = self._here()
        shown = attrs.get("name", "") if name == "entry" else name
        if name == "member" or not shown:
            self._path.append(None)
        else:
            end = self._source.text.find(">", here) + 1 or len(self._source.text)
            at = self._source.text.find(shown, here, end)
            start = here if at < 0 else at
            self._path.append(Word(shown, start, start + len(shown), self._source))
        self._text.clear()

    def characters(self, content: str) -> None:
        if not self._text:
            self._begin = self._here()
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802  - as SAX names it
        path = [word for word in self._path if word is not None]
        text = "".join(self._text).strip()
        if text:
            written = self._source.text[self._begin : self._here()]
            start = self._begin + len(written) - len(written.lstrip())
            self.settings.append([*path, Word(text, start, start + len(written.strip()), self._source)])
        self._path.pop()
        self._text.clear()
