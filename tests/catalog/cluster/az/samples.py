"""Clusters as ``az aks show`` prints them, and what the tests ask of the questions that they leave open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.az.questions import open_questions
from tests import base

SAMPLES: Final = Path(__file__).parent / "clusters"
STANDING: Final = {"azure_firewall", "custom_dns", "private_endpoints"}
HOST: Final = "{}-rg-000000-a1b2c3d4.hcp.{}"


def sample(name: str, **changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return content | changes


def keys(found: AzProfile) -> set[str]:
    return {question.key for question in found.unknown}


def open_keys(found: AzProfile) -> list[str]:
    """The keys that are asked, in their order: what would change a rule by the data of :mod:`tests.base`."""
    return [question.key for question in open_questions(found.unknown, base.CATALOG.rules, found.profile)]


def noted(found: AzProfile) -> str:
    return "\n".join(found.notes)


def asked(found: AzProfile, key: str) -> str:
    return "\n".join(f"{question.text} {question.why}" for question in found.unknown if question.key == key)
