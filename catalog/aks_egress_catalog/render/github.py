"""An upgrade plan as commands of GitHub Actions, which a run shows as annotations and in its log.

``::error title=…::…`` is what must be added and is required, ``::warning`` what must be added and is recommended,
``::notice`` what else changed. A line that is none of ours cannot come about: what ends a command, or a property of it,
is escaped as GitHub's own toolkit does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep
from aks_egress_catalog.model import Level
from aks_egress_catalog.render.escaping.workflow_commands import annotation
from aks_egress_catalog.render.words import describe


def plan_annotations(plan: UpgradePlan, newly_unmet: Iterable[str] = ()) -> str:
    """Write an upgrade plan, one command a line; ``newly_unmet`` are new rules that could not be expressed."""
    return "".join(f"{line}\n" for line in _lines(plan, newly_unmet))


def _lines(plan: UpgradePlan, newly_unmet: Iterable[str]) -> Iterator[str]:
    way = f"{plan.old} to {plan.new}"
    for step in plan.add:
        level = "error" if step.level is Level.REQUIRED else "warning"
        yield annotation(level, f"AKS egress: add {step.destination}", f"{_endpoint(step)}; from {way}")
    for name in newly_unmet:
        yield annotation("error", "AKS egress: add a rule", f"{name} is new and needs further input; from {way}")
    for step in plan.may_go:
        hold = f", keep it until {step.keep_until}" if step.keep_until else ""
        yield annotation("notice", f"AKS egress: {step.destination} may go", f"{_endpoint(step)}{hold}; from {way}")
    for change in plan.conditions:
        name = change.rule.id if change.rule else change.place
        yield annotation("notice", "AKS egress: other conditions", f"{name}: {'; '.join(describe(change))}")
    if not plan.add and not newly_unmet:
        yield annotation("notice", "AKS egress", f"nothing must be added from {way}")


def _endpoint(step: UpgradeStep) -> str:
    port = f" {step.protocol} {step.port}" if step.protocol else ""
    since = f", since {step.since}" if step.since else ""
    return f"{step.cloud}: {step.destination}{port}, {', '.join(step.features)}, {step.level}{since}"
