"""The options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cli.output import write_notes
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.profile_file import find_profile
from aks_egress_catalog.errors import AksEgressError

FILE: Final = click.Path(path_type=Path, dir_okay=False)
PATH: Final = click.Path(path_type=Path)
_DESCRIBE_CLUSTERS: Final = ("profile_file", "from_az", "clusters_file")
"""The options that name a file of clusters: where one is given, no other file is looked for."""
_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def catalog_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command read another catalog."""
    return click.option("--catalog", "file", type=FILE, help="Catalog to read; default: the shipped one.")(command)


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told of a cluster. Where no file is named, the profile that the folder has is the one.

    The command itself takes ``profile_file``, ``from_az`` and ``settings``, and learns nothing of how they came about.
    """

    @wraps(command)
    def with_found_profile(*arguments: Any, no_profile: bool, **options: Any) -> Any:
        if no_profile and options["profile_file"]:
            raise AksEgressError("--profile names a profile, and --no-profile does without one; give one of them")
        if not (no_profile or any(options.get(name) for name in _DESCRIBE_CLUSTERS)):
            options["profile_file"] = _found_profile()
        return command(*arguments, **options)

    options = (
        click.option(
            "--profile",
            "profile_file",
            type=FILE,
            help=(
                "Profile as .toml, .json or .yaml; default: aks-egress.toml or [tool.aks-egress] of pyproject.toml, in"
                " this folder or above it in the repository."
            ),
        ),
        click.option("--no-profile", is_flag=True, help="Ignore a profile file that was found by default."),
        click.option(
            "--from-az",
            type=PATH,
            help="Output of az aks show, az aks list or az graph query as JSON, or a folder of it.",
        ),
        setting_option,
    )
    return _with(options, with_found_profile)


def setting_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told single settings."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        shell_complete=_complete_setting,
        help=(
            f"One setting, such as region=uksouth. Keys: {', '.join(Profile.__dataclass_fields__)}. What each means:"
            " aks-egress-catalog profile keys"
        ),
    )(command)


def _complete_setting(context: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    from aks_egress_catalog.cli.setting_completion import complete_setting

    return complete_setting(context.params.get("settings") or (), incomplete)


def _found_profile() -> Path | None:
    """Find the profile that the folder has, and say so: no answer is of a cluster that nobody named."""
    try:
        here = Path.cwd()
    except OSError:  # it is gone
        return None
    found = find_profile(here)
    write_notes(found.notes)
    if found.file:
        write_notes([f"profile: {found.file} (--no-profile does without)"])
    return found.file


def profile_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told of a cluster, and of how its rules are to be resolved."""
    options = (
        cluster_options,
        click.option("--service-tags", type=FILE, help="Microsoft's Service Tags file, to turn tags into ranges."),
        click.option("--allow-any", is_flag=True, help="Let '*' stand where nothing narrower can be expressed."),
        click.option("--informational", is_flag=True, help="Add endpoints that only the article's prose names."),
        click.option("--allow-unknown-region", is_flag=True, help="Take a region that nobody knows as it is."),
        click.option("--fix-advisories", is_flag=True, help="Apply the fixes of the known advisories."),
    )
    return _with(options, command)


def _with(options: tuple[_Decorator, ...], command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command options, which its help lists in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def missing_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command end well although the answer lacks rules that the cluster needs."""
    return click.option(
        "--allow-missing", is_flag=True, help="Exit 0 although a required rule cannot be expressed; exit 1 otherwise."
    )(command)


def format_option(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Offer some output formats; the first is the default."""
    return click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True)


def wide_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let the table of a command have every column."""
    return click.option("--wide", is_flag=True, help="Every column; by default those that fit into 80 characters.")(
        command
    )


def examples(*commands: str) -> str:
    """What the help of a command ends with: examples, which click is not to wrap."""
    return "\n".join(("\b", "Examples:", *(f"  aks-egress-catalog {command}" for command in commands)))


def names_a_cluster(options: Mapping[str, Any]) -> bool:
    """Whether the profile options say anything of a cluster.

    Raises:
        AksEgressError: none does, and another says how a cluster's rules are to be resolved: it could not act.
    """
    if options["profile_file"] or options["from_az"] or options["settings"]:
        return True
    idle = [name for name in ("service_tags", "allow_any", "informational", "allow_unknown_region") if options[name]]
    if idle:
        flag = f"--{idle[0].replace('_', '-')}"
        raise AksEgressError(f"{flag} acts on one cluster's rules: give --profile, --from-az or --set region=…")
    return False


def fixed(catalog: Catalog, *, fix_advisories: bool, known_on: dt.date | None = None) -> Catalog:
    """Apply the fixes of the advisories, those known by a day, to a catalog, if that was asked for."""
    return catalog.with_fixes(known_on=known_on) if fix_advisories else catalog
