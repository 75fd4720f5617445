"""The command line. Only this module and its printer know click and rich."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from aks_egress_catalog import __version__
from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.profile import Profile, make_profile, read_profile
from aks_egress_catalog.store import load, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from aks_egress_catalog.export import Export
    from aks_egress_catalog.model import Catalog
    from aks_egress_catalog.resolve import Resolution, Target

NO: Final = 1
USAGE: Final = 2
BAD_INPUT: Final = 3
HELD: Final = 4
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


def _catalog_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--catalog", "file", type=_FILE, help="Catalog to read; default: the shipped one.")(command)


def _profile_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--profile", "profile_file", type=_FILE, help="Profile as .toml, .json or .yaml."),
        click.option("--from-az", type=_FILE, help="Output of: az aks show -o json."),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE", help="One setting, such as region=uksouth."
        ),
        click.option("--service-tags", type=_FILE, help="Microsoft's Service Tags file, to turn tags into ranges."),
        click.option("--allow-any", is_flag=True, help="Let '*' stand where nothing narrower can be expressed."),
        click.option("--informational", is_flag=True, help="Add endpoints that only the article's prose names."),
        click.option("--fix-advisories", is_flag=True, help="Apply the fixes of the known advisories."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, help="Print the version of the code and that of the data.")
@click.pass_context
def cli(context: click.Context, *, version: bool) -> None:
    """Say what an Azure Kubernetes Service cluster must be allowed to reach."""
    if version:
        click.echo(f"aks-egress-catalog {__version__}, data {load().version}")
        context.exit()
    if context.invoked_subcommand is None:
        from aks_egress_catalog.printer import overview  # noqa: PLC0415  - rich only where something is printed

        overview(load())


@cli.command(name="list")
@_catalog_option
@click.option("--cloud", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
@click.option("--feature", help="For example core, gpu, azure-monitor.")
@click.option("--level", help="required, recommended or informational.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def list_rules(file: Path | None, cloud: str | None, feature: str | None, level: str | None, form: str) -> None:
    """List the rules, one alternative a line.

    Example: aks-egress-catalog list --cloud AzureCloud --feature core --format csv
    """
    from aks_egress_catalog.flat import COLUMNS, flatten, to_csv, values  # noqa: PLC0415  - only this command's

    rules = load(file).rules(cloud=cloud, feature=feature, level=level)
    if form == "csv":
        click.echo(to_csv(rules), nl=False)
    elif form == "json":
        click.echo(to_json([asdict(flat) for flat in flatten(rules)]), nl=False)
    else:
        from aks_egress_catalog.printer import table  # noqa: PLC0415  - rich only where something is printed

        table(COLUMNS, map(values, flatten(rules)))


@cli.command()
@_catalog_option
@_profile_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def resolve(file: Path | None, form: str, **options: Any) -> None:  # noqa: ANN401  - those of _profile_options
    """Say which rules one cluster needs, which it does not, and why.

    Example: aks-egress-catalog resolve --set region=westeurope --set features=azure-policy,azure-monitor
    """
    from aks_egress_catalog.resolve import Target  # noqa: PLC0415  - only where something is resolved

    everything = Target(fqdn_in_network_rules=True, service_tags=True)
    _, _, resolution = _resolve(load(file), target=everything, **options)
    if form == "json":
        click.echo(to_json(resolution), nl=False)
        return
    from aks_egress_catalog.printer import print_resolution  # noqa: PLC0415  - rich only where something is printed

    print_resolution(resolution)


@cli.command()
@click.argument("endpoints", nargs=-1, required=True, metavar="HOST[:PORT][/udp]...")
@_catalog_option
@_profile_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(endpoints: tuple[str, ...], file: Path | None, form: str, **options: Any) -> None:  # noqa: ANN401  - as above
    """Say which rules cover a host. Exit 1 unless every endpoint is covered.

    Example: aks-egress-catalog check mcr.microsoft.com ntp.ubuntu.com:123/udp
    """
    from aks_egress_catalog.check import Verdict, parse_endpoint  # noqa: PLC0415  - only this command's
    from aks_egress_catalog.check import check as check_endpoint  # noqa: PLC0415  - as above

    catalog = load(file)
    resolution = None
    if options["profile_file"] or options["from_az"] or options["settings"]:
        from aks_egress_catalog.resolve import Target  # noqa: PLC0415  - only where something is resolved

        everything = Target(fqdn_in_network_rules=True, service_tags=True)
        catalog, _, resolution = _resolve(catalog, target=everything, **options)
    answers = [check_endpoint(catalog, parse_endpoint(text), resolution=resolution) for text in endpoints]
    if form == "json":
        click.echo(to_json(answers), nl=False)
    else:
        from aks_egress_catalog.printer import print_answer  # noqa: PLC0415  - rich only where something is printed

        for answer in answers:
            print_answer(catalog, answer)
    sys.exit(0 if all(answer.verdict is Verdict.COVERED for answer in answers) else NO)


@cli.command()
@click.argument("form", metavar="FORMAT")
@_catalog_option
@_profile_options
@click.option("--out", type=click.Path(path_type=Path), help="File, or folder where the format has several files.")
@click.option("--report", is_flag=True, help="Print what became of each rule: exact, widened, narrowed, dropped.")
@click.option("--strict", is_flag=True, help="Exit 4 and write nothing unless every rule is exact.")
def export(
    form: str,
    file: Path | None,
    out: Path | None,
    *,
    report: bool,
    strict: bool,
    **options: Any,  # noqa: ANN401  - as above
) -> None:
    """Write the rules of one cluster for a firewall.

    FORMAT is json, csv, azure-firewall-arm, azure-firewall-bicep, azure-firewall-terraform, paloalto or squid.

    Example: aks-egress-catalog export squid --profile cluster.toml --out aks.conf --report
    """
    from aks_egress_catalog.export import Fidelity, Header, load_format  # noqa: PLC0415  - only this command's

    target = load_format(form)
    catalog, profile, resolution = _resolve(load(file), target=target.TARGET, **options)
    header = Header(
        catalog_version=catalog.version,
        facts_date=str(catalog.facts_date),
        profile=_one_line(profile),
    )
    found = target.render(resolution, header)
    if report:
        from aks_egress_catalog.printer import print_notes  # noqa: PLC0415  - rich only where something is printed

        print_notes(found)
    for caveat in resolution.caveats:
        click.echo(f"note: {caveat}", err=True)
    if strict and any(note.fidelity is not Fidelity.EXACT for note in found.notes):
        click.echo("error: not every rule is exact; --report says which, nothing was written", err=True)
        sys.exit(HELD)
    _write(found, out, quiet=report)


def _profile(file: Path | None, from_az: Path | None, settings: tuple[str, ...]) -> Profile:
    if file and from_az:
        raise AksEgressError("--profile and --from-az describe one cluster each; give one of them")
    profile = read_profile(file) if file else Profile()
    if from_az:
        from aks_egress_catalog.from_az import read_az  # noqa: PLC0415  - only where a cluster is read

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


def _resolve(
    catalog: Catalog,
    *,
    target: Target,
    profile_file: Path | None,
    from_az: Path | None,
    settings: tuple[str, ...],
    service_tags: Path | None,
    allow_any: bool,
    informational: bool,
    fix_advisories: bool,
) -> tuple[Catalog, Profile, Resolution]:
    from aks_egress_catalog.advisories import concerning, with_fixes  # noqa: PLC0415  - only where it is resolved
    from aks_egress_catalog.regions import read_service_tags  # noqa: PLC0415  - as above
    from aks_egress_catalog.resolve import resolve as resolve_catalog  # noqa: PLC0415  - as above

    profile = _profile(profile_file, from_az, settings)
    tags = read_service_tags(service_tags, cloud=profile.cloud) if service_tags else None
    if fix_advisories:
        catalog = with_fixes(catalog)
    else:
        for advisory in concerning(profile.cloud, profile.wanted):
            click.echo(f"advisory: {advisory}; --fix-advisories applies it", err=True)
    resolution = resolve_catalog(
        catalog, profile, target=target, service_tags=tags, allow_any=allow_any, informational=informational
    )
    return catalog, profile, resolution


def _one_line(profile: Profile) -> str:
    stated = {name: value for name, value in asdict(profile).items() if value != getattr(Profile, name)}
    shown = {"cloud": profile.cloud, **stated}
    return " ".join(f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in shown.items())


def _write(found: Export, out: Path | None, *, quiet: bool) -> None:
    """Write all files or none: each goes to a temporary name first."""
    if out is None:
        if not quiet:
            for text in found.files.values():
                click.echo(text, nl=not text.endswith("\n"))
        return
    single = len(found.files) == 1 and not out.is_dir()
    places = {out if single else out / name: text for name, text in found.files.items()}
    written: dict[Path, str] = {}
    try:
        for place, text in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, written[place] = tempfile.mkstemp(dir=place.parent)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
        for place, name in written.items():
            Path(name).replace(place)
    except OSError as error:
        for name in written.values():
            Path(name).unlink(missing_ok=True)
        raise AksEgressError(f"cannot write {out}: {error}; nothing was written") from error


def main() -> None:
    """Run the command line; a fault that a person can mend is one line, never a traceback."""
    try:
        cli()
    except CatalogError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(BAD_INPUT)
    except AksEgressError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
