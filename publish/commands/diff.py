"""``python -m publish diff``: what two catalogs differ in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aks_egress_catalog.render.markdown import changes_markdown
from aks_egress_catalog.store import load, read_texts
from aks_egress_catalog.text.codec import to_json
from publish.commands.shared import NO, PATH, stderr
from publish.plan.diff import diff as diff_catalogs


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), default="markdown", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit 1 if anything differs.")
def diff(old: Path, new: Path, form: str, *, exit_code: bool) -> None:
    """List the changes that a user of the catalog OLD must know of NEW.

    Texts are compared where a folder texts/ lies beside each file.
    """
    texts = [read_texts(file.parent / "texts") for file in (old, new)]
    for file, found in zip((old, new), texts, strict=True):
        if found is None:
            stderr.print(f"note: texts are not compared: there is no texts/ beside {file}", markup=False)
    changes = diff_catalogs(load(old), load(new), old_texts=texts[0], new_texts=texts[1])
    if form == "json":
        click.echo(to_json(changes), nl=False)
    else:
        click.echo(changes_markdown(changes.changes, full=f"publish diff {old} {new} --format json"), nl=False)
    sys.exit(NO if exit_code and changes.changes else 0)
