"""At most one open pull request: opened, updated in place, closed when nothing is left to merge.

Each step first looks at what is there, so a run that broke anywhere is finished by the next one, and a run with the
same result touches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from aks_egress_catalog.errors import AksEgressError
from publish.config import PullRequestConfig
from publish.github.base_branch import current_base, differing
from publish.github.client import Repository
from publish.github.managed_block import ManagedBlock
from publish.github.markdown import pull_request_body, title
from publish.github.values import Commit, Pull
from publish.plan.check import GateVerdict
from publish.plan.proposal import CHANGELOG, DATA_FOLDER, Proposal
from publish.plan.report import Report
from publish.plan.sentences import REVIEWED, follows

_TRAILER: Final = re.compile(r"^Proposal: (\w+)$", re.MULTILINE)
_NEAR: Final = 20
"""So many commits of people on top of ours are looked through."""


class PullRequestError(AksEgressError):
    """The proposal cannot be opened as it stands; the message says what a person has to do."""


def propose_on_github(
    repository: Repository,
    proposal: Proposal,
    report: Report,
    *,
    config: PullRequestConfig,
    published: Mapping[str, str],
) -> str:
    """Bring the pull request to what the proposal says; return what was done, in a sentence.

    ``published`` are the data files of the checkout that the proposal was made from, by path: where the base branch
    has others by now, the proposal is stale.

    Raises:
        PullRequestError: the gate refuses it, or a person works on its branch.
        BaseBranchError: it is stale: the base branch publishes something else by now.
        GitHubRefusedError: GitHub did not do what was asked.
    """
    if proposal.gate.verdict is GateVerdict.REFUSE:
        raise PullRequestError("the gate refuses this result: nothing is proposed; plan prints the reasons")
    pulls = repository.pulls(config.branch, config.base)
    current = next((pull for pull in pulls if pull.open), None)
    if not proposal.due:
        return _withdraw(repository, current) if current else "nothing changed: no pull request is needed"
    if current is None and (declined := _declined(repository, pulls, proposal)):
        return f"#{declined.number} was closed without a merge: not proposed again until the facts change"
    base = current_base(repository, config.base, published)
    block = ManagedBlock(marks=_marks(proposal), text=pull_request_body(proposal, report))
    committed = _commit(repository, proposal, base, config, pulls)
    if current is None:
        current = repository.open_pull(
            title=title(proposal), body=block.within(""), branch=config.branch, base=config.base
        )
        done = f"opened #{current.number}: {current.url}"
    elif block.within(current.body) != current.body or current.title != title(proposal):
        repository.update_pull(current.number, title=title(proposal), body=block.within(current.body))
        done = f"updated #{current.number}: {current.url}"
    else:
        done = f"{'updated' if committed else 'nothing new for'} #{current.number}: {current.url}"
    labels = _labels(current, proposal, config)
    if set(labels) != set(current.labels):
        repository.set_labels(current.number, labels)
    return done


def _marks(proposal: Proposal) -> dict[str, str]:
    return {"facts": proposal.facts, "version": proposal.version}


def _declined(repository: Repository, pulls: list[Pull], proposal: Proposal) -> Pull | None:
    """The latest pull request, if a person closed it without a merge and it asked for the same."""
    latest = next(iter(pulls), None)
    if latest is None or latest.merged:
        return None
    block = ManagedBlock.of(latest.body)
    # Where a person took our part out of the body, the commit still says what it asked for.
    facts = block.marks.get("facts") if block else _facts_of(repository.commit(latest.head))
    return latest if facts == proposal.facts and not (block and "withdrawn" in block.marks) else None


def _withdraw(repository: Repository, current: Pull) -> str:
    """Close a pull request whose change is gone from the page; if it comes again, it is proposed again."""
    block = ManagedBlock.of(current.body) or ManagedBlock(marks={}, text="")
    gone = ManagedBlock(
        marks=block.marks | {"withdrawn": "yes"},
        text="The page asks again for what is published: there is nothing left to merge.",
    )
    repository.update_pull(current.number, title=current.title, body=gone.within(current.body), close=True)
    return f"closed #{current.number}: the page asks again for what is published"


def commit_message(proposal: Proposal) -> str:
    """The message of a commit of ours; its trailer shows that no person made it."""
    return f"{title(proposal)}\n\nProposal: {proposal.facts}\n"


def _commit(
    repository: Repository, proposal: Proposal, base: Commit, config: PullRequestConfig, pulls: list[Pull]
) -> bool:
    """Bring the branch to one commit on top of the base, in one step; return whether it had to move."""
    sha = repository.head(config.branch)
    if sha is not None and sha != base.sha:
        tip = repository.commit(sha)
        if not (differing(repository, proposal.files, tip) or _is_left(repository, proposal, tip, base)):
            return False
        # What a pull request that is over left on its branch is kept by that pull request.
        left_over = any(pull.head == sha and not pull.open for pull in pulls)
        if not (left_over or _is_ours(repository, tip)):
            below = _below(repository, tip)
            if not (below and _decides_sentences(repository, proposal, below, tip)):
                if below and _facts_of(below) == proposal.facts:
                    return False  # a person works on this very proposal
                raise PullRequestError(
                    f"the page says something new, and the branch {config.branch} has a commit of somebody's"
                    f" ({sha[:9]}): merge its pull request, or delete the branch; the next run proposes what is new"
                )
    changed = differing(repository, proposal.files, base)
    made = repository.write_commit(changed, parent=base, message=commit_message(proposal))
    repository.move(config.branch, made, force=True)
    return True


def _is_ours(repository: Repository, commit: Commit) -> bool:
    """Whether a commit is ours, or only brings the base into ours, as GitHub's own button does."""
    brought = len(commit.parents) > 1 and _facts_of(repository.commit(commit.parents[0]))
    return bool(_facts_of(commit) or brought)


