"""What search engines read: every page of the site, and who may look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


def sitemap_files(paths: Iterable[str], base_url: str) -> dict[str, bytes]:
    """The sitemap of pages, and robots.txt that names it; none where nobody knows where the site will be.

    >>> sitemap_files(["404.html", "index.html", "z/b.html"], "https://example.org/x/")["sitemap.xml"].splitlines()[2:4]
    [b'<url><loc>https://example.org/x/</loc></url>', b'<url><loc>https://example.org/x/z/b.html</loc></url>']
    """
    if not base_url:
        return {}
    home = base_url.rstrip("/")
    pages = sorted(page for page in paths if page.endswith(".html") and page != "404.html")
    places = ["" if page == "index.html" else page for page in pages]
    urls = "".join(f"<url><loc>{escape(f'{home}/{quote(place)}')}</loc></url>\n" for place in places)
    return {
        "sitemap.xml": f"{_HEAD}{urls}</urlset>\n".encode(),
        "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {home}/sitemap.xml\n".encode(),
    }
