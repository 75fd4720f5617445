"""The contract commands, run as a person runs them: what they write, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter, ValidationError

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import Origin
from aks_egress_catalog.store import from_json, load
from aks_egress_catalog.text.codec import to_json
from scraper.build import SNAPSHOT
from scraper.fetch.config import read_config
from scraper.schema import SCHEMA_FILE, catalog_schema

pytestmark = pytest.mark.slow  # a process for each command

ROOT: Final = Path(__file__).parents[2]
DATA: Final = ROOT / "catalog" / "aks_egress_catalog" / "data"
DONE, USAGE, BAD_INPUT = 0, 2, 3
FINDING: Final = {"severity", "code", "at", "message"}
LOCALES: Final = {"bg-bg", "de-de", "ja-jp", "zh-cn"}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scraper", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def ends(done: subprocess.CompletedProcess[str], code: int) -> subprocess.CompletedProcess[str]:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def content(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def reported(report: Path) -> set[tuple[str, str, str]]:
    """Severity, code and place of every finding that is no mere note."""
    findings = content(report)["findings"]
    return {(one["severity"], one["code"], one["at"]) for one in findings if one["severity"] != "note"}


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def page(locale: str = "en-us") -> str:
    return (SNAPSHOT / f"{locale}.html").read_text(encoding="utf-8")


GOOD: Final = page()
BAD: Final = GOOD.replace("nvidia.github.io", "nvid\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}a.github.io")
CUT: Final = GOOD[: len(GOOD) // 2]


def put(folder: Path, **pages: str | bytes) -> Path:
    """Write pages into a folder; a keyword's ``_`` stands for ``-``, and ``__`` for the dot of an ending."""
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        stem, _, ending = name.partition("__")
        file = folder / f"{stem.replace('_', '-')}.{ending or 'html'}"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``build`` makes of the snapshot; tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("built")
    ends(run("build", "--out", out), DONE)
    return out


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """A copy of the snapshot to change."""
    return Path(shutil.copytree(SNAPSHOT, tmp_path / "pages"))


# ---------------------------------------------------------------- build


def test_build_gives_the_same_bytes_every_time(built: Path, tmp_path: Path) -> None:
    ends(run("build", "--pages", SNAPSHOT, "--out", tmp_path), DONE)
    assert {name: data for name, data in files(tmp_path).items() if name != "report.json"} == {
        name: data for name, data in files(built).items() if name != "report.json"
    }


@pytest.mark.skipif(load().origin is Origin.LIVE, reason="the package ships what was read from live pages")
def test_what_the_package_ships_is_what_the_embedded_pages_give(built: Path) -> None:
    shipped = {name: data for name, data in files(DATA).items() if name == "catalog.json" or name.startswith("texts")}
    assert shipped == {name: data for name, data in files(built).items() if name != "report.json"}


def test_build_of_the_snapshot_writes_a_catalog_a_report_and_texts(built: Path) -> None:
    assert files(built).keys() == {
        "catalog.json",
        "report.json",
        *(f"texts/{locale}.json" for locale in ("de-de", "en-us", "ja-jp", "zh-cn")),
    }
    assert load(built / "catalog.json").origin is Origin.SNAPSHOT


