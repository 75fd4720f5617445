"""What a person reads on GitHub: the pull request, the release notes and the issue, as Markdown.

Whatever came from a page stands in a code span: see :mod:`aks_egress_catalog.render.markdown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aks_egress_catalog.catalog import Catalog, NamedDate
from aks_egress_catalog.history.changes import Changes
from aks_egress_catalog.render.escaping.code_span import code
from aks_egress_catalog.render.markdown import changes_markdown
from publish.plan.check import Check, GateVerdict
from publish.plan.gate import Gate
from publish.plan.proposal import Proposal
from publish.plan.report import Report
from publish.plan.sentences import REVIEWED, NewSentence

UPSTREAM: Final = "https://github.com/MicrosoftDocs/azure-aks-docs/commit"
_LONGEST: Final = 60_000
"""GitHub takes 65 536 characters; people write some of them."""
_SIGNS: Final = {GateVerdict.PUBLISH: "pass", GateVerdict.HOLD: "**hold**", GateVerdict.REFUSE: "**refuse**"}


def pull_request_body(proposal: Proposal, report: Report) -> str:
    """The verdict of the gate, the changes, the upstream commit, the locales, and how to make the same again."""
    parts = [
        correction_markdown(proposal),
        gate_markdown(proposal.gate),
        "## Changes\n",
        changes_markdown(proposal.changes.changes, full="`changes.json` of the run's artifacts", level=3),
        sentences_markdown(proposal.sentences),
        "## Upstream\n",
        f"Last commit of the page: [{code(proposal.commit[:9])}]({UPSTREAM}/{proposal.commit})\n"
        if proposal.commit.isalnum()
        else "The page does not say which commit it is.\n",
        "## Locales\n",
        locales_markdown(report),
        "## Reproduce\n",
        "    python -m scraper fetch --out pages\n"
        "    python -m scraper build --pages pages --out build\n"
        "    python -m publish plan --out build\n",
    ]
    return _cut("\n".join(parts))


def sentences_markdown(sentences: Sequence[NewSentence]) -> str:
    """Quote each sentence that nobody has reviewed, with what is proposed that it means; nothing where there is none.

    >>> sentences_markdown(())
    ''
    """
    if not sentences:
        return ""
    lines = [
        "## New sentences",
        "",
        "To merge this is to have reviewed them. Where you read one otherwise, edit its line of"
        f" `{REVIEWED}` on this branch first.",
        "",
    ]
    for one in sentences:
        proposed = "**undecided: choose**" if one.undecided else "proposed: it means nothing for the rules"
        lines += [f"- {code(one.sentence)}", f"  - entry {code(one.digest)}; {proposed}", f"  - at {code(one.at)}"]
        lines.append(f"  - beside {', '.join(map(code, one.rules))}")
        lines += [f"  - what meant something there: {code(one.nearest)}"] if one.nearest else []
    return "\n".join([*lines, "", ""])


def correction_markdown(proposal: Proposal) -> str:
    """Say that not the page changed, but what was published of it was wrong; nothing for any other proposal."""
    if not proposal.corrects:
        return ""
    return (
        f"## What we published as {proposal.last} was wrong\n\n"
        f"Why: {code(proposal.corrects)}. The page did not change since, but it is read in another way now: one of the"
        " two readings is wrong. Merge this if that is the old one: it becomes the next version, and everybody who was"
        " told the wrong thing is told. If it is the new one, close this and mend the reader.\n"
    )


def title(proposal: Proposal) -> str:
    """The title of a proposal: its version and counts of its changes; no word of a page is in it."""
    if set(proposal.files) == {REVIEWED}:
        return f"New sentences to review: {len(proposal.sentences)}"
    what = f"Correction {proposal.version} of {proposal.last}" if proposal.corrects else f"Data {proposal.version}"
    return f"{what}: {change_counts(proposal)}"


def change_counts(proposal: Proposal) -> str:
    """Count what is new."""
    return ", ".join(f"{count} {kind}" for kind, count in proposal.changes.summary.items() if count) or "no change"


def release_notes(catalog: Catalog, changes: Changes) -> str:
    """What a user of the release before must know."""
    commit = catalog.authority.commit if catalog.authority else ""
    head = f"{len(catalog.rules)} rules, facts of {catalog.facts_date}, upstream commit {code(commit[:9])}.\n"
    changed = changes_markdown(changes.changes, full="`changes.json`", level=2)
    ahead = (named for named in catalog.dates if catalog.facts_date and named.date > catalog.facts_date)
    return _cut(f"{head}\n{changed}\n{dates_markdown(ahead)}{catalog.attribution}\n")


def dates_markdown(days: Iterable[NamedDate]) -> str:
    """List days that the article names; nothing where there are none.

    >>> dates_markdown(())
    ''
    """
    lines = [f"- {named}, told under {code(f'#{named.heading}')}" for named in days]
    return "\n".join(["## Days to come that the article names", "", *lines, "", ""]) if lines else ""


def gate_markdown(gate: Gate) -> str:
    """The verdict, every check as a row, and what each one found."""
    lines = [
        f"## Verdict: {gate.verdict}",
        "",
        "| check | verdict | figure | why it is checked |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {check.name} | {_SIGNS[check.verdict]} | {_cell(check.figure)} | {check.reason} |" for check in gate.checks
    ]
    for check in gate.checks:
        lines += _found(check)
    return "\n".join([*lines, ""])


def locales_markdown(report: Report) -> str:
    """What each locale is worth, and where it says something else than en-us."""
    lines = []
    for locale, state in sorted(report.locales.items()):
        lines.append(f"- {code(locale)}: {state.state}, {state.texts} rules described")
        lines += [
            f"  - {code(one.at)}: {code(one.en_us)} is {code(one.localized)} there" for one in state.contradictions
        ]
    return "\n".join([*(lines or ["None was read."]), ""])


def _found(check: Check) -> list[str]:
    if check.verdict is GateVerdict.PUBLISH or not check.found:
        return []
    return ["", f"**{check.name}**:", "", *(f"- {_bold(line)}" for line in check.found)]


def _bold(line: str) -> str:
    """A line of a check; the domain of an unknown destination comes in bold, as ``**domain**: destination``."""
    head, bold, rest = line.removeprefix("**").partition("**: ")
    return f"**{code(head)}**: {code(rest)}" if line.startswith("**") and bold else code(line)


def _cell(text: str) -> str:
    return code(text.replace("|", "/"))


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return (
        text[:_LONGEST].rpartition("\n")[0] + "\n\nThe rest does not fit here; all of it is in the run's artifacts.\n"
    )
