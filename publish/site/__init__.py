"""The site: a catalog, its history and its texts in, every file of a static site out.

Every page is complete in HTML and needs no script; scripts only add filters, the host check, the plan from a version
to today's and the choice of a language. Nothing is fetched from anywhere but the site itself. What came from a page
of the article is text and never becomes markup. The same input gives the same bytes; the clock comes in as an argument.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import HOLD
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.store import Texts
from publish.site import handbook
from publish.site.addresses.sitemap import sitemap_files
from publish.site.browser.check_data import check_json, search_json, texts_json
from publish.site.browser.cluster_data import cluster_json
from publish.site.browser.export_data import exports_json
from publish.site.browser.search_data import search_places
from publish.site.content.downloads import served_files
from publish.site.content.edition import Edition, SiteError
from publish.site.content.pictures import picture_files
from publish.site.pages import pages
from publish.site.templating import static_files

__all__ = ["SiteError", "site_files"]


def site_files(
    catalog: Catalog,
    history: History,
    texts: Texts,
    *,
    announced: Sequence[Change],
    now: dt.datetime,
    checked: dt.datetime | None = None,
    hold: dt.timedelta = HOLD,
    base_url: str = "",
    repository: str = "",
    locale_states: Mapping[str, str] | None = None,
    beside: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Make every file of the site, by path.

    ``announced`` has the changes announced up to now, oldest first (:func:`.announced`). ``texts`` has the descriptions
    by locale and rule id; ``locale_states`` has the state of each locale (current, stale, untranslated, damaged;
    current where it is missing). ``checked`` is when the article was last looked at.
    ``base_url`` is where the site will be, where that is known; all links but those of the page for missing addresses
    are relative. ``repository`` (``owner/name``) has the releases. ``beside`` are files that others made for the same
    site, such as feeds: they are linked where they exist, and given back with the rest.

    Raises:
        SiteError: a locale, the address or a path cannot be used.

    >>> import aks_egress_catalog as aec, datetime as dt
    >>> from aks_egress_catalog.history.history_file import load_history
    >>> files = site_files(aec.load(), load_history(), {}, announced=(), now=dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
    >>> "index.html" in files, "rules/AzureCloud/core/mcr.microsoft.com_tcp-443.html" in files
    (True, True)
    """
    others = dict(beside or {})
    edition = Edition(
        catalog=catalog,
        history=history,
        announced=announced,
        texts=texts,
        now=now,
        hold=hold,
        checked=checked,
        base_url=base_url,
        repository=repository,
        states=locale_states or {},
        beside=frozenset(others),
    )
    files = {f"static/{name}": content for name, content in static_files().items()}
    files |= {f"data/texts/{locale}.json": texts_json(found) for locale, found in texts.items()}
    files["data/check.json"] = check_json([*edition.groups, *edition.former], edition.advisories)
    files["data/cluster.json"] = cluster_json(edition.catalog)
    files["data/exports.json"] = exports_json(edition.catalog)
    book = handbook.read(edition)
    files["data/search.json"] = search_json(search_places(edition, book))
    files |= served_files(edition)
    files |= dict(pages(edition))
    files |= dict(handbook.write(edition, book))
    files |= picture_files(edition)
    files |= sitemap_files(files, edition.base_url)
    _refuse_twins([*files, *others])
    return dict(sorted((files | others).items()))


def _refuse_twins(paths: list[str]) -> None:
    """Two files of one name would silently be one; some file systems take a and A for the same."""
    seen: set[str] = set()
    for path in paths:
        if path.casefold() in seen:
            raise SiteError(f"two files of the site would be {path}")
        seen.add(path.casefold())
