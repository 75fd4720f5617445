"""The pages: values of an edition, handed to the templates. Nothing is computed here that is not about a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from aks_egress_catalog.catalog import calver
from aks_egress_catalog.cluster.regions import REGIONS, TAG_REGIONS
from aks_egress_catalog.exports.formats import FORMATS, load_format
from publish.site.browser.export_data import TABS, WRITTEN_HERE
from publish.site.content.charts import chart, life_line
from publish.site.content.dataset import dataset
from publish.site.content.downloads import catalog_path, release_files
from publish.site.content.edition import Edition
from publish.site.content.questions import offered_features, question_groups
from publish.site.content.subscriptions import subscriptions
from publish.site.templating import render
from publish.site.words.glossary import glossary

_LATEST: Final = 3


def pages(edition: Edition) -> Iterator[tuple[str, bytes]]:
    """Write every page, by path."""
    yield from _main_pages(edition)
    yield from _cloud_pages(edition)
    yield from _feature_pages(edition)
    yield from _rule_pages(edition)
    yield from _version_pages(edition)


def _page(edition: Edition, path: str, template: str, **values: object) -> tuple[str, bytes]:
    """Write one page; ``root`` leads from it to the start of the site."""
    root = "../" * path.count("/")
    return path, render(template, site=edition, path=path, root=root, **values)


def _main_pages(edition: Edition) -> Iterator[tuple[str, bytes]]:
    latest = tuple(reversed(edition.versions[-_LATEST:]))
    yield _page(
        edition,
        "index.html",
        "overview.html",
        latest=latest,
        regions=REGIONS,
        tag_regions=TAG_REGIONS,
        dataset=dataset(edition),
    )
    yield _page(edition, "history.html", "history.html", charts=_charts(edition))
    yield _page(edition, "compare.html", "compare.html", versions=_comparable(edition))
    yield _page(edition, "subscribe.html", "subscribe.html", subscriptions=subscriptions(edition))
    formats = {name: load_format(name).DESCRIPTION for name in FORMATS}
    yield _page(
        edition,
        "cluster.html",
        "cluster.html",
        groups=question_groups(),
        features=offered_features(edition.catalog),
        regions=REGIONS,
        formats={name: formats[name] for name in WRITTEN_HERE},
        tabs=TABS,
    )
    yield _page(
        edition,
        "download.html",
        "download.html",
        formats=formats,
        releases=release_files(edition),
        catalog=catalog_path(edition),
    )
    yield _page(edition, "known-gaps.html", "known-gaps.html")
    yield _page(edition, "glossary.html", "glossary.html", glossary=glossary())
    # Served for every address that is none, at whatever depth, so its links start from the root of the host.
    root = f"{urlsplit(edition.base_url).path.rstrip('/')}/"
    yield "404.html", render("missing.html", site=edition, path="404.html", root=root)


def _charts(edition: Edition) -> dict[str, object]:
    """The picture twice: one whose letters can be read on a desk, and one for a phone."""
    if not edition.versions:
        return {}
    return {
        "wide": chart(edition.versions, today=edition.today),
        "narrow": chart(edition.versions, today=edition.today, width=360, height=300, labels=40),
    }


def _comparable(edition: Edition) -> list[tuple[str, str]]:
    """Every version from which there is a plan to today's, with what to call it, newest first."""
    current = edition.catalog.version
    past = [
        (one.version, _version_label(one.version, one.day))
        for one in reversed(edition.history.versions)
        if one.version != current and edition.has_plan_since(one.version)
    ]
    return [(current, _version_label(current, edition.catalog.facts_date)), *past]


def _version_label(version: str, day: dt.date | None) -> str:
    """The day of a version, which people know it by; with its name where it is another one of the same day.

    >>> _version_label("2026.7.2", dt.date(2026, 7, 2)), _version_label("2026.7.2.1", dt.date(2026, 7, 16))
    ('2026-07-02', '2026-07-16, 2026.7.2.1')
    """
    if day is None:
        return version
    return str(day) if version == calver(day) else f"{day}, {version}"


def _cloud_pages(edition: Edition) -> Iterator[tuple[str, bytes]]:
    for cloud in edition.clouds:
        groups = [group for group in edition.groups if group.cloud == cloud]
        former = [group for group in edition.former if group.cloud == cloud]
        yield _page(edition, f"clouds/{cloud}.html", "cloud.html", cloud=cloud, groups=groups, former=former)


def _feature_pages(edition: Edition) -> Iterator[tuple[str, bytes]]:
    for feature in edition.features:
        groups = [group for group in edition.groups if group.feature == feature]
        former = [group for group in edition.former if group.feature == feature]
        path = f"features/{feature}.html"
        yield _page(edition, path, "feature.html", feature=feature, groups=groups, former=former)


def _rule_pages(edition: Edition) -> Iterator[tuple[str, bytes]]:
    first = edition.versions[0].day if edition.versions else edition.today
    for name, page in edition.rule_pages.items():
        line = life_line(page.stretches, page.announced, first=first, today=edition.today) if page.stretches else None
        yield _page(edition, page.path, "rule.html", name=name, page=page, line=line)


def _version_pages(edition: Edition) -> Iterator[tuple[str, bytes]]:
    versions = edition.versions
    for older, version, newer in zip((None, *versions), versions, (*versions[1:], None), strict=False):
        yield _page(edition, version.path, "version.html", version=version, older=older, newer=newer)
