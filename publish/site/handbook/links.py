"""Where a link of a document leads on the site.

=================================  ======================================================================
``linting.md#codes``               the page of that document; a document that is no page: the repository
``../CONTRIBUTING.md``             the repository
``#codes``                         stays
what the site itself serves        the file beside this page, whatever address this site has
``https://…``                      stays
anything else                      is no link: its text stays
=================================  ======================================================================
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from publish.site.handbook.chapters import page_path
from publish.site.templating import is_web

SITE: Final = "https://aks-egress-catalog.github.io/aks-egress-catalog/"
"""How documents name the site, so that their links lead somewhere on GitHub as well."""


@dataclass(frozen=True, kw_only=True)
class Links:
    """What there is to link: documents that are pages, files that lie beside the pages, and the repository.

    ``repository`` is the address of the repository, empty where nobody knows it.
    """

    files: frozenset[str]
    served: frozenset[str]
    repository: str

    def target(self, link: str) -> str:
        """Give the address that a link of a document has on its page; empty where it must not be one.

        >>> links = Links(files=frozenset({"linting.md"}), served=frozenset(), repository="https://github.com/o/r")
        >>> [links.target(link) for link in ("linting.md#codes", "../action.yml", "#a", f"{SITE}glossary.html#tag")]
        ['linting.html#codes', 'https://github.com/o/r/blob/main/action.yml', '#a', '../glossary.html#tag']
        >>> links.target("javascript:alert(1)"), links.target("//evil.example/"), links.target("../../etc/passwd")
        ('', '', '')
        """
        if link.startswith("#"):
            return link
        if link.startswith(SITE) and self._is_served(link.removeprefix(SITE)):
            return f"../{link.removeprefix(SITE) or 'index.html'}"
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return link if is_web(link) else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        if parts.path in self.files:
            return page_path(parts.path).removeprefix("docs/") + fragment
        return self._in_repository(parts.path, fragment)

    def _is_served(self, rest: str) -> bool:
        """Say whether this site has such a file: its own pages always, what others make where it is there."""
        path = urlsplit(rest).path
        return path in ("", *self.served) or path.endswith(".html")

    def _in_repository(self, path: str, fragment: str) -> str:
        place = posixpath.normpath(posixpath.join("docs", path))
        if not self.repository or place.startswith(("..", "/")):
            return ""
        return f"{self.repository}/blob/main/{place}{fragment}"
