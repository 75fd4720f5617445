"""The command line. Only the modules of this name know click, and only its printer knows rich."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from aks_egress_catalog import __version__, cli_history
from aks_egress_catalog.cli_options import (
    BAD_INPUT,
    HELD,
    NO,
    USAGE,
    catalog_option,
    fixed,
    lives_beside,
    names_a_cluster,
    profile_options,
    resolver,
    tell,
)
from aks_egress_catalog.errors import AksEgressError, InputError
from aks_egress_catalog.profile import Profile
from aks_egress_catalog.store import load, to_json
from aks_egress_catalog.visible import visible
from aks_egress_catalog.writing import write_files

if TYPE_CHECKING:
    from aks_egress_catalog.export import Export


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
@catalog_option
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
@catalog_option
@profile_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def resolve(file: Path | None, form: str, *, fix_advisories: bool, **options: Any) -> None:  # noqa: ANN401  - those of profile_options
    """Say which rules one cluster needs, which it does not, and why.

    Example: aks-egress-catalog resolve --set region=westeurope --set features=azure-policy,azure-monitor
    """
    from aks_egress_catalog.resolve import Target  # noqa: PLC0415  - only where something is resolved

    everything = Target(fqdn_in_network_rules=True, service_tags=True)
    resolution = resolver(target=everything, **options)(fixed(load(file), fix_advisories=fix_advisories))
    if form == "json":
        tell(resolution.caveats)
        click.echo(to_json(resolution), nl=False)
        return
    from aks_egress_catalog.printer import print_resolution  # noqa: PLC0415  - rich only where something is printed

    print_resolution(resolution)


@cli.command()
@click.argument("endpoints", nargs=-1, required=True, metavar="HOST[:PORT][/udp]...")
@catalog_option
@profile_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(
    endpoints: tuple[str, ...],
    file: Path | None,
    form: str,
    *,
    fix_advisories: bool,
    **options: Any,  # noqa: ANN401  - as above
) -> None:
    """Say which rules cover a host. Exit 1 unless every endpoint is covered.

    With a profile the rules of that cluster decide. The address of a page is understood as well.

    Example: aks-egress-catalog check mcr.microsoft.com ntp.ubuntu.com:123/udp
    """
    from aks_egress_catalog.check import Verdict, parse_endpoint  # noqa: PLC0415  - only this command's
    from aks_egress_catalog.check import check as check_endpoint  # noqa: PLC0415  - as above

    catalog = fixed(load(file), fix_advisories=fix_advisories)
    resolution = None
    if names_a_cluster(options):
        from aks_egress_catalog.resolve import Target  # noqa: PLC0415  - only where something is resolved

        everything = Target(fqdn_in_network_rules=True, service_tags=True)
        resolution = resolver(target=everything, **options)(catalog)
        tell(resolution.caveats)
    asked = [parse_endpoint(text) for text in endpoints]
    lives = lives_beside(file)
    answers = [check_endpoint(catalog, endpoint, resolution=resolution, lives=lives) for endpoint in asked]
    if form == "json":
        click.echo(to_json(answers), nl=False)
    else:
        from aks_egress_catalog.printer import print_answer  # noqa: PLC0415  - rich only where something is printed

        for answer in answers:
            print_answer(answer)
    sys.exit(0 if all(answer.verdict is Verdict.COVERED for answer in answers) else NO)


@cli.command()
@click.argument("form", metavar="FORMAT")
@catalog_option
@profile_options
@click.option("--out", type=click.Path(path_type=Path), help="File, or folder where the format has several files.")
@click.option("--report", is_flag=True, help="Print what became of each rule, on stderr: exact, widened, narrowed, …")
@click.option("--strict", is_flag=True, help="Exit 4 and write nothing unless every rule is exact.")
def export(
    form: str,
    file: Path | None,
    out: Path | None,
    *,
    report: bool,
    strict: bool,
    fix_advisories: bool,
    **options: Any,  # noqa: ANN401  - as above
) -> None:
    """Write the rules of one cluster for a firewall; stderr tells of each rule that is not exactly in it.

    FORMAT is json, csv, azure-firewall-arm, azure-firewall-bicep, azure-firewall-terraform, paloalto or squid.

    Example: aks-egress-catalog export squid --profile cluster.toml --out aks.conf --report
    """
    from aks_egress_catalog.export import Header, load_format  # noqa: PLC0415  - only this command's

    target = load_format(form)
    catalog = fixed(load(file), fix_advisories=fix_advisories)
    resolve_one = resolver(target=target.TARGET, **options)
    resolution = resolve_one(catalog)
    header = Header(
        catalog_version=catalog.version,
        facts_date=str(catalog.facts_date),
        profile=_one_line(resolve_one.profile) + " fix_advisories=True" * fix_advisories,
    )
    found = target.render(resolution, header)
    if out is None and len(found.files) > 1:
        raise AksEgressError(
            f"{form} is {len(found.files)} files, {', '.join(found.files)}: say by --out in which folder"
        )
    exact = _tell_fidelity(found, report=report)
    tell(resolution.caveats)
    if strict and not exact:
        click.echo("error: not every rule is exact; --report says which, nothing was written", err=True)
        sys.exit(HELD)
    _write(found, out)


def _one_line(profile: Profile) -> str:
    stated = {name: value for name, value in asdict(profile).items() if value != getattr(Profile, name)}
    shown = {"cloud": profile.cloud, **stated}
    return " ".join(f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in shown.items())


def _tell_fidelity(found: Export, *, report: bool) -> bool:
    """Tell of every rule that is not exact, on stderr: a file without it looks as whole as one with it."""
    from aks_egress_catalog.export import Fidelity  # noqa: PLC0415  - only of exports

    if report:
        from aks_egress_catalog.printer import print_notes  # noqa: PLC0415  - rich only where something is printed

        print_notes(found)
    inexact = [note for note in found.notes if note.fidelity is not Fidelity.EXACT]
    for note in inexact:
        click.echo(visible(f"{note.fidelity}: {note.id}: {note.reason}"), err=True)
    return not inexact


def _write(found: Export, out: Path | None) -> None:
    if out is None:
        (text,) = found.files.values()
        click.echo(text, nl=not text.endswith("\n"))
        return
    single = len(found.files) == 1 and not out.is_dir()
    write_files({out if single else out / name: text for name, text in found.files.items()})


for command in (cli_history.changes, cli_history.diff, cli_history.show):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a fault that a person can mend is one line, never a traceback."""
    try:
        cli()
    except InputError as error:
        _fail(error, BAD_INPUT)
    except AksEgressError as error:
        _fail(error, USAGE)
    except OSError as error:  # a closed pipe is none: click ends without a word there
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python writes the rest when it ends
        _fail(error if error.filename else f"cannot write the answer: {error}", USAGE)


def _fail(error: Exception | str, code: int) -> NoReturn:
    click.echo(visible(f"error: {error}"), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
