"""The command that answers for endpoints: which rules cover them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.ask.check import Verdict
from aks_egress_catalog.ask.check import check as check_endpoint
from aks_egress_catalog.cli.options import (
    catalog_option,
    examples,
    fixed,
    format_option,
    lives_beside,
    names_a_cluster,
    profile_options,
)
from aks_egress_catalog.cli.output import NO, write_lines, write_notes
from aks_egress_catalog.hosts.endpoint import parse_endpoint
from aks_egress_catalog.render.answer import answer_lines
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json


@click.command(
    epilog=examples("check mcr.microsoft.com ntp.ubuntu.com:123/udp", "check mcr.microsoft.com --set region=uksouth")
)
@click.argument("endpoints", nargs=-1, required=True, metavar="HOST[:PORT][/udp]...")
@catalog_option
@profile_options
@format_option("text", "json")
def check(endpoints: tuple[str, ...], file: Path | None, form: str, *, fix_advisories: bool, **options: Any) -> None:
    """Say which rules cover a host. Exit 1 unless every endpoint is covered.

    With a profile the rules of that cluster decide. The address of a page is understood as well.
    """
    catalog = fixed(load(file), fix_advisories=fix_advisories)
    resolution = None
    if names_a_cluster(options):
        from aks_egress_catalog.cli.cluster import EVERYTHING, resolver  # noqa: PLC0415  - a tenth of the whole run

        resolution = resolver(target=EVERYTHING, **options)(catalog)
        write_notes(resolution.caveats)
    asked = [parse_endpoint(text) for text in endpoints]
    lives = lives_beside(file)
    answers = [check_endpoint(catalog, endpoint, resolution=resolution, lives=lives) for endpoint in asked]
    if form == "json":
        click.echo(to_json(answers), nl=False)
    else:
        for answer in answers:
            write_lines(answer_lines(answer))
    sys.exit(0 if all(answer.verdict is Verdict.COVERED for answer in answers) else NO)
