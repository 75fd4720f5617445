"""A file that grows, as ``tail -F`` reads it. The clock is ours: each sleep is a step of whoever writes the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow
from aks_egress_catalog.logs.follow import follow
from aks_egress_catalog.logs.read import read_followed
from tests.catalog.logs.made import made

Step = Callable[[], object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def append(file: Path, text: str) -> Step:
    def step() -> None:
        with file.open("a") as stream:
            stream.write(text)

    return step


class Clock:
    """Takes one step a sleep; stops when there are no more."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)

    def sleep(self, _: float) -> None:
        self._steps.pop(0)()

    def stop(self) -> bool:
        return not self._steps


def followed(file: Path, *steps: Step) -> list[str]:
    clock = Clock(*steps)
    return [line for batch in follow(file, Context(), sleep=clock.sleep, stop=clock.stop) for line in batch]


def test_what_is_there_and_what_comes(file: Path) -> None:
    file.write_text("a\nb\n")
    assert followed(file, append(file, "c\n"), append(file, "d\r\ne\n")) == ["a", "b", "c", "d", "e"]


def test_half_a_line_waits_for_its_end(file: Path) -> None:
    file.write_text("a\nb")
    clock = Clock(append(file, "b"), append(file, "b\nc"), lambda: None)
    batches = [batch for batch in follow(file, Context(), sleep=clock.sleep, stop=clock.stop) if batch]
    assert batches == [["a"], ["bbb"], ["c"]]


def test_half_a_character_waits_for_its_end(file: Path) -> None:
    file.write_bytes("é".encode()[:1])
    assert followed(file, lambda: file.write_bytes("éa\n".encode()), lambda: None) == ["éa"]


def test_renamed_file_is_read_to_its_end_and_the_new_one_from_its_start(file: Path) -> None:
    file.write_text("a\nb")
    old = file.with_suffix(".1")

    def rotate() -> None:
        file.rename(old)
        append(old, "b\n")()

    assert followed(file, rotate, append(old, "c\n"), append(file, "d\n"), append(file, "e\n")) == [
        "a",
        "bb",
        "c",
        "d",
        "e",
    ]


def test_half_a_line_at_a_rotation_is_a_line(file: Path) -> None:
    file.write_text("a\nhalf")

    def rotate() -> None:
        file.rename(file.with_suffix(".1"))
        file.write_text("b\n")

    assert followed(file, rotate, lambda: None) == ["a", "half", "b"]


def test_file_that_was_cut_is_read_from_its_start(file: Path) -> None:
    file.write_text("a\nb\n")
    assert followed(file, lambda: file.write_text("c\n"), append(file, "d\n")) == ["a", "b", "c", "d"]


def test_removed_file_and_one_that_is_not_there_yet_are_waited_for(file: Path) -> None:
    assert followed(file, append(file, "a\n"), file.unlink, lambda: None, append(file, "b\n"), lambda: None) == [
        "a",
        "b",
    ]


def test_flows_come_as_lines_do(file: Path) -> None:
    one, two, three = made("squid", 3, denied=1.0)
    file.write_text(one + "\n" + two[:40])
    clock = Clock(append(file, two[40:] + "\n"), append(file, three))
    context = Context()
    found = list(read_followed(file, context, sleep=clock.sleep, stop=clock.stop))
    assert [isinstance(each, Flow) for each in found] == [True] * 3
    assert (context.lines, list(context.formats)) == (3, ["squid"])


def test_format_may_change_at_a_rotation(file: Path) -> None:
    file.write_text("TimeGenerated [UTC],Fqdn,Action\n2026-11-20T08:15:02Z,a.example,Deny\n")
    rows = "TimeGenerated [UTC],Action,Fqdn\n2026-11-20T08:15:02Z,Deny,b.example\n"

    def rotate() -> None:
        file.unlink()
        file.write_text(rows)

    clock = Clock(rotate, lambda: None)
    found = read_followed(file, Context(), sleep=clock.sleep, stop=clock.stop)
    assert [one.host for one in found if isinstance(one, Flow)] == ["a.example", "b.example"]
