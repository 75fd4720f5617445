"""The command that prints what a shell needs to complete commands, options and formats."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from aks_egress_catalog.cli.options import examples

_PROGRAM = "aks-egress-catalog"
_VARIABLE = "_AKS_EGRESS_CATALOG_COMPLETE"
"""By which the script asks this program; click derives the name from that of the program."""


@click.command(epilog=examples("completion bash >> ~/.bashrc", "completion zsh > ~/.zfunc/_aks-egress-catalog"))
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete this command line."""
    known = get_completion_class(shell)
    if known is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    script = known(context.find_root().command, {}, _PROGRAM, _VARIABLE)
    click.echo(ShellComplete.source(script))  # the base's: that of bash starts a bash, only to ask for its version
