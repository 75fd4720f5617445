"""The publisher's commands: ``python -m publish plan | pull-request | release | diff | …``."""

from __future__ import annotations

import sys

import click

from aks_egress_catalog.errors import AksEgressError, CatalogError
from publish.commands import data, pipeline, upkeep
from publish.commands.notify import notify
from publish.commands.shared import BAD_INPUT, USAGE, stderr
from publish.commands.site import site
from publish.plan.report import UnreadablePageError


@click.group(help=__doc__)
def main() -> None:
    """Group the commands; each can be run alone and twice."""


for command in (
    *(pipeline.plan, pipeline.pull_request, pipeline.release, pipeline.upload, pipeline.issue),
    *(data.diff, data.backfill, data.changelog, data.alerts),
    *(upkeep.state, upkeep.heartbeat, notify, site),
):
    main.add_command(command)


def run() -> None:
    """Run a command; a fault that a person can mend is one line and its exit code, never a traceback."""
    try:
        main()
    except (CatalogError, UnreadablePageError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(BAD_INPUT)
    except (AksEgressError, OSError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(USAGE)


if __name__ == "__main__":
    run()
