"""The publisher's command line: which command is which function, and what an error becomes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

import click

from aks_egress_catalog.errors import AksEgressError, CatalogError
from publish.commands.shared import BAD_INPUT, HELD, USAGE, stderr
from publish.plan.released import VersionTakenError
from publish.plan.report import UnreadablePageError

_COMMANDS: Final = {
    "plan": "plan.plan",
    "released": "released.released",
    "reviewed": "released.reviewed",
    "correct": "correct.correct",
    "pull-request": "github.pull_request",
    "issue": "github.issue",
    "state": "github.state",
    "release": "release.release",
    "upload": "release.upload",
    "packages": "packages.packages",
    "diff": "diff.diff",
    "backfill": "history.backfill",
    "changelog": "history.changelog",
    "alerts": "history.alerts",
    "heartbeat": "heartbeat.heartbeat",
    "doctor": "doctor.doctor",
    "notify": "notify.notify",
    "site": "site.site",
}
"""Module and function of each command."""


class _LazyCommands(click.Group):
    """Imports a command when it is called or described: ``changelog`` never waits for what only ``release`` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted((*super().list_commands(ctx), *_COMMANDS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, function = _COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"publish.commands.{module}"), function)
        return command


@click.group(
    cls=_LazyCommands, help="The publisher's commands: ``python -m publish plan | pull-request | release | diff | …``."
)
def main() -> None:
    """Group the commands; each can be run alone and twice."""


def run() -> None:
    """Run a command; a fault that a person can mend is one line and its exit code, never a traceback."""
    try:
        main()
    except (CatalogError, UnreadablePageError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(BAD_INPUT)
    except VersionTakenError as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(HELD)
    except (AksEgressError, OSError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(USAGE)


if __name__ == "__main__":
    run()
