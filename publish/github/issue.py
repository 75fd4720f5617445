"""One issue while anything of the pipeline stands still: opened with the reasons, updated, closed when it works again.

Each workflow has a part of the body of its own. Whoever fails opens the issue or writes its part; whoever works again
takes its word back; the last one that does closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aks_egress_catalog.render.escaping.code_span import code
from publish.config import IssueConfig
from publish.github.client import Repository
from publish.github.managed_block import ManagedBlock
from publish.github.values import Issue

TITLE: Final = "The pipeline cannot publish"
_HEALED: Final = "healed"
_SHOWN: Final = 50


def report_failure(
    repository: Repository, faults: Sequence[str], *, part: str = "update", run: str = "", config: IssueConfig
) -> str:
    """Open the issue, or bring a workflow's part of it up to date.

    Each fault names a page and a cell or a step, and stands in a code span; ``part`` is the workflow, ``run`` the
    address of its run.
    """
    lines = [f"- {code(fault)}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"- and {len(faults) - _SHOWN} more")
    what = f"**{part}** fails. What it does waits until this is mended:"
    text = "\n".join([what, "", *lines, *(["", f"Run: {run}"] if run else [])])
    block = ManagedBlock(marks={"part": part}, text=text)
    there = _ours(repository, config)
    if not there:
        opened = repository.open_issue(title=TITLE, body=block.within(""), label=config.label)
        return f"opened #{opened.number}: {opened.url}"
    body = block.within(there[0].body)
    if body == there[0].body:
        return f"#{there[0].number} says so already: {there[0].url}"
    repository.update_issue(there[0].number, title=there[0].title, body=body)
    return f"updated #{there[0].number}: {there[0].url}"


def report_healed(repository: Repository, *, part: str = "update", config: IssueConfig) -> str:
    """Take back what a workflow said, and close the issue where no other one still says something."""
    there = _ours(repository, config)
    return "; ".join(_heal(repository, issue, part) for issue in there) or "no issue is open"


def _ours(repository: Repository, config: IssueConfig) -> list[Issue]:
    """The open issues of ours; others may have the label as well."""
    there = repository.open_issues(config.label)
    return [issue for issue in there if issue.title == TITLE or ManagedBlock.all_of(issue.body)]


def _heal(repository: Repository, issue: Issue, part: str) -> str:
    waiting = [block for block in ManagedBlock.all_of(issue.body) if _HEALED not in block.marks]
    ours = [block for block in waiting if block.part in (part, "")]  # without a part: of a time with one workflow
    others = sorted(block.part for block in waiting if block not in ours)
    body = issue.body
    for block in ours:
        healed = ManagedBlock(marks=block.marks | {_HEALED: "yes"}, text=f"{block.text}\n\nHealed: it works again.")
        body = healed.within(body)
    if others and not ours:
        return f"#{issue.number} is about {', '.join(others)}"
    repository.update_issue(issue.number, title=issue.title, body=body, close=not others)
    return f"#{issue.number} still is about {', '.join(others)}" if others else f"closed #{issue.number}"
