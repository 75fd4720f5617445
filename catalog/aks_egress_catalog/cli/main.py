"""The command line: which command is which function, and what an error becomes. Commands are loaded when called."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import Final, NoReturn

import click

import aks_egress_catalog as aec
from aks_egress_catalog.cli.options import examples
from aks_egress_catalog.cli.output import BAD_INPUT, USAGE, write_whatever_the_encoding
from aks_egress_catalog.errors import AksEgressError, InputError
from aks_egress_catalog.render.escaping.log_commands import inert
from aks_egress_catalog.text.visible import visible

_COMMANDS: Final = {
    "list": "rules.list_rules",
    "resolve": "rules.resolve",
    "check": "endpoints.check",
    "explain": "explaining.command.explain",
    "export": "firewalls.export",
    "lint": "lists.lint",
    "changes": "past.changes",
    "completion": "completion.completion",
    "dates": "past.dates",
    "diff": "past.diff",
    "profile": "profiles.profile",
    "show": "past.show",
}
"""Module and function of each command."""
COMPLETING: Final = "_AKS_EGRESS_CATALOG_COMPLETE"
"""The variable by which a shell asks for completions; click derives the name from that of the program."""
_OVERVIEW: Final = "rules.overview"
"""What a call without a command shows."""


class _LazyCommands(click.Group):
    """Imports a command when it is called or described: ``check`` never waits for what only ``export`` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  - as above
        return _load(_COMMANDS[cmd_name]) if cmd_name in _COMMANDS else None


def _load(name: str) -> click.Command:
    module, _, function = name.rpartition(".")
    command: click.Command = getattr(import_module(f"aks_egress_catalog.cli.{module}"), function)
    return command


@click.group(
    cls=_LazyCommands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("resolve --set region=westeurope", "check mcr.microsoft.com"),
)
@click.option("--version", is_flag=True, help="Print the version of the code and that of the data.")
@click.pass_context
def cli(context: click.Context, *, version: bool) -> None:
    """Say what an Azure Kubernetes Service cluster must be allowed to reach."""
    if version:
        click.echo(f"aks-egress-catalog {aec.__version__}, data {aec.load().version}")
        context.exit()
    if context.invoked_subcommand is None:
        context.invoke(_load(_OVERVIEW))


def main() -> None:
    """Run the command line; a fault that a person can mend is one line, never a traceback."""
    write_whatever_the_encoding()
    if COMPLETING in os.environ:
        import_module("aks_egress_catalog.cli.completion")  # has a class of its own for bash
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
    click.echo(inert(visible(f"error: {error}")), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
