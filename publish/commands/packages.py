"""``python -m publish packages``: the wheel and the source distribution of a checkout, as a release has them."""

from __future__ import annotations

from pathlib import Path

import click

from aks_egress_catalog.store import load
from publish.commands.shared import PATH, stdout
from publish.plan.proposal import DATA_FOLDER
from publish.release.assets import build_moment, build_packages


@click.command()
@click.option("--root", type=PATH, default=Path(), help="Checkout of the repository; default: here.")
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to write the packages into.")
def packages(root: Path, out: Path) -> None:
    """Build the packages of a checkout: the same checkout and the same pinned tools give the same bytes anywhere."""
    catalog = load(root / DATA_FOLDER / "catalog.json")
    out.mkdir(parents=True, exist_ok=True)
    for name, content in build_packages(root, build_moment(catalog)).items():
        (out / name).write_bytes(content)
        stdout.print(f"wrote {out / name}", markup=False)
