"""The options of ``lint`` that mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from aks_egress_catalog.errors import AksEgressError


def fix_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command mend what it judges; it takes ``fixing``, which says what is asked for."""

    @wraps(command)
    def with_fixing(
        *arguments: Any, fix: bool, fix_retired: bool, fix_near_misses: bool, only_diff: bool, **others: Any
    ) -> Any:
        asked = Fixing(fix=fix, fix_retired=fix_retired, fix_near_misses=fix_near_misses, only_diff=only_diff)
        return command(*arguments, fixing=asked, **others)

    options = (
        click.option(
            "--fix",
            is_flag=True,
            help="Add what is missing and correct ports, in Terraform, Bicep and plain lists; say what is not done.",
        ),
        click.option("--fix-retired", is_flag=True, help="The same, and take out what is retired."),
        click.option("--fix-near-misses", is_flag=True, help="The same, and write the rule's name for a near miss."),
        click.option("--diff", "only_diff", is_flag=True, help="With --fix: print a unified diff, and write nothing."),
    )
    made: Callable[..., Any] = with_fixing
    for option in reversed(options):
        made = option(made)
    return made


@dataclass(frozen=True, kw_only=True)
class Fixing:
    """What the options of :func:`fix_options` ask for."""

    fix: bool
    fix_retired: bool
    fix_near_misses: bool
    only_diff: bool

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be mended.

        Raises:
            AksEgressError: a diff is asked for, and nothing is.
        """
        asked = self.fix or self.fix_retired or self.fix_near_misses
        if self.only_diff and not asked:
            raise AksEgressError("--diff shows what --fix would write: give --fix as well")
        return asked
