"""A PAN-OS configuration in XML: settings as ``set`` commands have them, each value at its place.

    <address><entry name="A"><fqdn>x.io</fqdn></entry></address>      address A fqdn x.io

defusedxml reads it: no entity of a file is ever expanded, and a file that defines one is not read.
"""

from __future__ import annotations

import re
from typing import Any, Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Reading
from aks_egress_catalog.linting.readers.appliances.paloalto_objects import Config
from aks_egress_catalog.linting.readers.appliances.paloalto_rules import read_objects, read_rules
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "paloalto-xml"
_KINDS: Final = re.compile(
    r"<(?:(?:pre-|post-)?rulebase|custom-url-category|address|address-group|external-list|security)>"
)
_DEEPEST: Final = 100


def recognises(source: Source) -> bool:
    """Say whether a file is XML with objects or rules of PAN-OS."""
    return source.text.lstrip()[:1] == "<" and "<entry" in source.text and _KINDS.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read a configuration.

    Raises:
        InputError: defusedxml is not there.
    """
    draft = Draft(source, NAME)
    handler = _Handler(source)
    fault = _parse(source, handler)
    if fault:
        draft.unread(Word("", 0, 0, source), f"this XML cannot be read: {fault}")
        return draft.reading
    config = Config()
    config.add_all(handler.settings)
    (read_rules if config.rules else read_objects)(config, draft)
    draft.reading.skipped += config.skipped
    return draft.reading


def _parse(source: Source, handler: _Handler) -> str:
    """Let the parser tell the handler what the file has; return why it cannot, if so."""
    try:
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415  - an extra, for XML only
        from defusedxml.sax import make_parser  # noqa: PLC0415  - as above
    except ImportError as error:
        raise InputError("reading XML needs defusedxml: pip install aks-egress-catalog[lint]") from error
    parser: Any = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)  # feed() does not, parse() does
    try:
        parser.feed(source.text)
        parser.close()
    except (DefusedXmlException, SAXException, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


class _Handler(ContentHandler):
    """Walks the elements: an entry stands for its name, a member for its text."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.settings: list[list[Word]] = []
        self._source = source
        self._locator: Any = None
        self._starts = [0, *(found.end() for found in re.finditer("\r\n?|\n", source.text))]
        self._path: list[Word | None] = []
        self._text: list[str] = []
        self._begin = 0

    def _here(self) -> int:
        line: int = self._locator.getLineNumber()
        column: int = self._locator.getColumnNumber()
        return self._starts[line - 1] + column

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  - as SAX names it
        if len(self._path) == _DEEPEST:
            raise SAXException(f"more than {_DEEPEST} elements lie in each other")
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