def _is_left(repository: Repository, proposal: Proposal, tip: Commit, base: Commit) -> bool:
    """Whether the branch has other data than the base, although nothing but sentences is proposed any more."""
    if set(proposal.files) != {REVIEWED}:
        return False
    there, published = repository.blobs(tip.tree), repository.blobs(base.tree)
    return any(name != published.get(path) for path, name in there.items() if path.startswith((DATA_FOLDER, CHANGELOG)))


def _decides_sentences(repository: Repository, proposal: Proposal, ours: Commit, tip: Commit) -> bool:
    """Whether people changed nothing on top of our commit but what sentences mean, and the proposal follows them."""
    before, after = repository.blobs(ours.tree), repository.blobs(tip.tree)
    edited = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    if edited != {REVIEWED} or REVIEWED not in proposal.files:
        return False
    return follows(proposal.files[REVIEWED], repository.blob(after[REVIEWED]).decode(errors="replace"))


def file_on_branch(repository: Repository, branch: str, path: str) -> str:
    """A file as a branch has it; empty where there is no such branch or file."""
    sha = repository.head(branch)
    name = repository.blobs(repository.commit(sha).tree).get(path) if sha else None
    return repository.blob(name).decode(errors="replace") if name else ""


def _below(repository: Repository, commit: Commit) -> Commit | None:
    """Our commit on which people built theirs, if there is one near."""
    for _ in range(_NEAR):
        if _facts_of(commit):
            return commit
        if not commit.parents:
            break
        commit = repository.commit(commit.parents[0])
    return None


def _facts_of(commit: Commit) -> str:
    """What a commit of ours asks for, as its trailer says; empty for the commits of people."""
    found = _TRAILER.search(commit.message)
    return found[1] if found else ""


def _labels(current: Pull, proposal: Proposal, config: PullRequestConfig) -> tuple[str, ...]:
    """What people labelled stays; ours follow the verdict."""
    held = {config.hold_label} if proposal.gate.verdict is GateVerdict.HOLD else set()
    return tuple(sorted(set(current.labels) - {config.hold_label} | {*config.labels} | held))
