"""What several commands of the command line share: the catalog, the profile, and the exit codes."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import read_az
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.profile_file import make_profile, read_profile
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.cluster.service_tags import read_service_tags
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.history_file import history_beside
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.render.answer import Line
from aks_egress_catalog.text.visible import visible

NO: Final = 1
USAGE: Final = 2
BAD_INPUT: Final = 3
HELD: Final = 4
EVERYTHING: Final = Target(fqdn_in_network_rules=True, service_tags=True)
"""What an answer for a person can express: whatever the article says."""
FILE: Final = click.Path(path_type=Path, dir_okay=False)


def catalog_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command read another catalog."""
    return click.option("--catalog", "file", type=FILE, help="Catalog to read; default: the shipped one.")(command)


def profile_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told of a cluster, and of how its rules are to be resolved."""
    options = (
        click.option("--profile", "profile_file", type=FILE, help="Profile as .toml, .json or .yaml."),
        click.option("--from-az", type=FILE, help="Output of: az aks show -o json."),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE", help="One setting, such as region=uksouth."
        ),
        click.option("--service-tags", type=FILE, help="Microsoft's Service Tags file, to turn tags into ranges."),
        click.option("--allow-any", is_flag=True, help="Let '*' stand where nothing narrower can be expressed."),
        click.option("--informational", is_flag=True, help="Add endpoints that only the article's prose names."),
        click.option("--fix-advisories", is_flag=True, help="Apply the fixes of the known advisories."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def format_option(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Offer some output formats; the first is the default."""
    return click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True)


def has_history(file: Path | None) -> bool:
    """Whether a history lies beside the catalog; beside the shipped one it does."""
    return file is None or file.with_name("history.json").exists()


def lives_beside(file: Path | None) -> dict[str, Life]:
    """The lives of the rules, where a history lies beside the catalog; none otherwise."""
    return history_beside(file).rules if has_history(file) else {}


def profile_of(file: Path | None, from_az: Path | None, settings: tuple[str, ...]) -> Profile:
    """Put the profile together from a file or a cluster, and single settings on top."""
    if file and from_az:
        raise AksEgressError("--profile and --from-az describe one cluster each; give one of them")
    profile = read_profile(file) if file else Profile()
    if from_az:
        cluster = read_az(from_az)
        for question in cluster.unknown:
            asked = f"--set {question.key}=… " if question.key in Profile.__dataclass_fields__ else ""
            click.echo(f"open question: {question.text} {asked}({question.why})", err=True)
        profile = cluster.profile
    return replace(profile, **_settings(settings))


def _settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Read ``key=value`` by what the profile's key holds: a list takes commas, a switch true or false."""
    content: dict[str, Any] = {}
    for setting in settings:
        key, given, value = setting.partition("=")
        name = key.strip().replace("-", "_")
        default = getattr(Profile, name, None)
        if not given:
            raise AksEgressError(f"--set {setting}: write it as KEY=VALUE")
        if isinstance(default, bool) and value in ("true", "false"):
            content[name] = value == "true"
        elif isinstance(default, tuple):
            content[name] = [one.strip() for one in value.split(",") if one.strip()]
        else:
            content[name] = value
    checked = make_profile(content)
    return {name: getattr(checked, name) for name in content}


def names_a_cluster(options: Mapping[str, Any]) -> bool:
    """Whether the profile options say anything of a cluster.

    Raises:
        AksEgressError: none does, and another says how a cluster's rules are to be resolved: it could not act.
    """
    if options["profile_file"] or options["from_az"] or options["settings"]:
        return True
    idle = [name for name in ("service_tags", "allow_any", "informational") if options[name]]
    if idle:
        flag = f"--{idle[0].replace('_', '-')}"
        raise AksEgressError(f"{flag} acts on one cluster's rules: give --profile, --from-az or --set region=…")
    return False


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """Resolves catalogs as the command line asked for."""

    profile: Profile
    options: dict[str, Any]

    def __call__(self, catalog: Catalog) -> Resolution:
        """Resolve one catalog."""
        return catalog.resolve(self.profile, **self.options)


def resolver(
    *,
    target: Target,
    profile_file: Path | None,
    from_az: Path | None,
    settings: tuple[str, ...],
    service_tags: Path | None,
    allow_any: bool,
    informational: bool,
) -> Resolver:
    """Read what the command line says of a cluster."""
    profile = profile_of(profile_file, from_az, settings)
    tags = read_service_tags(service_tags, cloud=profile.cloud) if service_tags else None
    return Resolver(
        profile=profile,
        options={
            "target": target,
            "service_tags": tags,
            "allow_any": allow_any,
            "informational": informational,
        },
    )


def fixed(catalog: Catalog, *, fix_advisories: bool, known_on: dt.date | None = None) -> Catalog:
    """Apply the fixes of the advisories, those known by a day, to a catalog, if that was asked for."""
    return catalog.with_fixes(known_on=known_on) if fix_advisories else catalog


def write_lines(lines: Iterable[Line]) -> None:
    """Write an answer, in colour on a terminal, unless ``NO_COLOR`` is set."""
    for line in lines:
        click.secho(visible(line.text), fg=line.colour or None, color=False if os.environ.get("NO_COLOR") else None)


def write_notes(caveats: Iterable[str]) -> None:
    """Write on stderr what the caller should know: stdout has the answer and nothing else."""
    for caveat in caveats:
        click.echo(visible(f"note: {caveat}"), err=True)