def test_a_catalog_has_its_rules_at_its_top_level_by_the_names_of_the_design(built: Path) -> None:
    rules = content(built / "catalog.json")["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    tunnel = next(rule for rule in rules if rule["id"] == "AzureCloud/core/any:udp-1194")
    stated = {name: tunnel[name] for name in ("cloud", "feature", "level", "kind", "protocol", "port")}
    assert stated == {
        "cloud": "AzureCloud",
        "feature": "core",
        "level": "required",
        "kind": "network",
        "protocol": "UDP",
        "port": 1194,
    }


def test_a_report_says_what_was_found_and_what_each_locale_is_worth(built: Path) -> None:
    report = content(built / "report.json")
    assert report.keys() == {"findings", "locales"}
    assert {frozenset(finding) for finding in report["findings"]} == {frozenset(FINDING)}
    assert {finding["severity"] for finding in report["findings"]} == {"note"}
    assert all(finding["at"].partition("#")[0] in LOCALES | {"en-us"} for finding in report["findings"])
    assert report["locales"].keys() == LOCALES
    assert {locale: found["state"] for locale, found in report["locales"].items()} == {
        "bg-bg": "untranslated",
        "de-de": "current",
        "ja-jp": "current",
        "zh-cn": "current",
    }
    for found in report["locales"].values():
        assert found.keys() == {"state", "commit", "updated", "texts", "contradictions", "missing", "extra"}


def test_texts_map_the_ids_of_rules_to_lists(built: Path) -> None:
    ids = {rule["id"] for rule in content(built / "catalog.json")["rules"]}
    for file in (built / "texts").glob("*.json"):
        texts = content(file)
        assert texts.keys() <= ids
        assert all(said and all(isinstance(text, str) and text for text in said) for said in texts.values())


def test_a_locale_that_cannot_be_read_costs_its_text_and_nothing_else(
    snapshot: Path, built: Path, tmp_path: Path
) -> None:
    put(snapshot, de_de=CUT, ja_jp=b"\xff\xfe<html>", zh_cn="")
    ends(run("build", "--pages", snapshot, "--out", tmp_path / "out"), DONE)
    report = content(tmp_path / "out" / "report.json")
    states = {locale: report["locales"][locale]["state"] for locale in LOCALES}
    assert states == {"bg-bg": "untranslated", "de-de": "damaged", "ja-jp": "damaged", "zh-cn": "damaged"}
    assert content(tmp_path / "out" / "catalog.json")["rules"] == content(built / "catalog.json")["rules"]
    assert {file.name for file in (tmp_path / "out" / "texts").iterdir()} == {"en-us.json"}
    assert not reported(tmp_path / "out" / "report.json")


def test_configured_locales_without_a_page_are_reported_as_missing(snapshot: Path, tmp_path: Path) -> None:
    (snapshot / "de-de.html").unlink()
    ends(run("build", "--pages", snapshot, "--out", tmp_path / "out"), DONE)
    locales = content(tmp_path / "out" / "report.json")["locales"]
    missing = {locale for locale, found in locales.items() if found["state"] == "missing"}
    assert missing == set(read_config().locales) - {"en-us", "bg-bg", "ja-jp", "zh-cn"}
    assert locales.keys() == set(read_config().locales) - {"en-us"}


def test_witnesses_that_differ_are_held_at_their_row(snapshot: Path, tmp_path: Path) -> None:
    markdown = (snapshot / "en-us.md").read_text(encoding="utf-8")
    row = next(line for line in markdown.splitlines() if "nvidia.github.io" in line)
    put(snapshot, en_us__md=markdown.replace(row, row.replace("443", "8443")))
    ends(run("build", "--pages", snapshot, "--out", tmp_path / "out"), DONE)
    at = "en-us#gpu-enabled-aks-clusters-required-fqdn--application-rules/table[1]/row[1]"
    assert reported(tmp_path / "out" / "report.json") == {("hold", "witnesses-differ", at)}
    assert (tmp_path / "out" / "catalog.json").exists()


def test_without_the_second_witness_the_report_says_so(snapshot: Path, tmp_path: Path) -> None:
    (snapshot / "en-us.md").unlink()
    ends(run("build", "--pages", snapshot, "--out", tmp_path / "out"), DONE)
    assert "one-witness" in {one["code"] for one in content(tmp_path / "out" / "report.json")["findings"]}


def test_a_second_witness_that_could_not_be_fetched_holds_the_result_and_says_why(
    snapshot: Path, tmp_path: Path
) -> None:
    (snapshot / "en-us.md").unlink()
    missed = {
        "en-us.md": "https://learn.example/en-us answers 404",
        "fr-fr.html": "https://learn.example/fr-fr answers 500",
    }
    (snapshot / "missed.json").write_text(json.dumps(missed), encoding="utf-8")
    ends(run("build", "--pages", snapshot, "--out", tmp_path / "out"), DONE)
    report = content(tmp_path / "out" / "report.json")
    (found,) = [one for one in report["findings"] if one["code"] == "one-witness"]
    assert found["severity"] == "hold"
    assert found["message"].endswith("https://learn.example/en-us answers 404")
    assert any("answers 500" in one["message"] for one in report["findings"] if one["at"].startswith("fr-fr"))


def stale(out: Path) -> Path:
    """What an earlier run left: a catalog, a report and a text that this one does not give."""
    (out / "texts").mkdir(parents=True)
    for name in ("catalog.json", "report.json", "texts/fr-fr.json"):
        (out / name).write_text("{}\n", encoding="utf-8")
    return out


def test_build_takes_away_the_texts_of_an_earlier_run(snapshot: Path, tmp_path: Path) -> None:
    out = stale(tmp_path / "out")
    ends(run("build", "--pages", snapshot, "--out", out), DONE)
    assert not (out / "texts" / "fr-fr.json").exists()


def test_build_that_fails_takes_away_the_catalog_of_an_earlier_run(snapshot: Path, tmp_path: Path) -> None:
    out = stale(tmp_path / "out")
    ends(run("build", "--pages", put(snapshot, en_us=BAD), "--out", out), BAD_INPUT)
    assert not (out / "catalog.json").exists()
    assert ("error", "strange-letter") in {one[:2] for one in reported(out / "report.json")}


def test_build_that_fails_takes_away_the_texts_of_an_earlier_run(snapshot: Path, tmp_path: Path) -> None:
    out = stale(tmp_path / "out")
    ends(run("build", "--pages", put(snapshot, en_us=BAD), "--out", out), BAD_INPUT)
    assert not list(out.glob("texts/*"))


BAD_AUTHORITIES: Final = {
    "no page of en-us": (None, {("error", "unreadable-file", "en-us")}),
    "a cut page": (CUT, {("error", "cut-page", "en-us")}),
    "a page of another locale": (page("de-de"), {("error", "wrong-locale", "en-us")}),
    "an error page": ("<html><body>404</body></html>", None),
    "bytes that are no text": (b"\xff\xfe" + GOOD.encode("utf-16-le"), {("error", "unreadable-file", "en-us")}),
}  # fmt: skip


@pytest.mark.parametrize("text", [b"\xff\xfe", None], ids=["no text", "a folder"])
def test_a_second_witness_that_cannot_be_read_is_bad_input(snapshot: Path, tmp_path: Path, text: bytes | None) -> None:
    out, witness = stale(tmp_path / "out"), snapshot / "en-us.md"
    witness.unlink()
    if text is None:
        witness.mkdir()
    else:
        witness.write_bytes(text)
    ends(run("build", "--pages", snapshot, "--out", out), 3)
    assert ("error", "unreadable-file", "en-us") in reported(out / "report.json")
    assert not (out / "catalog.json").exists()


@pytest.mark.parametrize(("text", "errors"), BAD_AUTHORITIES.values(), ids=BAD_AUTHORITIES)
def test_without_a_readable_authority_there_is_a_report_and_no_catalog(
    snapshot: Path, tmp_path: Path, text: str | bytes | None, errors: set[tuple[str, str, str]] | None
) -> None:
    (snapshot / "en-us.html").unlink()
    if text is not None:
        put(snapshot, en_us=text)
    ends(run("build", "--pages", snapshot, "--out", tmp_path / "out"), BAD_INPUT)
    found = reported(tmp_path / "out" / "report.json")
    assert found == errors if errors else {one[0] for one in found} == {"error"}
    assert files(tmp_path / "out").keys() == {"report.json"}


# ---------------------------------------------------------------- parse


def test_one_bad_page_does_not_stop_the_others(built: Path, tmp_path: Path) -> None:
    pages, out = put(tmp_path / "pages", first=GOOD, bad=BAD, cut=CUT, last=page("de-de")), tmp_path / "out"
    out.mkdir()
    for stale in ("bad.json", "cut.json", "first.json"):
        (out / stale).write_text("{}\n", encoding="utf-8")
    names = ("first", "bad", "cut", "last")
    done = ends(run("parse", *(pages / f"{name}.html" for name in names), "--out", out), BAD_INPUT)
    reports = {f"{name}.report.json" for name in names}
    assert files(out).keys() == {"first.json", "last.json"} | reports
    assert load(out / "first.json").rules == load(built / "catalog.json").rules
    row = "gpu-enabled-aks-clusters-required-fqdn--application-rules/table[1]/row[1]/destination"
    assert reported(out / "bad.report.json") == {("error", "strange-letter", f"en-us#{row}")}
    assert reported(out / "cut.report.json") == {("error", "cut-page", "en-us")}
    assert not reported(out / "first.report.json")
    assert "bad.html" in done.stderr
    assert row in done.stderr


def test_a_page_with_an_impossible_port_in_its_prose_does_not_stop_the_others(tmp_path: Path) -> None:
    odd = GOOD.replace(
        '<h2 id="next-steps">', '<h4 id="x">Azure Policy</h4><p>Open TCP port 99999.</p><h2 id="next-steps">'
    )
    pages, out = put(tmp_path / "pages", odd=odd, other=GOOD), tmp_path / "out"
    done = run("parse", pages / "odd.html", pages / "other.html", "--out", out)
    assert "Traceback" not in done.stderr
    assert {"odd.report.json", "other.report.json", "other.json"} <= files(out).keys()


def test_keep_going_writes_what_could_be_read_and_still_ends_with_an_error(built: Path, tmp_path: Path) -> None:
    pages, out = put(tmp_path / "pages", bad=BAD), tmp_path / "out"
    ends(run("parse", pages / "bad.html", "--out", out, "--keep-going"), BAD_INPUT)
    kept = {rule.id for rule in load(out / "bad.json").rules}
    assert kept == {rule.id for rule in load(built / "catalog.json").rules if "nvidia.github.io" not in rule.id}
    assert ("error", "strange-letter") in {one[:2] for one in reported(out / "bad.report.json")}


def test_a_page_is_of_the_locale_that_it_says_or_that_it_is_told_to_be(tmp_path: Path) -> None:
    ends(run("parse", SNAPSHOT / "de-de.html", "--out", tmp_path / "said"), DONE)
    ends(run("parse", SNAPSHOT / "de-de.html", "--out", tmp_path / "reported", "--locale", "de-at"), DONE)
    for folder, locale in (("said", "de-de"), ("reported", "de-at")):
        catalog = load(tmp_path / folder / "de-de.json")
        assert {page.locale for page in catalog.pages} == {locale}
        places = {one["at"].partition("#")[0] for one in content(tmp_path / folder / "de-de.report.json")["findings"]}
        assert places == {locale}


def test_parse_can_be_run_twice(tmp_path: Path) -> None:
    arguments = ("parse", SNAPSHOT / "en-us.html", SNAPSHOT / "zh-cn.html", "--out", tmp_path)
    ends(run(*arguments), DONE)
    first = files(tmp_path)
    ends(run(*arguments), DONE)
    assert files(tmp_path) == first


def test_a_page_whose_catalog_would_be_the_report_of_another_is_refused(tmp_path: Path) -> None:
    pages = put(tmp_path / "pages", **{"a": page(), "a.report": page()})
    ends(run("parse", pages / "a.html", pages / "a.report.html", "--out", tmp_path / "out"), 2)
    assert not (tmp_path / "out").exists()


def test_two_pages_of_one_stem_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    pages = [put(tmp_path / folder, en_us=GOOD) / "en-us.html" for folder in ("one", "two")]
    done = ends(run("parse", *pages, "--out", tmp_path / "out"), USAGE)
    assert "en-us" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text", [None, b"\xff\xfe" + GOOD.encode("utf-16-le"), b"\x80abc"], ids=["none", "utf-16", "bytes"]
)
def test_a_file_that_cannot_be_read_as_text_is_an_error_with_a_report(tmp_path: Path, text: bytes | None) -> None:
    pages = put(tmp_path / "pages", **({} if text is None else {"gone": text}))
    ends(run("parse", pages / "gone.html", "--out", tmp_path / "out"), BAD_INPUT)
    assert files(tmp_path / "out").keys() == {"gone.report.json"}
    assert {one[:2] for one in reported(tmp_path / "out" / "gone.report.json")} == {("error", "unreadable-file")}


