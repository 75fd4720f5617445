"""Clusters as ``az aks show`` prints them, and what the tests ask of the questions that they leave open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.cluster.az.profile import AzProfile

SAMPLES: Final = Path(__file__).parent / "clusters"
STANDING: Final = {"azure_firewall", "custom_dns", "private_endpoints", "service_tags"}
HOST: Final = "{}-rg-000000-a1b2c3d4.hcp.{}"


def sample(name: str, **changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return content | changes


def keys(found: AzProfile) -> set[str]:
    return {question.key for question in found.unknown}


def asked(found: AzProfile, key: str) -> str:
    return "\n".join(f"{question.text} {question.why}" for question in found.unknown if question.key == key)
