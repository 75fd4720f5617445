"""The command that answers for endpoints: which rules are for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.ask.check import Answer, Checker, Unreadable
from aks_egress_catalog.cli.options import (
    catalog_option,
    examples,
    fixed,
    format_option,
    names_a_cluster,
    profile_options,
)
from aks_egress_catalog.cli.output import BAD_INPUT, NO, write_lines, write_notes
from aks_egress_catalog.cluster.resolve import EVERYTHING
from aks_egress_catalog.errors import InputError
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.render.answer import answer_lines, answers_json
from aks_egress_catalog.store import load


@click.command(
    epilog=examples("check mcr.microsoft.com ntp.ubuntu.com:123/udp", "check mcr.microsoft.com --set region=uksouth")
)
@click.argument("endpoints", nargs=-1, required=True, metavar="HOST[:PORT][/PROTO]|@FILE|-...")
@catalog_option
@profile_options
@format_option("text", "json")
def check(endpoints: tuple[str, ...], file: Path | None, form: str, *, fix_advisories: bool, **options: Any) -> None:
    """Say whether AKS needs an endpoint, by which rules, and under what circumstances.

    Without a port every rule for the host counts. "-" reads endpoints from stdin and @FILE from a file, one a line;
    blank lines and lines that begin with "#" are passed over. With a profile, be it one that this folder has, the
    rules of that cluster decide. The address of a page is understood as well.

    Exit 0 where every verdict is required, required-if, recommended or informational, else 1; 3 where an endpoint
    could not be read: the others are answered all the same.
    """
    catalog = load(file)
    resolution = None
    if names_a_cluster(options):
        from aks_egress_catalog.resolver import resolver

        resolution = resolver(target=EVERYTHING, **options)(fixed(catalog, fix_advisories=fix_advisories))
        write_notes(resolution.caveats)
    checker = Checker(catalog, resolution=resolution, lives=lives_beside(file))
    ends = _Ends(checker.read(_lines(endpoints)))
    if form == "json":
        click.echo("".join(answers_json(ends)), nl=False)
    else:
        write_lines(line for answer in ends for line in answer_lines(answer))
    if not ends.count:
        write_notes(["there is no endpoint in what was given"])
    sys.exit(ends.code)


class _Ends:
    """Passes answers on, and keeps how the command is to end because of them."""

    def __init__(self, answers: Iterable[Answer | Unreadable]) -> None:
        self._answers = answers
        self.count = 0
        self.code = 0

    def __iter__(self) -> Iterator[Answer | Unreadable]:
        for answer in self._answers:
            self.count += 1
            if isinstance(answer, Unreadable):
                self.code = BAD_INPUT
            elif not answer.verdict.is_yes:
                self.code = max(self.code, NO)
            yield answer


def _lines(arguments: Iterable[str]) -> Iterator[str]:
    """The endpoints that the arguments name or hold."""
    for argument in arguments:
        if argument != "-" and not argument.startswith("@"):
            yield argument
            continue
        text = _read(argument)
        yield from (line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))


def _read(argument: str) -> str:
    """Read stdin or a file. What is no UTF-8 makes its line one that cannot be read, not the others."""
    if argument == "-":
        return sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    try:
        return Path(argument[1:]).read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {argument[1:] or 'a file without a name'}: {error.strerror}") from error
