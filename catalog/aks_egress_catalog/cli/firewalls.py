"""The command that writes rules for a firewall."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.calls.exporting import write_rules
from aks_egress_catalog.cli.options import catalog_option, examples, fixed, missing_option, profile_options
from aks_egress_catalog.cli.output import HELD, NO, end_if_missing, write_notes
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.export import Export, Fidelity
from aks_egress_catalog.exports.formats import FORMATS, expect_options, load_format
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.resolver import resolver
from aks_egress_catalog.store import load, load_state
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.files import write_files
from aks_egress_catalog.text.visible import visible


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001  - click's
    return [name for name in FORMATS if name.startswith(incomplete)]


@click.command(
    epilog=examples(
        "export squid --profile cluster.toml --out aks.conf",
        "export --list",
    )
)
@click.argument("form", metavar="FORMAT", required=False, shell_complete=_complete)
@click.option("--list", "listed", is_flag=True, help="List every FORMAT, and what its target can hold; then end.")
@click.option(
    "--format",
    "as_form",
    type=click.Choice(("table", "json", "markdown")),
    help="With --list: how the list is written; json has all that each target states.",
)
@catalog_option
@profile_options
@click.option("--out", type=click.Path(path_type=Path), help="File, or folder where the format has several files.")
@click.option("--report", is_flag=True, help="Print what became of each rule, on stderr: exact, widened, narrowed, …")
@click.option("--one-rule-per-host", is_flag=True, help="Azure: do not group hosts by feature, protocol and port.")
@click.option(
    "--use-fqdn-tag",
    is_flag=True,
    help="Azure: the tag AzureKubernetesService for what it is credited with; named rules for the rest.",
)
@click.option(
    "--since",
    metavar="VERSION|DATE",
    help="What the firewall has an export of: writes what leads from that to this one.",
)
@click.option(
    "--check-target", is_flag=True, help="Have the target's own program check the files first, where it is installed."
)
@missing_option
@click.option("--strict", is_flag=True, help="Exit 4 and write nothing unless every rule is exact.")
def export(
    form: str | None,
    file: Path | None,
    out: Path | None,
    *,
    listed: bool,
    as_form: str | None,
    check_target: bool,
    report: bool,
    allow_missing: bool,
    strict: bool,
    one_rule_per_host: bool,
    use_fqdn_tag: bool,
    since: str | None,
    fix_advisories: bool,
    **options: Any,
) -> None:
    """Write the rules of one cluster for a firewall; stderr tells of each rule that is not exactly in it.

    What can be written is written; exit 1 where a required rule could not.

    FORMAT is json, csv, squid, azure-firewall-bicep or one of many more: --list names them all.
    """
    if listed:
        _list(as_form or "table")
        return
    if as_form:
        raise click.UsageError("--format is for --list; what is written for a firewall has the form of its FORMAT")
    if form is None:
        raise click.UsageError("Missing argument 'FORMAT'; export --list names every one.")
    target = load_format(form)
    asked = {"one_rule_per_host": one_rule_per_host, "use_fqdn_tag": use_fqdn_tag}
    chosen: dict[str, Any] = {name: value for name, value in asked.items() if value}
    expect_options(form, chosen)
    catalog = load(file)
    if since:
        chosen |= {"since": load_state(since, file), "lives": lives_beside(file)}
    found, resolution = write_rules(
        form, catalog, resolver(target=target.TARGET, **options), fix_advisories=fix_advisories, **chosen
    )
    _expect_room(form, found, out)
    if report:
        from aks_egress_catalog.render.terminal import print_fidelity

        print_fidelity(found)
    inexact = _write_inexact(found)
    write_notes(resolution.caveats)
    if strict and inexact:
        click.echo("error: not every rule is exact; --report says which, nothing was written", err=True)
        sys.exit(HELD)
    if check_target and since:
        raise AksEgressError("--check-target checks whole files, and --since writes a change: leave one of them out")
    if check_target:
        _check(form, found)
    _write(found, out)
    dropped = {note.id for note in found.notes if note.fidelity is Fidelity.DROPPED} - resolution.optional
    end_if_missing(fixed(catalog, fix_advisories=fix_advisories), dropped, allow_missing=allow_missing)


def _list(as_form: str) -> None:
    from aks_egress_catalog.exports.listing import listed_targets
    from aks_egress_catalog.render.targets.markdown import targets_markdown
    from aks_egress_catalog.render.targets.table import print_targets

    targets = listed_targets()
    if as_form == "table":
        print_targets(targets)
    else:
        click.echo(to_json(targets) if as_form == "json" else targets_markdown(targets), nl=False)


def _check(form: str, found: Export) -> None:
    """Let the target's programs judge; where one refuses, that is a no, and nothing is written."""
    from aks_egress_catalog.exports.judges import Verdict, judge_export

    judgements = judge_export(form, found)
    for one in judgements:
        said = {
            Verdict.ACCEPTS: f"note: {one.program} accepts it",
            Verdict.REFUSES: f"error: {one.program} refuses it, nothing was written:\n{one.said}",
            Verdict.ABSENT: f"note: {one.program} did not check it: {one.said}",
        }[one.verdict]
        click.echo("\n".join(map(visible, said.splitlines())), err=True)
    if any(one.verdict is Verdict.REFUSES for one in judgements):
        sys.exit(NO)


def _expect_room(form: str, found: Export, out: Path | None) -> None:
    if out is None and len(found.files) > 1:
        raise AksEgressError(
            f"{form} is {len(found.files)} files, {', '.join(found.files)}: say by --out in which folder"
        )


def _write_inexact(found: Export) -> int:
    """Name every rule that is not exact, on stderr: a file without it looks as whole as one with it."""
    inexact = [note for note in found.notes if note.fidelity is not Fidelity.EXACT]
    for note in inexact:
        click.echo(visible(f"{note.fidelity}: {note.id}: {note.reason}"), err=True)
    return len(inexact)


def _write(found: Export, out: Path | None) -> None:
    if out is None:
        (text,) = found.files.values()
        click.echo(text, nl=not text.endswith("\n"))
        return
    single = len(found.files) == 1 and not out.is_dir()
    write_files({out if single else out / name: text for name, text in found.files.items()})
