from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import posixpath
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

import pytest
from click.testing import CliRunner
from markupsafe import escape
from PIL import Image

from aks_egress_catalog.catalog import Catalog, calver
from aks_egress_catalog.history.changes import Impact, summarize
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.history.revisions import History, catalog_after
from aks_egress_catalog.model import Lifecycle, NamedSet, Origin, Rules, Status, When
from aks_egress_catalog.text.codec import to_json
from publish.commands.site import site
from publish.release import assets
from publish.site import SiteError, site_files
from publish.site.addresses.slugs import rule_path
from publish.site.content.locales import locale_states
from publish.site.templating import is_web, policy, prose
from tests.base import CATALOG, HISTORY, TEXTS
from tests.site.builds import HOSTILE, NOW, small, whole

ROOT: Final = Path(__file__).parents[2]
LARGEST: Final = 200_000
MAIN: Final = ("index.html", "history.html", "compare.html", "subscribe.html", "download.html")
ALLOWED: Final = {
    "a", "aside", "body", "button", "caption", "circle", "code", "dd", "desc", "details", "div", "dl", "dt", "em",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "head", "header", "html", "img", "input", "label",
    "li", "line", "link", "main", "meta", "nav", "noscript", "ol", "optgroup", "option", "p", "path", "pre",
    "b", "fieldset", "legend", "rect", "script", "section", "select", "small", "span", "strong", "style", "summary",
    "svg", "table", "tbody", "td", "text", "textarea", "th", "thead", "time", "title", "tr", "ul", "var", "wbr",
}  # fmt: skip

APART: Final = {"li", "dd", "dt", "td", "th", "p", "h1", "h2"}


