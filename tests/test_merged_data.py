"""No test knows today's data: after merged live readings all of them are green."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.merges import copy_checkout, merge_readings


@pytest.mark.slow
@pytest.mark.xdist_group("site")  # begins with that large group; at the end the other cores would wait for it
def test_after_a_new_host_and_a_reworded_sentence_were_merged_the_fast_tests_are_green(tmp_path: Path) -> None:
    root = tmp_path / "main"
    copy_checkout(root)
    host, sentence = merge_readings(root, 2)
    assert host.due
    assert host.changes.summary["added"] > 0
    assert sentence.due
    assert sentence.changes.summary["conditions"] > 0
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MAKE"))}
    # The package of this environment is that of the outer checkout; the copy's own comes first. One process: the outer
    # run has the other cores.
    inside = outside | {"PYTHONPATH": str(root / "catalog"), "PYTEST_XDIST_AUTO_NUM_WORKERS": "1"}
    # What the outer run tries on any data is left out: properties at length, and the rooms that see no shipped data.
    inside["PYTEST_ADDOPTS"] = "--hypothesis-profile=brief --on-merged-data"
    command = ["make", "--assume-old=.venv/.dev", "test-fast"]
    done = subprocess.run(command, cwd=root, env=inside, capture_output=True, text=True, check=False)
    failed = "\n".join(re.findall(r"^(?:FAILED|ERROR|E  ).*", done.stdout, re.MULTILINE))
    assert done.returncode == 0, f"{failed}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 1500
