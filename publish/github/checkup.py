"""What the pipeline needs of a repository's settings, and what of it is missing. Nothing is changed.

Each question reads one or two settings and yields what is missing, a line each; none means that all is well. A setting
that GitHub does not show is neither: it is told with the right that the token lacks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from publish.github.refusal import GitHubRefusedError
from publish.github.settings import Settings
from publish.github.state_branch import BRANCH as STATE_BRANCH

APP_ENVIRONMENT: Final = "pipeline"
APP_VARIABLE: Final = "APP_ID"
APP_SECRET: Final = "APP_PRIVATE_KEY"  # noqa: S105  - a name
_OVERDUE: Final = dt.timedelta(hours=48)
_GUARDS: Final = frozenset({"pull_request", "non_fast_forward", "deletion"})
_HARMLESS: Final = frozenset({"deletion"})
"""Rules that may hold for our own branches: they are rewritten by force, and never deleted by the pipeline."""

_SETTINGS: Final = "Settings -> "
_ACTIONS: Final = f"{_SETTINGS}Actions -> General -> Workflow permissions"
_RULES: Final = f"{_SETTINGS}Rules -> Rulesets"
_ENVIRONMENTS: Final = f"{_SETTINGS}Environments"
_SECRETS: Final = f"{_SETTINGS}Secrets and variables -> Actions"


class Found(StrEnum):
    """What became of a question."""

    OK = "ok"
    MISSING = "missing"
    UNSEEN = "cannot be seen"


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """One question with its answer: what is missing or why it cannot be seen, a line each, and where to set it."""

    name: str
    found: Found
    lines: tuple[str, ...]
    where: str


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the configuration asks of a repository at one moment."""

    base: str
    branch: str
    labels: frozenset[str]
    secrets: frozenset[str]
    now: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question: its name, where the setting is set, and how to find what is missing."""

    name: str
    where: str
    missing: Callable[[Settings, Expected], Iterator[str]]


def check_up(settings: Settings, expected: Expected) -> tuple[Diagnosis, ...]:
    """Ask every question, each whatever became of the others."""
    return tuple(_answered(question, settings, expected) for question in _QUESTIONS)


def _answered(question: Question, settings: Settings, expected: Expected) -> Diagnosis:
    try:
        lines = tuple(question.missing(settings, expected))
        found = Found.MISSING if lines else Found.OK
    except GitHubRefusedError as error:
        lines, found = (str(error),), Found.UNSEEN
    return Diagnosis(name=question.name, found=found, lines=lines, where=question.where)


def _labels(settings: Settings, expected: Expected) -> Iterator[str]:
    there = {name.casefold() for name in settings.labels()}
    yield from (f"the label {label!r}" for label in sorted(expected.labels) if label.casefold() not in there)


def _workflow_rights(settings: Settings, _: Expected) -> Iterator[str]:
    rights = settings.workflow_rights()
    if not rights.may_open_pulls:
        yield "'Allow GitHub Actions to create and approve pull requests' is off"
    if rights.default != "read":
        yield "the default of GITHUB_TOKEN is read and write: choose 'Read repository contents'"


def _pages(settings: Settings, _: Expected) -> Iterator[str]:
    source = settings.pages_source()
    if not source:
        yield "there is no site (or the token lacks pages: read): choose the source 'GitHub Actions'"
    elif source != "workflow":
        yield "the source is a branch: choose 'GitHub Actions'"


def _environment(name: str) -> Question:
    def missing(settings: Settings, expected: Expected) -> Iterator[str]:
        found = settings.environment(name)
        if found is None:
            yield f"the environment {name!r}"
        elif found.branches is None:
            yield f"{name!r} is not limited to branches: choose 'Selected branches and tags', and add {expected.base}"
        else:
            yield from (f"{name!r} lets {more} in" for more in sorted(set(found.branches) - {expected.base}))
            if expected.base not in found.branches:
                yield f"{name!r} keeps {expected.base} out"

    where = f"{_ENVIRONMENTS} -> {name} -> Deployment branches and tags"
    return Question(name=f"environment {name}", where=where, missing=missing)


def _app(settings: Settings, _: Expected) -> Iterator[str]:
    """The identifier may be a variable of the repository or of the environment; the key only of the environment."""
    there = settings.environment(APP_ENVIRONMENT) is not None
    variables = settings.variables() | (settings.environment_variables(APP_ENVIRONMENT) if there else frozenset())
    if APP_VARIABLE not in variables:
        yield f"the variable {APP_VARIABLE}"
    if APP_SECRET not in _secrets_of_environment(settings):
        yield f"the secret {APP_SECRET} of the environment {APP_ENVIRONMENT!r}"
    if APP_SECRET in settings.secrets():
        yield f"{APP_SECRET} is a secret of the repository or organisation, open to every workflow: remove it there"


def _subscribers(settings: Settings, expected: Expected) -> Iterator[str]:
    """They stand in the environment, or in the repository. Without subscribers nothing is asked: no right is missed."""
    if expected.secrets:
        there = settings.secrets() | _secrets_of_environment(settings)
        yield from (f"the secret {name}" for name in sorted(expected.secrets - there))


def _secrets_of_environment(settings: Settings) -> frozenset[str]:
    there = settings.environment(APP_ENVIRONMENT) is not None
    return settings.environment_secrets(APP_ENVIRONMENT) if there else frozenset()


def _guarded(settings: Settings, expected: Expected) -> Iterator[str]:
    found = settings.branch_rules(expected.base)
    if not found.protected:
        yield from (f"no rule {rule} holds for {expected.base}" for rule in sorted(_GUARDS - found.rules))


def _spared(settings: Settings, expected: Expected) -> Iterator[str]:
    for branch in (STATE_BRANCH, expected.branch):
        found = settings.branch_rules(branch)
        rules = sorted(found.rules - _HARMLESS) + ["branch protection"] * found.protected
        yield from (f"the rule {rule} holds for {branch}, which the pipeline rewrites: exclude it" for rule in rules)


def _schedule(file: str) -> Question:
    def missing(settings: Settings, expected: Expected) -> Iterator[str]:
        found = settings.schedule(file)
        if found is None:
            yield f"GitHub knows no {file}: it has to be on {expected.base}, and Actions to be enabled"
        elif found.state != "active":
            yield f"{file} is {found.state}: enable it"
        elif found.last_run is None:
            yield f"the schedule of {file} has not run yet: the first run comes within eight hours; or start it by hand"
        elif expected.now - found.last_run > _OVERDUE:
            yield f"the schedule of {file} last ran on {found.last_run:%Y-%m-%d %H:%M} UTC"

    return Question(name=f"schedule of {file}", where=f"Actions -> {file} -> Enable workflow", missing=missing)


def _private_reports(settings: Settings, _: Expected) -> Iterator[str]:
    if not settings.takes_private_reports():
        yield "private vulnerability reporting is off"


_QUESTIONS: Final = (
    Question(name="labels", where="Issues -> Labels -> New label", missing=_labels),
    Question(name="rights of workflows", where=_ACTIONS, missing=_workflow_rights),
    Question(name="source of the site", where=f"{_SETTINGS}Pages -> Build and deployment", missing=_pages),
    _environment("pypi"),
    _environment("github-pages"),
    _environment(APP_ENVIRONMENT),
    Question(name="the app", where=f"{_ENVIRONMENTS} -> {APP_ENVIRONMENT} -> Environment secrets", missing=_app),
    Question(name="secrets of subscribers", where=_SECRETS, missing=_subscribers),
    Question(name="the base is protected", where=_RULES, missing=_guarded),
    Question(name="our branches are spared", where=f"{_RULES} -> Target branches", missing=_spared),
    _schedule("update.yml"),
    _schedule("notify.yml"),
    _schedule("pages.yml"),
    Question(
        name="private reports",
        where=f"{_SETTINGS}Advanced Security -> Private vulnerability reporting",
        missing=_private_reports,
    ),
)
