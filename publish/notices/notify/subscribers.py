"""The subscribers, their filters and their targets: ``subscribers.toml``, read whole or not at all.

A secret is never in the file: the file names the environment variable that holds it. Where the
file is wrong, the error names line and key of every wrong subscriber, and nobody is sent anything until it is right.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.history.changes import Change, Impact
from aks_egress_catalog.model import Cloud, Feature
from aks_egress_catalog.text.codec import from_json_as
from publish.config import PublishConfigError
from publish.notices.notify.targets import (
    AppriseTarget,
    Dispatch,
    IssueTarget,
    Target,
    Webhook,
    WrongKeyError,
    check,
    check_known,
)
from publish.notices.notify.toml_lines import line_of

SUBSCRIBERS_TOML: Final = Path(__file__).parents[2] / "subscribers.toml"
DEFAULT_LOCALE: Final = "en-us"
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
LOCALES: Final = frozenset(
    (
        "ar-sa", "bg-bg", "bs-latn-ba", "ca-es", "cs-cz", "da-dk", "de-at", "de-ch", "de-de", "el-gr", "en-au", "en-ca",
        "en-gb", "en-ie", "en-in", "en-my", "en-nz", "en-sg", "en-us", "en-za", "es-es", "es-mx", "et-ee", "eu-es",
        "fi-fi", "fil-ph", "fr-be", "fr-ca", "fr-ch", "fr-fr", "ga-ie", "gl-es", "he-il", "hi-in", "hr-hr", "hu-hu",
        "id-id", "is-is", "it-ch", "it-it", "ja-jp", "ka-ge", "kk-kz", "ko-kr", "lb-lu", "lt-lt", "lv-lv", "ms-my",
        "mt-mt", "nb-no", "nl-be", "nl-nl", "pl-pl", "pt-br", "pt-pt", "ro-ro", "ru-ru", "sk-sk", "sl-si", "sr-cyrl-rs",
        "sr-latn-rs", "sv-se", "th-th", "tr-tr", "uk-ua", "vi-vn", "zh-cn", "zh-hk", "zh-tw",
    ),
)  # fmt: skip
"""The languages that Learn serves: another one would mean English for ever, without a word."""


class SubscribersError(PublishConfigError):
    """The file of subscribers cannot be used as it stands; the message has every fault, a line each."""


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """One subscriber: filters, a locale, and exactly one target. An empty filter lets everything pass."""

    name: str
    clouds: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    severities: tuple[str, ...] = (Impact.BREAKING, Impact.RELAXING)
    locale: str = DEFAULT_LOCALE
    webhook: Webhook | None = None
    dispatch: Dispatch | None = None
    issue: IssueTarget | None = None
    apprise: AppriseTarget | None = None

    def __post_init__(self) -> None:
        check("name", self.name, _NAME, "small letters, digits and single hyphens")
        check_known("clouds", self.clouds, Cloud)
        check_known("features", self.features, Feature)
        check_known("severities", self.severities, Impact)
        if self.locale not in LOCALES:
            raise WrongKeyError("locale", f"{self.locale!r} is not a locale of Learn; write it as de-de")
        if len(self._targets()) != 1:
            raise WrongKeyError("", "exactly one of webhook, dispatch, issue and apprise says where to send")

    @property
    def target(self) -> Target:
        """Where to send."""
        (found,) = self._targets()
        return found

    def _targets(self) -> list[Target]:
        return [target for target in (self.webhook, self.dispatch, self.issue, self.apprise) if target]

    def accepts(self, change: Change) -> bool:
        """Whether a change passes every filter; what is about all clouds or features passes those for them.

        A rule that went from one feature to another concerns those who chose either.
        """
        rules = [(rule.cloud, rule.feature) for rule in (change.before, change.after) if rule]
        scopes = rules or [change.scope or ("", "")]
        return (
            any(self._chose(cloud, feature) for cloud, feature in scopes)
            and (not self.severities or change.severity in self.severities)
            and change.locale in ("", self.locale)
        )

    def _chose(self, cloud: str, feature: str) -> bool:
        return (not (self.clouds and cloud) or cloud in self.clouds) and (
            not (self.features and feature) or feature in self.features
        )

    def filters(self) -> str:
        """The filters in words."""
        values_of = {"clouds": self.clouds, "features": self.features, "severities": self.severities}
        return "; ".join(f"{name}: {', '.join(values) or 'any'}" for name, values in values_of.items())


def read_subscribers(file: Path = SUBSCRIBERS_TOML) -> tuple[Subscriber, ...]:
    """Read all subscribers, in the order of the file.

    Raises:
        SubscribersError: the file is absent, no TOML, or says something unknown or wrong; every fault is named.

    >>> read_subscribers()
    ()
    """
    try:
        text = file.read_text(encoding="utf-8")
        written = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SubscribersError(f"{file} cannot be read as TOML: {error}") from error
    found = [_read(index, table) for index, table in enumerate(_tables(file, text, written))]
    faults = [*(one for one in found if isinstance(one, _SubscriberFault)), *_repeated(found)]
    if faults:
        raise SubscribersError("\n".join(fault.line(file, text) for fault in sorted(faults, key=lambda one: one.index)))
    return tuple(one for one in found if isinstance(one, Subscriber))


@dataclass(frozen=True, kw_only=True)
class _SubscriberFault:
    """What is wrong with one subscriber, and at which key below it."""

    index: int
    path: str
    reason: str
    name: str = ""

    def line(self, file: Path, text: str) -> str:
        line = line_of(text, f"$.subscriber[{self.index}]{self.path}")
        who = f"subscriber {self.name!r}" if self.name else f"subscriber {self.index + 1}"
        key = self.path.removeprefix(".")
        return f"{file}, line {line}: {who}{f', {key}' if key else ''}: {self.reason}"


def _tables(file: Path, text: str, written: dict[str, Any]) -> list[Any]:
    for key in sorted(written.keys() - {"subscriber"}):
        raise SubscribersError(f"{file}, line {line_of(text, f'$.{key}')}: {key}: unknown key; use [[subscriber]]")
    tables = written.get("subscriber", [])
    if not isinstance(tables, list):
        raise SubscribersError(f"{file}, line {line_of(text, '$.subscriber')}: subscriber: write it as [[subscriber]]")
    return tables


def _read(index: int, table: object) -> Subscriber | _SubscriberFault:
    name = table.get("name") if isinstance(table, dict) else None
    try:
        return from_json_as(Subscriber, json.dumps(table, default=str))
    except CatalogError as error:
        key = getattr(error.__cause__, "key", "")
        path = error.path.removeprefix("$") + (f".{key}" if key else "")
        return _SubscriberFault(index=index, path=path, reason=error.reason, name=name if isinstance(name, str) else "")


def _repeated(found: list[Subscriber | _SubscriberFault]) -> Iterator[_SubscriberFault]:
    """A name is what a delivery is known by, so it stands for one subscriber."""
    seen: set[str] = set()
    for index, one in enumerate(found):
        if isinstance(one, Subscriber) and one.name in seen:
            yield _SubscriberFault(index=index, path=".name", reason="another subscriber has this name", name=one.name)
        seen.add(one.name)