@pytest.mark.parametrize(
    "arguments",
    [["parse", "x.html"], ["parse", "--out", "x"], ["brew"]],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_a_usage_error(arguments: list[str]) -> None:
    assert "Usage:" in ends(run(*arguments), USAGE).stderr


def test_a_baseline_that_is_no_catalog_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text('{"rules": 1}', encoding="utf-8")
    done = ends(run("build", "--known", tmp_path / "known.json", "--out", tmp_path / "out"), BAD_INPUT)
    assert "known.json" in done.stderr


def test_the_baseline_recognizes_a_renamed_section(built: Path, tmp_path: Path) -> None:
    renamed = GOOD.replace(">GPU enabled AKS clusters required", ">Accelerated node pools required")
    pages = put(tmp_path / "pages", renamed=renamed)
    ends(run("parse", pages / "renamed.html", "--out", tmp_path / "out", "--known", built / "catalog.json"), DONE)
    known = {rule.id for rule in load(built / "catalog.json").rules}
    assert {rule.id for rule in load(tmp_path / "out" / "renamed.json").rules} == known
    assert ("hold", "renamed-section") in {one[:2] for one in reported(tmp_path / "out" / "renamed.report.json")}


# ---------------------------------------------------------------- the schema


def test_the_shipped_schema_is_that_of_the_model() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == catalog_schema(), "run: python -m scraper schema"


def test_the_shipped_history_is_what_the_schema_describes() -> None:
    TypeAdapter(History).validate_json((Path(DATA) / "history.json").read_text(encoding="utf-8"))


def test_the_shipped_catalog_is_what_the_schema_describes() -> None:
    text = (Path(DATA) / "catalog.json").read_text(encoding="utf-8")
    assert TypeAdapter(Catalog).validate_json(text) == from_json(text)
    assert to_json(from_json(text)) == text


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "nobody"},
        {"schema_version": "1"},
        {"rules": None},
        {"origin": "imagined"},
    ],
)
def test_another_shape_is_refused_by_the_schema_s_types(change: Mapping[str, object]) -> None:
    changed = json.loads((Path(DATA) / "catalog.json").read_text(encoding="utf-8")) | change
    with pytest.raises(ValidationError):
        TypeAdapter(Catalog).validate_json(json.dumps(changed), strict=True)
