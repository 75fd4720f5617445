"""The state of each locale: as the scraper reported it, else as it follows from the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from aks_egress_catalog.catalog import Catalog, PageRef
from aks_egress_catalog.store import Texts
from publish.plan.report import Report


def locale_states(catalog: Catalog, texts: Texts, report: Report | None = None) -> dict[str, str]:
    """Give the state of every locale: current, stale, untranslated or damaged.

    Without a report a page without texts counts as untranslated, and one whose last change is older than that of the
    English page as stale, by the day, as the reader of the pages has it.

    >>> import aks_egress_catalog as aec
    >>> locale_states(aec.load(), {"en-us": {}})["en-us"], locale_states(aec.load(), {})["en-us"]
    ('current', 'untranslated')
    """
    found = {page.locale: _state(page, catalog.authority, texts) for page in catalog.pages}
    reported: Mapping[str, str] = {name: one.state for name, one in report.locales.items()} if report else {}
    return found | {name: state for name, state in reported.items() if name != "en-us"}


def _state(page: PageRef, authority: PageRef | None, texts: Texts) -> str:
    if page.locale not in texts:
        return "untranslated"
    newest = authority.updated if authority else None
    return "stale" if newest and page.updated and page.updated.date() < newest.date() else "current"
