"""What becomes of files, and of standard output, where ``lint`` mends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from aks_egress_catalog.cli.fixing import Fixing
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.linting.mending.files import diffs, encoded, new_bytes
from aks_egress_catalog.linting.mending.mend import mend
from aks_egress_catalog.linting.mending.plan import Wishes
from aks_egress_catalog.linting.read import Lists
from aks_egress_catalog.linting.source import STANDARD_INPUT
from aks_egress_catalog.render.escaping.log_commands import inert
from aks_egress_catalog.text.files import write_files
from aks_egress_catalog.text.visible import visible


def mended(asked: Fixing, read: Callable[[], Lists], judge: Callable[[Lists], Lint]) -> tuple[Lint, bool]:
    """Mend the files; return the answer for them as they are then, and whether standard output is taken.

    It is where it has the diff, or the text that came from standard input.
    """
    found = mend(read, judge, Wishes(retired=asked.fix_retired, near_misses=asked.fix_near_misses))
    before = found.before
    if asked.only_diff:
        shown = diffs((path, before.texts[path], text) for path, text in found.texts.items())
        _write_bytes(shown.encode("utf-8"))
    else:
        _write(found.texts, before)
    verb = "would fix" if asked.only_diff else "fixed"
    for line in (*(f"{verb}: {one}" for one in found.done), *(f"not fixed: {one}" for one in found.left)):
        click.echo(inert(visible(line)), err=True)
    answer = found.found_before if asked.only_diff else found.found
    return answer, asked.only_diff or STANDARD_INPUT in before.texts


def _write(texts: Mapping[str, str], before: Lists) -> None:
    """Write new texts into their files, all or none; standard input goes to standard output, changed or not."""
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
