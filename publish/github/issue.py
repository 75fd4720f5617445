"""One issue while the pipeline cannot publish: opened with the reasons, kept up to date, closed when it works again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aks_egress_catalog.render.markdown import code
from publish.config import IssueConfig
from publish.github.client import Repository
from publish.github.managed_block import ManagedBlock

TITLE: Final = "The pipeline cannot publish"
_SHOWN: Final = 50


def report_failure(repository: Repository, faults: Sequence[str], *, run: str, config: IssueConfig) -> str:
    """Open the issue, or bring it up to date; each fault names a page and a cell, and stands in a code span."""
    lines = [f"- {code(fault)}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"- and {len(faults) - _SHOWN} more")
    text = "\n".join(["Nothing is published until this is mended:", "", *lines, *(["", f"Run: {run}"] if run else [])])
    block = ManagedBlock(marks={}, text=text)
    there = repository.open_issues(config.label)
    if not there:
        opened = repository.open_issue(title=TITLE, body=block.within(""), label=config.label)
        return f"opened #{opened.number}: {opened.url}"
    body = block.within(there[0].body)
    if body == there[0].body:
        return f"#{there[0].number} says so already: {there[0].url}"
    repository.update_issue(there[0].number, title=there[0].title, body=body)
    return f"updated #{there[0].number}: {there[0].url}"


def report_healed(repository: Repository, *, config: IssueConfig) -> str:
    """Close the issue once the pipeline works again."""
    there = repository.open_issues(config.label)
    for issue in there:
        block = ManagedBlock.of(issue.body) or ManagedBlock(marks={}, text="")
        healed = ManagedBlock(
            marks={"healed": "yes"}, text=f"{block.text}\n\nHealed: the pipeline works again.".strip()
        )
        repository.update_issue(issue.number, title=issue.title, body=healed.within(issue.body), close=True)
    return f"closed {', '.join(f'#{issue.number}' for issue in there)}" if there else "no issue is open"