class Reader(HTMLParser):
    """Every element of a page with its attributes, its text, and the order of its headings."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in APART:
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, Reader]:
    return {path: Reader(content) for path, content in files.items() if path.endswith(".html")}


def words(page: Reader) -> str:
    return " ".join(page.text.split())


def test_a_day_to_come_that_the_article_names_stands_where_those_look_whom_it_concerns(
    pages: dict[str, Reader],
) -> None:
    told = "18 August 2026: a day that the article names for AzureChinaCloud, Defender."
    for path in ("index.html", "features/defender.html", "clouds/AzureChinaCloud.html"):
        assert told in words(pages[path])
        assert any("#microsoft-defender-for-containers" in str(link.get("href")) for link in pages[path].all("a"))
    for path in ("features/gpu.html", "clouds/AzureCloud.html"):
        assert "a day that the article names" not in words(pages[path])
    assert "31 March 2026" not in words(pages["index.html"])


def test_there_is_a_page_for_every_rule_that_ever_was_every_cloud_feature_and_version(files: dict[str, bytes]) -> None:
    days = {event.day for event in HISTORY.events if event.changes_rules}
    assert {rule_path(name) for name in HISTORY.rules} <= files.keys()
    assert {f"history/{calver(day)}.html" for day in days} == {path for path in files if path.startswith("history/")}
    assert {rule.cloud for rule in CATALOG.rules} == {
        PurePosixPath(path).stem for path in files if path.startswith("clouds/")
    }
    assert "features/dev-spaces.html" in files
    assert set(MAIN) < files.keys()


def test_paths_are_readable_told_apart_and_safe_on_every_file_system() -> None:
    names = HISTORY.rules
    paths = [rule_path(name) for name in names]
    assert len({path.casefold() for path in paths}) == len(names)
    assert all(re.fullmatch(r"rules/[\w-]+/[\w-]+/[\w.~-]+\.html", path, re.ASCII) for path in paths)
    assert rule_path("AzureCloud/core/tag:AzureCloud.{region}:udp-1194").endswith(
        "/tag_AzureCloud.~region~_udp-1194.html"
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        "../../etc/passwd:any",
        "a_b.io:any",
        "~x~.io:any",
        "{a b}.io:any",
        "{region.io:any",
        f"{'x' * 300}.io:any",
        "\ud800:any",
    ],
)
def test_an_id_that_an_address_cannot_tell_back_gets_a_digest(endpoint: str) -> None:
    path = rule_path(f"AzureCloud/core/{endpoint}")
    assert re.fullmatch(r"rules/AzureCloud/core/[A-Za-z0-9.~_-]{1,190}~~[0-9a-f]{12}\.html", path)
    assert rule_path(f"AzureCloud/core/{endpoint}") == path


def test_two_ids_that_would_read_the_same_have_pages_of_their_own() -> None:
    assert rule_path("AzureCloud/core/{region}.io:any") != rule_path("AzureCloud/core/~region~.io:any")
    assert rule_path("AzureCloud/core/*.io:any") != rule_path("AzureCloud/core/~.io:any")


def test_every_link_within_the_site_leads_somewhere(files: dict[str, bytes], pages: dict[str, Reader]) -> None:
    assert dead_links(files, pages) == set()


def dead_links(files: Collection[str], pages: Mapping[str, Reader]) -> set[tuple[str, str | None]]:
    """The links of pages to files of the site that are not there, each with its page."""
    dead = set()
    for path, page in pages.items():
        links = [one.get("href") for tag in ("a", "link") for one in page.all(tag)]
        for link in (*links, *(one.get("src") for tag in ("script", "img") for one in page.all(tag))):
            address = urlsplit(link or "")
            if path == "404.html" or address.scheme or not address.path:
                continue
            parts: list[str] = []
            for part in (*PurePosixPath(path).parent.parts, *address.path.split("/")):
                parts = parts[:-1] if part == ".." else [*parts, part]
            target = unquote("/".join(parts))
            if target not in files:
                dead.add((path, link))
    return dead


def test_every_link_to_the_glossary_leads_to_a_word_of_it(pages: dict[str, Reader]) -> None:
    anchors = {attributes["id"] for _, attributes in pages["glossary.html"].elements if "id" in attributes}
    links = {one.get("href") or "" for page in pages.values() for one in page.all("a")}
    assert {urlsplit(link).fragment for link in links if "glossary.html#" in link} <= anchors
    assert {*map(str, When), *map(str, NamedSet), *map(str, Impact)} <= anchors


def test_pages_fetch_nothing_from_elsewhere_and_run_nothing_inline(pages: dict[str, Reader]) -> None:
    for path, page in pages.items():
        first = next(one for one in page.all("meta") if "http-equiv" in one)
        assert first == {"http-equiv": "Content-Security-Policy", "content": policy()}
        scripts = [one for one in page.all("script") if one["type"] != "application/ld+json"]
        assert all((one.get("src") or "").endswith(".js") and one["type"] == "module" for one in scripts)
        assert len(page.all("style")) == ("/" not in path), path  # what stands first; the policy names its digest
        assert {tag for tag, _ in page.elements} <= ALLOWED
        for tag, attributes in page.elements:
            assert not any(name.startswith("on") or name == "style" for name in attributes), (path, tag, attributes)
            sources = [attributes.get("src")] if "src" in attributes else []
            sources += [attributes.get("href")] if tag == "link" and attributes.get("rel") != "canonical" else []
            assert not any(urlsplit(source or "").netloc for source in sources), (path, tag, attributes)


def test_every_page_has_one_heading_a_title_a_language_and_landmarks(pages: dict[str, Reader]) -> None:
    for path, page in pages.items():
        assert (
            len(page.all("h1")) == len(page.all("main")) == len(page.all("header")) == len(page.all("footer")) == 1
        ), path
        assert page.all("html")[0]["lang"] == "en"
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        assert "Not affiliated with Microsoft" in page.text
        assert "no external request" in page.text
        assert CATALOG.attribution in page.text
        assert any("creativecommons.org/licenses/by/4.0" in (one.get("href") or "") for one in page.all("a"))


def test_no_page_of_rules_ever_asks_to_delete(pages: dict[str, Reader]) -> None:
    asks = re.compile(r"\bdelete\b|\bremove it\b", re.IGNORECASE)
    operators = {"docs/operating.html", "docs/publishing.html", "docs/targets.html"}  # branches, keys, own commands
    assert not [path for path, page in pages.items() if asks.search(page.text) and path not in operators]


def test_the_overview_shows_every_rule_and_how_fresh_it_is(files: dict[str, bytes], pages: dict[str, Reader]) -> None:
    catalog, page = CATALOG, pages["index.html"]
    assert files["index.html"].count(b"<tr data-level=") == len(catalog.rules)
    hrefs = [one.get("href") for one in page.all("a")]
    assert {rule_path(rule.id) for rule in catalog.rules} <= set(hrefs)
    assert "Facts of 2 July 2026, data version 2026.7.2." in words(page)


def test_every_page_says_at_its_top_how_current_it_is(pages: dict[str, Reader]) -> None:
    for path, page in pages.items():
        top = words(page).partition("Documentation Glossary ")[2]
        assert top.startswith("Preview: made from pages in the repository, not from the live article"), path
        assert "Requirements last changed 3 July 2025 3 known gaps The article Repository" in top, path
        (article,) = {one["href"] for one in page.all("a") if "/azure/aks/outbound-rules" in (one["href"] or "")} & {
            CATALOG.authority.url if CATALOG.authority else ""
        }
        assert article


def test_a_live_site_says_when_the_article_was_checked_and_that_it_is_too_long_ago() -> None:
    live = replace(CATALOG, origin=Origin.LIVE)
    assert "Article checked 4 July 2026, 06:15 UTC (without scripts" in words(Reader(top_of(live)))
    assert b"what you read may be out of date" not in top_of(live)
    assert b"what you read may be out of date" in top_of(live, now=NOW + dt.timedelta(hours=50))
    assert b"Not checked yet" in top_of(live, checked=None)
    preview = top_of(CATALOG, checked=None)
    assert b"Preview" in preview
    assert b"Not checked yet" not in preview


def top_of(catalog: Catalog, **options: object) -> bytes:
    return small(catalog, **options)["index.html"]


def test_titles_and_descriptions_are_unique(pages: dict[str, Reader]) -> None:
    for values in (
        [page.all("title") and page.text.partition(" · AKS egress catalog")[0] for page in pages.values()],
        [one["content"] for page in pages.values() for one in page.all("meta") if one.get("name") == "description"],
    ):
        assert len(values) == len(pages)
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_the_home_page_with_everything_weighs_less_than_60_kb(files: dict[str, bytes]) -> None:
    scripts = [f"static/{name}" for name in loaded(files, "overview.js")]
    parts = ["index.html", "static/site.css", "static/icon.svg", "data/check.json", *scripts]
    assert sum(len(gzip.compress(files[part])) for part in parts) < 60_000
    preloaded = set(re.findall(r'rel="modulepreload" href="([^"]+)"', files["index.html"].decode()))
    assert preloaded == set(scripts)


def test_every_page_with_its_style_scripts_and_data_weighs_little(files: dict[str, bytes]) -> None:
    language = max(len(content) for path, content in files.items() if path.startswith("data/texts/"))
    plan = max(len(content) for path, content in files.items() if path.startswith("plan/since/"))
    data = {"compare.html": plan, "cluster.html": len(files["data/cluster.json"])}
    styles = len(files["static/site.css"]) + len(files["static/icon.svg"])
    for path in [path for path in files if path.endswith(".html") and path != "index.html"]:
        (script,) = set(re.findall(rb'src="[^"]*static/([a-z/-]+\.js)"', files[path]))
        scripts = sum(len(files[f"static/{name}"]) for name in loaded(files, script.decode()))
        assert len(files[path]) + styles + scripts + data.get(path, language) < LARGEST, path


def loaded(files: dict[str, bytes], script: str) -> set[str]:
    """A script with every other one that it makes a browser load."""
    named = re.findall(r'^import .*?"(\.\.?/[a-z./-]+\.js)";$', files[f"static/{script}"].decode(), re.MULTILINE)
    paths = [posixpath.normpath(posixpath.join(posixpath.dirname(script), one)) for one in named]
    return {script}.union(*(loaded(files, name) for name in paths))


def test_the_whole_site_is_small(files: dict[str, bytes]) -> None:
    assert sum(map(len, files.values())) < 25_000_000
    assert len(files["static/preview.png"]) < 100_000
    with Image.open(io.BytesIO(files["static/preview.png"])) as picture:
        assert picture.size == (1200, 630)


def test_search_engines_are_told_of_every_page_and_of_the_data_set(
    files: dict[str, bytes], pages: dict[str, Reader]
) -> None:
    places = re.findall(r"<loc>https://example.org/aks/([^<]*)</loc>", files["sitemap.xml"].decode())
    assert {place or "index.html" for place in places} == {quote(path) for path in pages if path != "404.html"}
    assert b"Sitemap: https://example.org/aks/sitemap.xml" in files["robots.txt"]
    (written,) = re.findall(r'<script type="application/ld.json">(.*?)</script>', files["index.html"].decode())
    told = json.loads(written)
    assert (told["@type"], told["version"], told["dateModified"]) == ("Dataset", "2026.7.2", "2026-07-02")
    for one in told["distribution"]:
        assert one["contentUrl"].removeprefix("https://example.org/aks/") in files
    assert "sitemap.xml" not in small()


def test_the_same_input_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    assert whole() == files
    assert list(files) == sorted(files)


def test_a_rule_page_tells_facts_life_words_and_sources(pages: dict[str, Reader]) -> None:
    page = words(pages["rules/AzureCloud/core/any_udp-1194.html"])
    assert "Any one of these is enough: * any address tag:AzureCloud.{region} service tag set:RegionCIDRs" in page
    assert "only if the cluster already exists" in page
    assert "unless the cluster is private" in page
    assert "First seen 9 March 2020, last changed 30 March 2022." in page
    assert "azure-global-required-network-rules, table 1, row 1, en-us, upstream commit ccbb339ba" in page
    assert "AzureUSGovernment/core/any:udp-1194" in page


def test_a_rule_that_left_the_page_says_since_when_and_what_may_go(pages: dict[str, Reader]) -> None:
    page = words(pages["rules/AzureChinaCloud/core/mcr.microsoft.cn_tcp-443.html"])
    assert "Was required until 13 March 2025." in page
    assert "required" not in page.replace("Was required until", "").replace("required-fqdn", "")
    assert "It may go from a firewall once nothing of yours uses it." in page


def test_a_rule_page_says_its_description_once_and_folds_other_languages(files: dict[str, bytes]) -> None:
    name = "AzureCloud/core/mcr.microsoft.com:tcp-443"
    page = files[rule_path(name)].decode()
    assert page.count(str(escape(TEXTS["en-us"][name][0]))) == 1
    assert page.count('<details name="language">') == 3
    assert '<details name="language" open>' not in page


def test_history_names_hosts_and_a_version_page_shows_a_change_once(
    files: dict[str, bytes], pages: dict[str, Reader]
) -> None:
    assert "+ *.cloud.defender.microsoft.com" in words(pages["history.html"])
    page = files["history/2025.7.3.html"].decode().partition("<main")[2]
    assert page.count("*.cloud.defender.microsoft.com") == 1
    for path in (path for path in pages if path.startswith("history/")):
        links = [one["href"] for one in pages[path].all("a") if "rules/" in (one.get("href") or "")]
        named = [link for link, count in Counter(links).items() if count > 4]
        assert named == [], path  # what is new and what may go name a host, and the feature that asks for it


def test_a_rule_within_its_hold_is_kept() -> None:
    catalog = CATALOG
    gone = Lifecycle(status=Status.MISSING, since=dt.date(2026, 7, 1), until=dt.date(2026, 7, 15), commit="f" * 40)
    first, *rest = catalog.rules
    held = replace(catalog, rules=Rules((replace(first, lifecycle=gone), *rest)))
    made = site_files(held, History(attribution="", events=(), rules={}), {}, announced=(), now=NOW)
    page = words(Reader(made[rule_path(first.id)]))
    assert "Missing from the article since 1 July 2026: keep it. It counts as removed on 15 July 2026" in page
    assert b"missing from the article since 2026-07-01: keep it" in made["index.html"]


def test_known_defects_stand_where_they_matter(pages: dict[str, Reader]) -> None:
    assert "mcrprod.azurecr.io" in pages["features/core.html"].text
    assert "Note. While the registry was out" in words(pages["features/core.html"])
    assert "Known gap" in pages["rules/AzureCloud/key-vault-csi/vault.azure.net_tcp-443.html"].text


def test_stale_translations_are_marked(pages: dict[str, Reader]) -> None:
    page = words(pages["rules/AzureCloud/core/mcr.microsoft.com_tcp-443.html"])
    assert "Deutsch stale" in page
    assert "older than the English page" in page
    assert "日本語 stale" not in page
    options = [one for one in pages["index.html"].all("option") if "data-state" in one]
    assert {(one["value"], one["data-state"]) for one in options} == {
        ("en-us", "current"), ("bg-bg", "untranslated"), ("de-de", "stale"), ("ja-jp", "current"), ("zh-cn", "current"),
    }  # fmt: skip
    assert [one["value"] for one in options if "disabled" in one] == ["bg-bg"]


def test_what_a_locale_is_worth_follows_from_the_catalog_where_nobody_reports_it() -> None:
    catalog = CATALOG
    older = tuple(
        replace(page, updated=page.updated - dt.timedelta(days=3)) if page.updated and page.locale == "ja-jp" else page
        for page in catalog.pages
    )
    assert locale_states(replace(catalog, pages=older), TEXTS) == {
        "bg-bg": "untranslated", "de-de": "current", "en-us": "current", "ja-jp": "stale", "zh-cn": "current",
    }  # fmt: skip


def test_a_version_page_tells_what_to_add_and_what_may_go(pages: dict[str, Reader]) -> None:
    page = words(pages["history/2025.5.8.html"])
    assert "What changed from version 2025.3.13 to 2025.5.8: 1 removed." in page
    assert "New endpoints: 0" in page
    assert "No longer asked for: 1 They may go once nothing of yours uses them." in page
    first = words(pages["history/2019.4.3.html"])
    assert "The first revision that is known, version 2019.4.3, with 69 rules." in first


def test_the_picture_says_in_words_what_it_shows(files: dict[str, bytes]) -> None:
    page = files["history.html"].decode()
    counts = {cloud: len(CATALOG.rules(cloud=cloud)) for cloud in ("AzureCloud", "AzureChinaCloud")}
    assert all(f"{cloud}: {count} rules at the last version." in page for cloud, count in counts.items())
    marks = re.findall(r'class="mark (\w+)"[^>]*><title>([\d-]+): ([^<]+)</title>', page)
    assert len(marks) == 2 * 49  # once for a desk, once for a phone
    assert ("breaking", "2025-07-03", "1 added") in marks


def test_a_history_without_events_and_a_catalog_without_rules_make_a_site_all_the_same() -> None:
    empty = replace(CATALOG, rules=Rules(()))
    made = site_files(empty, History(attribution="", events=(), rules={}), {}, announced=(), now=NOW)
    assert b"No revision of the article is known yet." in made["history.html"]
    assert b"There is only one version" in made["compare.html"]
    assert b"No feeds are served here." in made["subscribe.html"]
    assert not [path for path in made if path.startswith("rules/")]


def test_feeds_and_files_to_poll_are_linked_where_they_are_served() -> None:
    beside = {
        "feeds/all.atom": b"", "feeds/all.ics": b"", "feeds/cloud/AzureCloud.json": b"", "version.json": b"",
        "changes/since/2026.7.2.json": b"", "catalog/latest.json": b"", "status.json": b"", "badge.svg": b"",
        "schema/catalog-1.schema.json": b"",
    }  # fmt: skip
    made = small(beside=beside, base_url="https://example.org/aks/")
    page = Reader(made["subscribe.html"])
    links = {one.get("href") for one in page.all("a")}
    assert beside.keys() - {"badge.svg", "schema/catalog-1.schema.json"} <= links
    assert "feeds/all.json" not in links
    assert page.all("img") == [{"src": "badge.svg", "alt": "Badge: how fresh the data is"}]
    assert "https://example.org/aks/badge.svg" in page.text
    assert b'href="schema/catalog-1.schema.json"' in made["download.html"]
    assert b'<link rel="canonical" href="https://example.org/aks/history.html">' in made["history.html"]
    assert b'href="/aks/static/site.css"' in made["404.html"]
    assert made["badge.svg"] == b""


def test_every_file_of_the_release_can_be_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    live = replace(CATALOG, origin=Origin.LIVE)
    packages = dict.fromkeys(
        ("aks_egress_catalog-2026.7.2-py3-none-any.whl", "aks_egress_catalog-2026.7.2.tar.gz"), b""
    )
    monkeypatch.setattr(assets, "build_packages", lambda *_: packages)
    monkeypatch.setattr(assets, "export_files", lambda _: ())
    made = site_files(live, History(attribution="", events=(), rules={}), {}, announced=(), now=NOW, repository="o/r")
    page = Reader(made["download.html"])
    start = "https://github.com/o/r/releases/download/v2026.7.2/"
    linked = [one["href"] or "" for one in page.all("a") if (one.get("href") or "").startswith(start)]
    released = assets.make_assets(ROOT, live, summarize(()))
    assert {link.removeprefix(start) for link in linked} == set(released)
    assert {"download/rules.csv", "download/catalog.json", "download/history.json"} <= made.keys()
    assert made["download/rules.csv"].startswith(b"id,cloud,cloud_stated,")


def test_data_of_embedded_pages_offers_no_release(files: dict[str, bytes]) -> None:
    assert b"there is no release of it" in files["download.html"]


def test_hostile_text_in_every_field_stays_text(hostile_files: dict[str, bytes]) -> None:
    shown = ""
    for path, content in hostile_files.items():
        assert not path.startswith("/")
        assert ".." not in PurePosixPath(path).parts
        if not path.endswith(".html"):
            continue
        page = Reader(content)
        shown += page.text
        assert {tag for tag, _ in page.elements} <= ALLOWED, path
        assert len([one for one in page.all("script") if "src" in one]) == 1, path
        for tag, attributes in page.elements:
            assert not any(name.startswith("on") or name in ("style", "autofocus") for name in attributes), (path, tag)
            link = attributes.get("href") or attributes.get("src") or ""
            assert urlsplit(link).scheme in ("", "https"), (path, link)
            assert not link.startswith("//"), (path, link)
        assert not set("\u202e\u2066\u0000\u001b") & set(content.decode()), path
    for mean in HOSTILE[:6]:
        assert mean in shown
    assert "a\ufffdb\ufffdc\ufffdd\ufffde" in shown


def test_hostile_text_in_data_for_scripts_stays_within_its_string(hostile_files: dict[str, bytes]) -> None:
    for path in ("data/check.json", "data/cluster.json", "plan/since/2019.4.3.json", "data/texts/de-de.json"):
        assert json.loads(hostile_files[path])
        assert "\u202e" not in hostile_files[path].decode()


@pytest.mark.parametrize("locale", ["../x", "de", "DE-de", "de-de/..", "<b>", ""])
def test_a_locale_that_no_file_may_be_named_after_is_refused(locale: str) -> None:
    with pytest.raises(SiteError, match="is not a locale"):
        site_files(CATALOG, HISTORY, {locale: {}}, announced=(), now=NOW)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "example.org", "ftp://example.org/", "//example.org"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SiteError, match="is not where a site can be"):
        small(base_url=address)


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(SiteError, match="two files of the site would be"):
        small(beside={"Index.html": b""})


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://learn.microsoft.com/en-us/azure", True),
        ("https://learn.microsoft.com/a?b=c#d", True),
        ("javascript:alert(1)", False),
        ("https://user@evil.example/", False),
        ("https:evil", False),
        ("//evil.example", False),
        ("https://a.b/ c", False),
        (" https://a.b/", False),
        ("https://a.b/\n", False),
    ],
)
def test_only_plain_web_addresses_are_linked(address: str, linked: bool) -> None:
    assert is_web(address) is linked


def test_descriptions_keep_the_signs_that_their_language_is_written_with() -> None:
    persian = "می\u200cخواهم"
    assert prose(persian) == persian
    assert prose("a\u2028b\u2066\ud800") == "a b\ufffd\ufffd"


@pytest.mark.slow
def test_the_command_writes_the_site_of_the_shipped_data_with_what_lies_beside_it(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        site,
        ["--out", f"{tmp_path}/site", "--root", str(ROOT), "--state", f"{tmp_path}/state"],
        env={"GITHUB_REPOSITORY": "Owner/name"},
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    made = {path.relative_to(tmp_path / "site").as_posix(): path for path in (tmp_path / "site").rglob("*.*")}
    assert "feeds/all.atom" in made
    pages = {name: Reader(path.read_bytes()) for name, path in made.items() if name.endswith(".html")}
    assert dead_links(made, pages) == set()
    assert re.match(
        rf"{len(pages)} pages, \d+ files, [\d.]+ MB in .*, for https://owner\.github\.io/name/\n", done.output
    )


def test_a_day_is_told_once_in_the_list_of_versions(pages: dict[str, Reader]) -> None:
    found = [one["href"] for one in pages["history.html"].all("a") if (one.get("href") or "").startswith("history/")]
    links = found[1:]  # the first is of the line at the top
    assert len(links) == len(set(links)) == 49


@pytest.mark.slow
def test_what_is_shown_is_what_was_released_though_main_is_ahead(tmp_path: Path) -> None:
    """Feeds and pages speak of a version once its release is there, and not when its pull request is merged."""
    release = HISTORY.release("2025.7.3")
    known = replace(catalog_after(HISTORY, release.events), version=release.version)
    place = tmp_path / "build" / "released"
    place.mkdir(parents=True)
    (place / "versions.json").write_text("[]", encoding="utf-8")
    (place / "catalog.json").write_text(to_json(known), encoding="utf-8")
    short = replace(HISTORY, events=HISTORY.events[: release.events], rules={})
    (place / "history.json").write_text(history_json(short), encoding="utf-8")
    arguments = ["--out", f"{tmp_path}/site", "--root", str(ROOT), "--released", f"{tmp_path}/build"]
    assert CliRunner().invoke(site, arguments, catch_exceptions=False).exit_code == 0
    written = (tmp_path / "site" / "version.json").read_text(encoding="utf-8")
    assert json.loads(written)["version"] == known.version
