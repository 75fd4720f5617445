"""What a shell needs to complete commands, options and settings: the command that prints its script, and bash's ways.

bash ends a word at ``=``: of ``--set region=we`` it gives the words ``--set``, ``region``, ``=`` and ``we``, and puts
what is offered in the place of the last one. click takes them for four arguments; here they are one again, and what
stands before the last ``=`` is left out of the answer. After a key (``region=``) bash would go on to the next word.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from aks_egress_catalog.cli.main import COMPLETING
from aks_egress_catalog.cli.options import examples

_PROGRAM: Final = "aks-egress-catalog"


class _Bash(BashComplete):
    """Completes for bash, which ends a word at ``=``."""

    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion type value

    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete $1)

    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) COMPREPLY=(); compopt -o dirnames ;;
            file) COMPREPLY=(); compopt -o default ;;
            plain) COMPREPLY+=("$value"); [[ $value == *= ]] && compopt -o nospace ;;
        esac
    done
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._kept = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor and the one at it, each whole."""
        given, at = split_arg_string(os.environ["COMP_WORDS"]), int(os.environ["COMP_CWORD"])
        last = given[at] if at < len(given) else ""
        *before, incomplete = _whole((*given[1:at], last))
        if incomplete != last:
            setting = incomplete.partition("=")[2] if incomplete.startswith("-") else incomplete
            self._kept = setting[: setting.rfind("=") + 1]
        return before, incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Write an offer without what bash keeps."""
        return f"{item.type},{item.value.removeprefix(self._kept)}"


add_completion_class(_Bash)


def _whole(words: Iterable[str]) -> list[str]:
    """Put words together again that bash cut at ``=``. The last one is empty where the cursor is at a new word.

    >>> _whole(["--set", "gpu", "=", "yes", "--set", "region", "="])
    ['--set', 'gpu=yes', '--set', 'region=']
    """
    found: list[str] = []
    cut = False
    for word in words:
        if found and (word == "=" or (cut and word)):
            found[-1] += word
        else:
            found.append(word)
        cut = word == "="
    return found


@click.command(epilog=examples("completion bash >> ~/.bashrc", "completion zsh > ~/.zfunc/_aks-egress-catalog"))
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete this command line."""
    known = get_completion_class(shell)
    if known is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    script = known(context.find_root().command, {}, _PROGRAM, COMPLETING)
    click.echo(ShellComplete.source(script))  # the base's: that of bash starts a bash, only to ask for its version
