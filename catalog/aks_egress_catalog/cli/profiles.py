"""The commands about profiles: write one, show the one that is used here, and say which keys there are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from aks_egress_catalog.cli.options import (
    FILE,
    catalog_option,
    cluster_options,
    examples,
    format_option,
    setting_option,
)
from aks_egress_catalog.cli.output import write_notes
from aks_egress_catalog.cluster.az.questions import Question, open_questions
from aks_egress_catalog.cluster.profile_file import OWN_FILE, PROJECT_FILE
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS
from aks_egress_catalog.cluster.settings import SETTING
from aks_egress_catalog.cluster.told import Told, describe, told_of
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.render.profiles import print_described, print_keys, profile_toml
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.files import write_files

_STDOUT: Final = "-"


@click.group(epilog=examples("profile init --set region=uksouth", "profile show"))
def profile() -> None:
    """Describe a cluster once, in a file that the other commands find."""


@profile.command(
    epilog=examples("profile init --set region=uksouth --force", "profile init --set features=gpu,defender --out -")
)
@catalog_option
@click.option("--from-az", type=FILE, help="Output of az aks show as JSON, of one cluster.")
@setting_option
@click.option("--out", default=OWN_FILE, show_default=True, metavar="FILE", help="A .toml file, or - for stdout.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--allow-unknown-region", is_flag=True, help="Take a region that nobody knows as it is.")
def init(
    file: Path | None,
    from_az: Path | None,
    settings: tuple[str, ...],
    out: str,
    *,
    force: bool,
    allow_unknown_region: bool,
) -> None:
    """Write a profile in which every key is explained.

    What was said is set, and the rest stands in comments. What az cannot tell is asked beside the key that answers it.
    """
    _expect_place(out, force=force)
    told = _one_cluster(told_of(None, from_az, settings))
    catalog = load(file)
    catalog.resolve(told.profile, allow_unknown_region=allow_unknown_region)  # or what is written would be refused
    questions = open_questions(told.questions, catalog.rules, told.profile)
    beside = {key: [_asked(one) for one in questions if one.key == key] for key in PROFILE_KEYS}
    beside["features"] += [f"{feature}: {origin}" for feature, origin in told.origins.items() if origin != SETTING]
    text = profile_toml(told.profile, said=told.said, notes=[f"Note: {note}" for note in told.notes], beside=beside)
    if out == _STDOUT:
        click.echo(text, nl=False)
    else:
        write_files({Path(out): text})
        write_notes(_next_steps(out, len(questions)))


def _expect_place(out: str, *, force: bool) -> None:
    place = Path(out)
    if out == _STDOUT:
        return
    if place.name == PROJECT_FILE:
        raise AksEgressError(
            f"{out} holds more than a profile: print it by --out -, and put it there under [tool.aks-egress]"
        )
    if place.suffix != ".toml":
        raise AksEgressError(f"--out {out}: what is written is TOML; give a name that ends in .toml")
    if not force and (place.exists() or place.is_symlink()):
        raise AksEgressError(f"{out} is there already; --force writes over it")


def _one_cluster(told: tuple[Told, ...]) -> Told:
    if len(told) > 1:
        names = ", ".join(one.name for one in told)
        raise AksEgressError(f"a profile is of one cluster, and --from-az holds {len(told)}: {names}")
    return told[0]


def _asked(question: Question) -> str:
    return f"Open question: {question.text} ({question.why})"


def _next_steps(out: str, questions: int) -> Iterable[str]:
    found = Path(out) == Path(OWN_FILE)
    use = "the other commands use it in this folder and below" if found else f"use it by --profile {out}"
    yield f"wrote {out}; {use}"
    if questions:
        yield f"{questions} open questions stand in it, each beside the key that answers it"


@profile.command(epilog=examples("profile show", "profile show --set features=gpu --format json"))
@cluster_options
@format_option("table", "json")
def show(form: str, **options: Any) -> None:
    """Show the profile that the other commands would use here, and where each setting comes from."""
    clusters = [describe(told) for told in told_of(**options)]
    if form == "json":
        click.echo(to_json(clusters), nl=False)
    else:
        print_described(clusters)


@profile.command(epilog=examples("profile keys", "profile keys --format json"))
@format_option("table", "json")
def keys(form: str) -> None:
    """List the keys of a profile: what each means, which values it takes, and its default."""
    if form == "json":
        click.echo(to_json(list(PROFILE_KEYS.values())), nl=False)
    else:
        print_keys()
