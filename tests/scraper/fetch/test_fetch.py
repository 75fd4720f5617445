"""fetch against a real server on loopback that misbehaves. No mocks; waits are for events."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import pytest

from scraper.fetch.config import PAGES_TOML, ConfigError, FetchConfig, Limits, read_config
from scraper.fetch.transport import retry_after
from scraper.fetch.visit import Failed, Fetched, FetchResult, Reason, fetch_pages
from tests.scraper.fetch import misbehaving
from tests.scraper.fetch.misbehaving import HTML, Host, cut_short, page, redirect, status, tagged

ARTICLE: Final = b"<!DOCTYPE html><html><body><main id='main'><h1>Rules</h1></main></body></html>"
NEWER: Final = ARTICLE.replace(b"Rules", b"Newer rules")
MARKDOWN: Final = b"---\ntitle: Rules\n---\n# Rules\n"
ROBOTS: Final = "/robots.txt"
LIMITS: Final = Limits(
    concurrency=3,
    connect_seconds=5,
    read_seconds=5,
    page_seconds=10,
    page_bytes=100_000,
    attempts=3,
    redirects=5,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.002,
    longest_retry_after_seconds=5,
)


def path_of(locale: str) -> str:
    return f"/{locale}/azure/aks/rules"


@dataclass(frozen=True)
class Pipeline:
    """A host, the folders of a run, and the run."""

    host: Host
    folder: Path

    def run(self, *locales: str, limits: Limits = LIMITS) -> FetchResult:
        config = FetchConfig(
            base_url=self.host.url,
            article="azure/aks/rules",
            user_agent="aks-egress-catalog (+https://github.com/aks-egress-catalog/aks-egress-catalog)",
            locales=("en-us", "de-de", "fr-fr", "es-es", "it-it", "ja-jp", "bg-bg"),
            limits=limits,
        )
        return fetch_pages(config, locales=locales, out=self.folder / "out", state=self.folder / "state")

    def fetched(self, locale: str, limits: Limits = LIMITS) -> Fetched:
        (outcome,) = self.run(locale, limits=limits).outcomes
        assert isinstance(outcome, Fetched), str(outcome)
        return outcome

    def failed(self, locale: str, limits: Limits = LIMITS) -> Failed:
        (outcome,) = self.run(locale, limits=limits).outcomes
        assert isinstance(outcome, Failed), str(outcome)
        assert str(outcome).startswith(f"{locale}.html: {self.host.url}{path_of(locale)} {outcome.what}. ")
        assert str(outcome).endswith(outcome.reason.next_step)
        assert not list((self.folder / "out").glob(".*")), "a part was left behind"
        return outcome


@pytest.fixture
def host() -> Iterator[Host]:
    with misbehaving.serving() as host:
        yield host


@pytest.fixture
def pipeline(host: Host, tmp_path: Path) -> Pipeline:
    return Pipeline(host, tmp_path)


# ------------------------------------------------------------------------------------------ the usual day


def test_every_locale_becomes_a_file_and_english_is_markdown_too(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("en-us"), page(ARTICLE))
    host.on(path_of("en-us") + "?accept=text/markdown", page(MARKDOWN, "text/markdown; charset=utf-8"))
    host.on(path_of("de-de"), page(NEWER))
    result = pipeline.run("en-us", "de-de")
    assert [str(outcome) for outcome in result.outcomes] == [
        "en-us.html: fetched",
        "de-de.html: fetched",
        "en-us.md: fetched",
    ]
    assert {file.name: file.read_bytes() for file in (pipeline.folder / "out").iterdir()} == {
        "en-us.html": ARTICLE,
        "de-de.html": NEWER,
        "en-us.md": MARKDOWN,
    }
    assert not result.failed


def test_the_host_learns_who_asks_and_where_to_complain(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), page(ARTICLE))
    pipeline.fetched("de-de")
    assert {seen.headers["User-Agent"] for seen in host.seen} == {
        "aks-egress-catalog (+https://github.com/aks-egress-catalog/aks-egress-catalog)"
    }


def test_a_packed_page_is_unpacked(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), page(gzip.compress(ARTICLE), Content_Encoding="gzip"))
    assert pipeline.fetched("de-de").path.read_bytes() == ARTICLE


def test_headers_that_nobody_understands_do_no_harm(host: Host, pipeline: Pipeline) -> None:
    strange = {"Cache_Control": 'max-age="x, =', "Vary": "*, ,", "Date": "soon", "X_Note": "caf\xe9"}
    host.on(path_of("de-de"), page(ARTICLE, ETag="", Expires="0", Last_Modified="99999", **strange))
    assert pipeline.fetched("de-de").modified
    assert pipeline.fetched("de-de").modified


def test_a_cookie_set_for_one_page_is_not_shown_for_the_next(host: Host, pipeline: Pipeline) -> None:
    for locale in ("de-de", "fr-fr"):
        host.on(path_of(locale), page(ARTICLE, Set_Cookie=f"locale={locale}; Path=/"))
    pipeline.run("de-de", "fr-fr", limits=replace(LIMITS, concurrency=1))
    assert not any("Cookie" in seen.headers for seen in host.seen)


# ------------------------------------------------------------------------------------ asked a second time


def test_an_unchanged_page_is_asked_for_conditionally_and_kept(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), tagged('"v1"', ARTICLE))
    assert pipeline.fetched("de-de").modified
    outcome = pipeline.fetched("de-de")
    assert not outcome.modified
    assert str(outcome) == "de-de.html: not modified"
    assert [seen.headers["If-None-Match"] for seen in host.asked(path_of("de-de"))] == [None, '"v1"']


def test_an_unchanged_page_is_written_into_an_empty_folder(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), tagged('W/"v1"', ARTICLE))
    pipeline.fetched("de-de").path.unlink()
    outcome = pipeline.fetched("de-de")
    assert (outcome.modified, outcome.path.read_bytes()) == (False, ARTICLE)


def test_a_changed_page_is_fetched_however_fresh_the_old_one_claims_to_be(host: Host, pipeline: Pipeline) -> None:
    old = {"Cache_Control": "public, max-age=604800", "Last_Modified": "Wed, 01 Jan 2020 00:00:00 GMT"}
    host.on(path_of("de-de"), page(ARTICLE, **old), page(NEWER))
    pipeline.fetched("de-de")
    outcome = pipeline.fetched("de-de")
    assert (outcome.modified, outcome.path.read_bytes()) == (True, NEWER)
    assert host.asked(path_of("de-de"))[1].headers["If-Modified-Since"] == "Wed, 01 Jan 2020 00:00:00 GMT"


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(page(NEWER[:40], ETag='"v2"'), id="without-its-end"),
        pytest.param(page(b"<html>We value your privacy</html>", ETag='"v2"'), id="consent-page"),
        pytest.param(status(501, ETag='"v2"', Cache_Control="max-age=60"), id="error"),
        pytest.param(status(301, ETag='"v2"', Location="/en-us/azure/aks/rules"), id="redirect"),
        pytest.param(cut_short(NEWER), id="cut-short"),
    ],
)
def test_a_bad_answer_is_never_remembered(host: Host, pipeline: Pipeline, bad: misbehaving.Answer) -> None:
    host.on(path_of("de-de"), tagged('"v1"', ARTICLE))
    pipeline.fetched("de-de")
    host.on(path_of("de-de"), bad)
    pipeline.failed("de-de")
    host.on(path_of("de-de"), tagged('"v1"', ARTICLE))
    outcome = pipeline.fetched("de-de")
    assert (outcome.modified, outcome.path.read_bytes()) == (False, ARTICLE)


def test_a_damaged_cache_costs_a_fetch_and_no_page(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), tagged('"v1"', ARTICLE))
    pipeline.fetched("de-de")
    (pipeline.folder / "state/http/cache.db").write_bytes(b"no database" * 1000)
    assert pipeline.fetched("de-de").modified


# -------------------------------------------------------------------------------------- a host in trouble


def test_a_busy_host_is_asked_again_when_it_says(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), status(429, Retry_After="1"), page(ARTICLE))
    pipeline.fetched("de-de")
    first, second = host.asked(path_of("de-de"))
    assert second.at - first.at >= 1


def test_the_word_of_the_host_counts_more_than_our_own_patience(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), status(503, Retry_After="0"), page(ARTICLE))
    pipeline.fetched("de-de", limits=replace(LIMITS, first_wait_seconds=3600, longest_wait_seconds=3600))


@pytest.mark.parametrize("moment", ["seconds", "date"])
def test_a_host_that_wants_a_long_rest_gets_it(host: Host, pipeline: Pipeline, moment: str) -> None:
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    asked = {"seconds": "86400", "date": format_datetime(tomorrow, usegmt=True)}[moment]
    host.on(path_of("de-de"), status(429, Retry_After=asked))
    outcome = pipeline.failed("de-de")
    assert (outcome.reason, outcome.what) == (Reason.BUSY, f"answers 429 (Retry-After: {asked})")
    assert len(host.asked(path_of("de-de"))) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Tue, 21 Oct 2025 07:28:30 GMT", 30),
        ("Tue, 21 Oct 2025 07:00:00 GMT", 0),
        ("Tue, 21 Oct 2025 07:28:30 -0000", 30),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, now=dt.datetime(2025, 10, 21, 7, 28, tzinfo=dt.UTC)) == seconds


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_passing_server_error_is_asked_again(host: Host, pipeline: Pipeline, code: int) -> None:
    host.on(path_of("de-de"), status(code), status(code), page(ARTICLE))
    assert pipeline.fetched("de-de").path.read_bytes() == ARTICLE


def test_a_lasting_server_error_ends_after_the_attempts(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), status(500))
    assert pipeline.failed("de-de").reason is Reason.BUSY
    assert len(host.asked(path_of("de-de"))) == LIMITS.attempts


def test_a_page_that_is_not_there_is_asked_for_once(host: Host, pipeline: Pipeline) -> None:
    outcome = pipeline.failed("de-de")
    assert (outcome.reason, outcome.what) == (Reason.STATUS, "answers 404")
    assert len(host.asked(path_of("de-de"))) == 1


def test_not_modified_without_a_condition_is_no_page(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), status(304))
    assert pipeline.failed("de-de").what == "answers 304"


BROKEN: Final = [
    pytest.param(misbehaving.reset_midway(ARTICLE), id="reset-midway"),
    pytest.param(cut_short(ARTICLE), id="shorter-than-promised"),
    pytest.param(page(ARTICLE[:40]), id="without-its-end"),
    pytest.param(page(gzip.compress(ARTICLE)[:-9], Content_Encoding="gzip"), id="half-a-gzip-stream"),
    pytest.param(page(ARTICLE, Content_Encoding="gzip"), id="no-gzip-stream"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_off_page_is_asked_for_again(host: Host, pipeline: Pipeline, broken: misbehaving.Answer) -> None:
    host.on(path_of("de-de"), broken, page(ARTICLE))
    assert pipeline.fetched("de-de").path.read_bytes() == ARTICLE


@pytest.mark.parametrize("broken", BROKEN)
def test_a_page_that_always_breaks_off_fails(host: Host, pipeline: Pipeline, broken: misbehaving.Answer) -> None:
    host.on(path_of("de-de"), broken)
    assert pipeline.failed("de-de").reason is Reason.BROKEN_OFF
    assert len(host.asked(path_of("de-de"))) == LIMITS.attempts


def test_a_host_that_is_not_there_fails_every_page(tmp_path: Path) -> None:
    with misbehaving.serving() as host:
        pipeline = Pipeline(host, tmp_path)
    outcome = pipeline.failed("de-de")
    assert outcome.reason is Reason.ROBOTS
    assert outcome.what.startswith("is not asked for, because robots.txt could not be read (ConnectError")


# --------------------------------------------------------------------------------- bodies without measure


def test_an_endless_body_is_cut_off(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), misbehaving.endless)
    assert pipeline.failed("de-de").reason is Reason.TOO_LARGE
    assert host.hung_up.wait(5), "the connection was left open"


@pytest.mark.parametrize("drip", [misbehaving.dripping_body, misbehaving.dripping_headers])
def test_a_slow_drip_ends_with_the_time_of_its_page(host: Host, pipeline: Pipeline, drip: misbehaving.Answer) -> None:
    host.on(path_of("de-de"), drip)
    host.on(path_of("fr-fr"), page(ARTICLE))
    limits = replace(LIMITS, page_seconds=0.4, longest_retry_after_seconds=0)
    slow, other = pipeline.run("de-de", "fr-fr", limits=limits).outcomes
    assert isinstance(slow, Failed)
    assert (slow.reason, slow.what) == (Reason.TOO_SLOW, "did not come within 0.4 s")
    assert isinstance(other, Fetched)


def test_a_gzip_bomb_never_unfolds(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), misbehaving.gzip_bomb(50_000_000))
    tracemalloc.start()
    try:
        outcome = pipeline.failed("de-de")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert outcome.reason is Reason.TOO_LARGE
    assert peak < 5_000_000


def test_a_bomb_in_a_bomb_is_not_opened(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), misbehaving.gzip_bomb(50_000_000, "gzip, gzip"))
    assert pipeline.failed("de-de").what == "comes packed as gzip, gzip, and only gzip was asked for"


# ------------------------------------------------------------------------------------- is it the article?


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(page(ARTICLE, "application/json"), Reason.CONTENT_TYPE, id="wrong-content-type"),
        pytest.param(page(ARTICLE, ""), Reason.CONTENT_TYPE, id="no-content-type"),
        pytest.param(page(b"<html>We value your privacy</html>"), Reason.NO_ARTICLE, id="consent-page"),
        pytest.param(page(b"<html><mainly></main></html>"), Reason.NO_ARTICLE, id="no-main"),
        pytest.param(page(b"<html><main></html>"), Reason.NO_ARTICLE, id="main-without-end"),
    ],
)
def test_a_page_that_is_no_article_fails_at_once(
    host: Host, pipeline: Pipeline, answer: misbehaving.Answer, reason: Reason
) -> None:
    host.on(path_of("de-de"), answer)
    assert pipeline.failed("de-de").reason is reason
    assert len(host.asked(path_of("de-de"))) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(page(ARTICLE, HTML), Reason.CONTENT_TYPE, id="html"),
        pytest.param(page(b"Sorry.\n", "text/markdown"), Reason.NO_ARTICLE, id="no-heading"),
    ],
)
def test_markdown_that_is_none_fails_and_leaves_the_html(
    host: Host, pipeline: Pipeline, answer: misbehaving.Answer, reason: Reason
) -> None:
    host.on(path_of("en-us"), page(ARTICLE))
    host.on(path_of("en-us") + "?accept=text/markdown", answer)
    html, markdown = pipeline.run("en-us").outcomes
    assert isinstance(html, Fetched)
    assert isinstance(markdown, Failed)
    assert (markdown.copy.file_name, markdown.reason) == ("en-us.md", reason)


# ---------------------------------------------------------------------------------------------- redirects


def test_a_redirect_within_the_locale_is_followed(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), redirect("/DE-DE/azure/aks/new-name"))
    host.on("/DE-DE/azure/aks/new-name", page(ARTICLE))
    assert pipeline.fetched("de-de").path.read_bytes() == ARTICLE


def test_a_redirect_to_english_means_not_translated(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), redirect(path_of("en-us")))
    host.on(path_of("en-us"), page(ARTICLE))
    outcome = pipeline.failed("de-de")
    assert outcome.reason is Reason.OTHER_LOCALE
    assert outcome.what.endswith("; Learn answers de-de with en-us: the locale is not translated")
    assert not host.asked(path_of("en-us"))


@pytest.mark.parametrize("to", ["http://localhost:1/de-de/x", "//127.0.0.1:1/de-de/x", "https:///x", "ftp:x"])
def test_a_redirect_to_another_host_is_not_followed(host: Host, pipeline: Pipeline, to: str) -> None:
    host.on(path_of("de-de"), redirect(to))
    assert pipeline.failed("de-de").reason is Reason.OTHER_HOST


def test_a_redirect_to_nowhere_fails(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), redirect("http://127.0.0.1:port/de-de/x"))
    assert pipeline.failed("de-de").reason is Reason.UNREACHABLE


def test_a_redirect_loop_is_seen(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), redirect("/de-de/b"))
    host.on("/de-de/b", redirect(path_of("de-de")))
    outcome = pipeline.failed("de-de")
    assert outcome.reason is Reason.REDIRECTS
    assert "in a circle" in outcome.what
    assert len(host.asked("/de-de/b")) == 1


def test_a_long_chain_of_redirects_is_left(host: Host, pipeline: Pipeline) -> None:
    chain = [path_of("de-de"), *(f"/de-de/{n}" for n in range(LIMITS.redirects + 1))]
    for here, there in itertools.pairwise(chain):
        host.on(here, redirect(there))
    assert pipeline.failed("de-de").what == "sends on more than 5 times"
    assert not host.asked(chain[-1])


# --------------------------------------------------------------------------------------------- robots.txt


def test_what_robots_txt_forbids_is_not_asked_for(host: Host, pipeline: Pipeline) -> None:
    host.on(ROBOTS, page(b"\xef\xbb\xbfUser-agent: *\nDisallow: /de-de/\n", "text/plain"))
    host.on(path_of("de-de"), page(ARTICLE))
    host.on(path_of("fr-fr"), page(ARTICLE))
    forbidden, allowed = pipeline.run("de-de", "fr-fr").outcomes
    assert isinstance(forbidden, Failed)
    assert forbidden.reason is Reason.ROBOTS
    assert forbidden.what.endswith(f"robots.txt forbids {path_of('de-de')}")
    assert isinstance(allowed, Fetched)
    assert not host.asked(path_of("de-de"))


def test_robots_txt_can_speak_to_us_by_name(host: Host, pipeline: Pipeline) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: AKS-egress-catalog\nDisallow: /fr-fr/\n"
    host.on(ROBOTS, page(rules, "text/plain"))
    host.on(path_of("de-de"), page(ARTICLE))
    assert [type(outcome) for outcome in pipeline.run("de-de", "fr-fr").outcomes] == [Fetched, Failed]


def test_what_robots_txt_says_to_the_host_of_our_contact_is_not_said_to_us(host: Host, pipeline: Pipeline) -> None:
    host.on(ROBOTS, page(b"User-agent: github.com\nDisallow: /\n", "text/plain"))
    host.on(path_of("de-de"), page(ARTICLE))
    pipeline.fetched("de-de")


def test_a_redirect_does_not_lead_round_robots_txt(host: Host, pipeline: Pipeline) -> None:
    host.on(ROBOTS, page(b"User-agent: *\nDisallow: /de-de/hidden\n", "text/plain"))
    host.on(path_of("de-de"), redirect("/de-de/hidden"))
    assert pipeline.failed("de-de").reason is Reason.ROBOTS
    assert not host.asked("/de-de/hidden")


def test_the_distance_between_requests_that_robots_txt_asks_for_is_kept(host: Host, pipeline: Pipeline) -> None:
    host.on(ROBOTS, page(b"User-agent: *\nCrawl-delay: 0.2\n", "text/plain"))
    for locale in ("de-de", "fr-fr", "ja-jp"):
        host.on(path_of(locale), page(ARTICLE))
    assert not pipeline.run("de-de", "fr-fr", "ja-jp").failed
    distances = [later.at - earlier.at for earlier, later in itertools.pairwise(host.seen)]
    assert len(distances) == 3
    assert min(distances) > 0.15


def test_a_distance_longer_than_a_run_may_wait_is_told(host: Host, pipeline: Pipeline) -> None:
    host.on(ROBOTS, page(b"User-agent: *\nCrawl-delay: 86400\n", "text/plain"))
    host.on(path_of("de-de"), page(ARTICLE))
    failed = pipeline.failed("de-de")
    assert failed.reason is Reason.ROBOTS
    assert "robots.txt asks for 86400 s between two requests, and we wait" in failed.what
    assert not host.asked(path_of("de-de"))


@pytest.mark.parametrize("delay", ["soon", "-5", "nan", "inf", "1e999", ""])
def test_a_distance_that_is_none_stops_nothing(host: Host, pipeline: Pipeline, delay: str) -> None:
    host.on(ROBOTS, page(f"User-agent: *\nCrawl-delay: {delay}\n".encode(), "text/plain"))
    host.on(path_of("de-de"), page(ARTICLE))
    pipeline.fetched("de-de")


@pytest.mark.parametrize("code", [401, 404, 410])
def test_a_host_without_robots_txt_allows_all(host: Host, pipeline: Pipeline, code: int) -> None:
    host.on(ROBOTS, status(code))
    host.on(path_of("de-de"), page(ARTICLE))
    pipeline.fetched("de-de")


@pytest.mark.parametrize("code", [429, 503])
def test_a_robots_txt_in_trouble_forbids_all_for_now(host: Host, pipeline: Pipeline, code: int) -> None:
    host.on(ROBOTS, status(code))
    host.on(path_of("de-de"), page(ARTICLE))
    assert pipeline.failed("de-de").what == f"is not asked for, because robots.txt answers {code}"
    assert not host.asked(path_of("de-de"))


# --------------------------------------------------------------------------------------- many at one host


def test_one_locale_fails_alone_and_keeps_its_last_good_copy(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), page(ARTICLE))
    host.on(path_of("fr-fr"), page(ARTICLE))
    pipeline.run("de-de", "fr-fr")
    host.on(path_of("de-de"), cut_short(NEWER))
    host.on(path_of("fr-fr"), page(NEWER))
    result = pipeline.run("de-de", "fr-fr")
    assert [failed.copy.locale for failed in result.failed] == ["de-de"]
    assert {file.name: file.read_bytes() for file in (pipeline.folder / "out").iterdir()} == {
        "de-de.html": ARTICLE,
        "fr-fr.html": NEWER,
    }


def test_who_reads_a_copy_while_it_is_replaced_reads_the_old_one_whole(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), page(ARTICLE), page(NEWER))
    with pipeline.fetched("de-de").path.open("rb") as reader:
        assert pipeline.fetched("de-de").path.read_bytes() == NEWER
        assert reader.read() == ARTICLE


def test_a_file_that_cannot_be_written_fails_alone(host: Host, pipeline: Pipeline) -> None:
    host.on(path_of("de-de"), page(ARTICLE))
    host.on(path_of("fr-fr"), page(ARTICLE))
    (pipeline.folder / "out/de-de.html/in-the-way").mkdir(parents=True)
    blocked, other = pipeline.run("de-de", "fr-fr").outcomes
    assert isinstance(blocked, Failed)
    assert blocked.reason is Reason.NOT_WRITTEN
    assert isinstance(other, Fetched)
    assert not (pipeline.folder / "out/.de-de.html.part").exists()


def test_the_host_never_sees_more_guests_than_agreed(host: Host, pipeline: Pipeline) -> None:
    locales = ("de-de", "fr-fr", "es-es", "it-it", "ja-jp", "bg-bg")
    answer = misbehaving.together(3, page(ARTICLE))
    for locale in locales:
        host.on(path_of(locale), answer)
    assert not pipeline.run(*locales, limits=replace(LIMITS, concurrency=3)).failed
    assert host.most_at_once == 3


# ------------------------------------------------------------------------------------------ configuration


def test_the_shipped_configuration_is_readable_and_names_a_contact() -> None:
    config = read_config()
    assert "(+https://github.com/aks-egress-catalog/aks-egress-catalog)" in config.user_agent
    assert config.copies()[0].url == "https://learn.microsoft.com/en-us/azure/aks/outbound-rules-control-egress"
    assert config.copies()[-1].url == config.copies()[0].url + "?accept=text/markdown"
    assert len(config.copies()) == 20


@pytest.mark.parametrize(
    ("written", "instead", "reported"),
    [
        ("concurrency = 3", 'concurrency = "3"', "limits.concurrency: Input should be a valid integer"),
        ("attempts = 4", "attempts = true", "limits.attempts: Input should be a valid integer"),
        ("attempts = 4", "attemps = 4", "limits.attemps: Unexpected keyword argument"),
        (
            "connect_seconds = 10.0",
            "connect_seconds = inf",
            "limits.connect_seconds: Input should be a finite",
        ),
        (
            "page_seconds = 120.0",
            "page_seconds = 50",
            "longest_retry_after_seconds must be below page_seconds",
        ),
        ('"https://learn', '"http://learn', "base_url: String should match"),
        ('"bg-bg",', '"../bg",', "locales.1: String should match"),
        ('"bg-bg",', '"en-us",', "locales names one twice"),
        ("(+https://", "(https://", "user_agent: String should match"),
        ("[limits]", "[limits", "cannot be read as TOML"),
    ],
)
def test_a_slip_in_the_configuration_is_told_with_its_place(
    tmp_path: Path, written: str, instead: str, reported: str
) -> None:
    path = tmp_path / "pages.toml"
    text = PAGES_TOML.read_text(encoding="utf-8")
    assert written in text
    path.write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert reported in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_locale_that_is_not_configured_is_refused_before_anything_is_asked(host: Host, pipeline: Pipeline) -> None:
    with pytest.raises(ConfigError, match=r"locales has no \.\./etc, xx-xx"):
        pipeline.run("de-de", "xx-xx", "../etc")
    assert not host.seen
