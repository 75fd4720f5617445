"""The part of ``lint`` that mends: its options, and what becomes of the files and of standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.linting.read import Lists
from aks_egress_catalog.linting.source import STANDARD_INPUT
from aks_egress_catalog.render.escaping.log_commands import inert
from aks_egress_catalog.text.files import write_files
from aks_egress_catalog.text.visible import visible


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

    def run(self, read: Callable[[], Lists], judge: Callable[[Lists], Lint]) -> tuple[Lint, bool]:
        """Mend the files; return the answer for them as they are then, and whether standard output is taken.

        It is where it has the diff, or the text that came from standard input.
        """
        from aks_egress_catalog.linting.mending.files import diffs  # noqa: PLC0415  - only where something is mended
        from aks_egress_catalog.linting.mending.mend import mend  # noqa: PLC0415  - as above
        from aks_egress_catalog.linting.mending.plan import Wishes  # noqa: PLC0415  - as above

        mended = mend(read, judge, Wishes(retired=self.fix_retired, near_misses=self.fix_near_misses))
        before = mended.before
        if self.only_diff:
            shown = diffs((path, before.texts[path], text) for path, text in mended.texts.items())
            _write_bytes(shown.encode("utf-8"))
        else:
            _write(mended.texts, before)
        verb = "would fix" if self.only_diff else "fixed"
        for line in (*(f"{verb}: {one}" for one in mended.done), *(f"not fixed: {one}" for one in mended.left)):
            click.echo(inert(visible(line)), err=True)
        found = mended.found_before if self.only_diff else mended.found
        return found, self.only_diff or STANDARD_INPUT in before.texts


def _write(texts: Mapping[str, str], before: Lists) -> None:
    """Write new texts into their files, all or none; standard input goes to standard output, changed or not."""
    from aks_egress_catalog.linting.mending.files import encoded, new_bytes  # noqa: PLC0415  - as above

    files = {path: text for path, text in texts.items() if path != STANDARD_INPUT}
    write_files(
        {Path(path): new_bytes(path, before.texts[path], text, before.encodings[path]) for path, text in files.items()}
    )
    if STANDARD_INPUT in before.texts:
        text = texts.get(STANDARD_INPUT, before.texts[STANDARD_INPUT])
        _write_bytes(encoded(text, before.encodings[STANDARD_INPUT]))


def _write_bytes(data: bytes) -> None:
    """Write to standard output what must stay as it is, byte by byte."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # somebody put a stream of text in its place
        sys.stdout.write(data.decode("utf-8", "replace"))
        return
    sys.stdout.flush()
    buffer.write(data)
    buffer.flush()
