"""The list of targets: generated from their declarations, in the command line and in the docs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.exports.formats import FORMATS, load_format
from aks_egress_catalog.exports.judges import JUDGES
from aks_egress_catalog.exports.listing import listed_targets
from aks_egress_catalog.render.targets.markdown import targets_markdown
from tests.catalog.cli.command_line import ask

DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "targets.md"
START: Final = "<!-- targets -->\n"
END: Final = "<!-- /targets -->\n"


def test_the_docs_have_the_table_as_it_is_generated() -> None:
    """Renew it with ``aks-egress-catalog export --list --format markdown``, between the two marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.partition(START)[2].partition(END)[0] == targets_markdown(listed_targets())


def test_the_command_lists_every_format() -> None:
    found = json.loads(ask("export", "--list", "--format", "json").stdout)
    assert [one["name"] for one in found] == list(FORMATS)
    for one in found:
        assert one["description"] == load_format(one["name"]).DESCRIPTION
        assert len(one["ways"]) == len(load_format(one["name"]).DECLARATION.ways)
    shown = ask("export", "--list").stdout
    assert all(f"\n{name} " in shown for name in FORMATS)
    assert ask("export", "--list", "--format", "markdown").stdout == targets_markdown(listed_targets())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "export --list names every one"), (("squid", "--format", "json"), "--format is for --list")],
)
def test_without_a_format_or_with_one_too_many_it_says_what_to_do(arguments: tuple[str, ...], said: str) -> None:
    done = ask("export", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_every_declaration_is_whole(form: str) -> None:
    declared = load_format(form).DECLARATION
    assert declared.title
    assert declared.ways
    assert all(way.name and way.forms and way.traffic for way in declared.ways)


def test_judges_are_of_formats_that_there_are() -> None:
    assert set(JUDGES) <= set(FORMATS)
