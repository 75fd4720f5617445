"""The configuration in ``publish.toml``; secrets come from the environment and nowhere else."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.text.codec import from_json_as

PUBLISH_TOML: Final = Path(__file__).with_name("publish.toml")


class PublishConfigError(AksEgressError):
    """The configuration cannot be used as it stands."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """How long a rule that left the page is kept."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 0:
            raise ValueError("days must not be negative")

    @property
    def length(self) -> dt.timedelta:
        """The length of a hold."""
        return dt.timedelta(days=self.days)


@dataclass(frozen=True, kw_only=True)
class GateLimits:
    """What the gate lets pass. Shares are between 0 and 1."""

    fewest_rules: int
    largest_drop: float
    fewest_locales: float

    def __post_init__(self) -> None:
        for name in ("largest_drop", "fewest_locales"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class PullRequestConfig:
    """Where a change is proposed."""

    base: str
    branch: str
    labels: tuple[str, ...]
    hold_label: str

    def __post_init__(self) -> None:
        if self.base == self.branch:
            raise ValueError("branch must not be the base: it is overwritten by every update")


@dataclass(frozen=True, kw_only=True)
class ReleaseConfig:
    """What is worth a release, and whether it may go out without a person."""

    direct: bool
    text_only: bool


@dataclass(frozen=True, kw_only=True)
class IssueConfig:
    """How the one issue about a failing pipeline is known."""

    label: str


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole of ``publish.toml``."""

    hold: Hold
    gate: GateLimits
    pull_request: PullRequestConfig
    release: ReleaseConfig
    issue: IssueConfig


def read_config(file: Path = PUBLISH_TOML) -> Config:
    """Read the configuration.

    Raises:
        PublishConfigError: the file is absent, no TOML, or has unknown keys or wrong values; the first is named.

    >>> read_config().hold.days
    14
    """
    try:
        with file.open("rb") as stream:
            written = tomllib.load(stream)
        return from_json_as(Config, json.dumps(written, default=str))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PublishConfigError(f"{file} cannot be read as TOML: {error}") from error
    except CatalogError as error:
        raise PublishConfigError(f"{file}: {error.path.removeprefix('$.')}: {error.reason}") from error
