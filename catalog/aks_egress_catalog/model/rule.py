"""One rule: what must be allowed, for whom, when, and where the article says so.

Every value is keyword-only, immutable and checked on creation: a rule that exists is a sound one.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.model.addresses import network
from aks_egress_catalog.model.vocabulary import (
    Application,
    Cloud,
    Constraint,
    DestinationForm,
    Effect,
    Feature,
    Kind,
    Level,
    NamedSet,
    Protocol,
    Status,
    When,
)

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*\Z")
_PORTS: Final = range(1, 65536)


class Strict:
    """Refuse unknown keys wherever pydantic reads a model class."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Condition(Strict):
    """One ``effect:when``, as the English text states it.

    >>> str(Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER))
    'not-if:private-cluster'
    """

    effect: Effect
    when: When

    def __str__(self) -> str:
        return f"{self.effect}:{self.when}"


@dataclass(frozen=True, kw_only=True)
class Destination(Strict):
    """One way to name where traffic goes; ``str()`` is the flat form used in CSV and ids.

    ``value`` is a host pattern (``*.hcp.{region}.azmk8s.io``), a service tag (``AzureCloud.{region}``), a
    CIDR, a :class:`NamedSet`, or ``*`` for any.

    >>> str(Destination(form=DestinationForm.SERVICE_TAG, value="AzureMonitor"))
    'tag:AzureMonitor'
    """

    form: DestinationForm
    value: str
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if self.form is DestinationForm.NAMED_SET and self.value not in _SET_RANKS:
            raise ValueError(f"{self.value!r} is not a named set; known: {', '.join(NamedSet)}")
        if not self.value or self.value != self.value.strip():
            raise ValueError(f"destination value {self.value!r} is empty or padded")
        if (self.form is DestinationForm.ANY) != (self.value == "*"):
            raise ValueError(f"'*' and 'any' go together, not {self.form} with {self.value!r}")
        if self.form is DestinationForm.CIDR:
            object.__setattr__(self, "value", network(self.value))

    @property
    def breadth(self) -> tuple[int, int, bool, str]:
        """Sort key, broadest first, independent of the order on the page."""
        rank = _SET_RANKS[self.value] if self.form is DestinationForm.NAMED_SET else 0
        return (_FORM_RANKS[self.form], rank, "*" not in self.value, self.value)

    @property
    def key(self) -> str:
        """How the destination stands in a rule id: the flat form, with ``any`` for ``*``."""
        return "any" if self.form is DestinationForm.ANY else str(self)

    def __str__(self) -> str:
        return _PREFIXES.get(self.form, "") + self.value


_FORM_RANKS: Final = {form: rank for rank, form in enumerate(DestinationForm)}
_SET_RANKS: Final[dict[str, int]] = {name: rank for rank, name in enumerate(NamedSet)}
_PREFIXES: Final = {
    DestinationForm.SERVICE_TAG: "tag:",
    DestinationForm.NAMED_SET: "set:",
    DestinationForm.CIDR: "cidr:",
}


@dataclass(frozen=True, kw_only=True)
class Source(Strict):
    """Where on a page a rule stands. Tables and rows count from 1 under their heading; 0 means prose.

    ``url`` and ``commit`` may be left out where whatever holds the rule says them.
    """

    locale: str = "en-us"
    url: str = ""
    heading: str
    table: int
    row: int
    commit: str = ""

    def __str__(self) -> str:
        return f"{self.locale}#{self.heading}/table[{self.table}]/row[{self.row}]"


@dataclass(frozen=True, kw_only=True)
class Lifecycle(Strict):
    """Where a rule stands in its life; ``since`` says since when it is missing or removed.

    ``commit`` is the last upstream commit whose page had the rule. A missing rule is called removed on the day
    ``until``, unless it comes back before.
    """

    status: Status = Status.ACTIVE
    since: dt.date | None = None
    until: dt.date | None = None
    commit: str | None = None
    replaced_by: str | None = None
    """Id of the rule that the page names as the replacement."""

    def __post_init__(self) -> None:
        if (self.status is Status.ACTIVE) != (self.since is None):
            raise ValueError("a rule that is missing or removed says since when, an active one does not")


_CLOUDS: Final = frozenset(map(str, Cloud))
_FEATURES: Final = frozenset(map(str, Feature))


@dataclass(frozen=True, kw_only=True)
class Rule(Strict):
    """One thing that must be allowed: cloud + feature + destination + transport + port.

    ``protocol`` and ``port`` are ``None`` where the article states none (pages of early 2019, hosts that
    only the prose names). ``destinations`` are alternatives: any one of them satisfies the rule.
    ``cloud`` and ``feature`` are a :class:`Cloud` and a :class:`Feature`, or a provisional slug that a
    finding of severity ``hold`` speaks of. The id follows from these facts, but for a rule that an advisory adds: that
    one is named after the advisory, so that it never passes for one of the article.
    """

    cloud: str
    feature: str
    kind: Kind
    level: Level
    destinations: tuple[Destination, ...]
    protocol: Protocol | None
    port: int | None
    application: Application | None = None
    application_inferred: bool = False
    cloud_stated: bool
    conditions: tuple[Condition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    sources: tuple[Source, ...]
    id: str = ""

    def __post_init__(self) -> None:
        if self.cloud not in _CLOUDS and not _SLUG.match(self.cloud):
            raise ValueError(f"{self.cloud!r} is neither a cloud nor a provisional slug")
        if self.feature not in _FEATURES and not _SLUG.match(self.feature):
            raise ValueError(f"{self.feature!r} is not a feature slug")
        if not self.destinations or not self.sources:
            raise ValueError("a rule has at least one destination and one source")
        ranks = [destination.breadth for destination in self.destinations]
        if ranks != sorted(ranks):
            raise ValueError("destinations stand broadest first")
        if (self.port is None) != (self.protocol is None) or (self.port and self.port not in _PORTS):
            raise ValueError(f"port {self.port!r} with protocol {self.protocol!r}")
        if self.level is Level.KNOWN_GAP:
            expected = f"{self.cloud}/{self.feature}/advisory:{self.sources[0].heading}"
        else:
            expected = rule_id(self.cloud, self.feature, self.destinations[0], self.protocol, self.port)
        if self.id not in ("", expected):
            raise ValueError(f"id {self.id!r} does not follow from the facts, which give {expected!r}")
        object.__setattr__(self, "id", expected)

    def conditions_of(self, destination: Destination) -> tuple[Condition, ...]:
        """The rule's conditions and the alternative's own, sorted by their text."""
        return tuple(sorted({*self.conditions, *destination.conditions}, key=str))


def rule_id(cloud: str, feature: str, broadest: Destination, protocol: Protocol | None, port: int | None) -> str:
    """Name a rule by its facts, never by a heading, a title or a row number.

    >>> any_host = Destination(form=DestinationForm.ANY, value="*")
    >>> rule_id("AzureCloud", "core", any_host, Protocol.UDP, 1194)
    'AzureCloud/core/any:udp-1194'
    """
    transport = f"{protocol.lower()}-{port}" if protocol else "any"
    return f"{cloud}/{feature}/{broadest.key}:{transport}"


def endpoint_of(name: str) -> tuple[str, str]:
    """Take a rule id apart: its destination in the flat form, and its transport.

    >>> endpoint_of("AzureCloud/core/tag:AzureCloud.{region}:udp-1194")
    ('tag:AzureCloud.{region}', 'udp-1194')
    """
    destination, _, transport = name.split("/", 2)[2].rpartition(":")
    return ("*" if destination == "any" else destination, transport)


class Rules(tuple[Rule, ...]):
    """Rules in the order of their ids. Call it to ask for some of them; every argument is optional."""

    __slots__ = ()

    def __call__(
        self, *, cloud: str | None = None, feature: str | None = None, level: str | None = None
    ) -> tuple[Rule, ...]:
        """Return the rules of one cloud, feature or level.

        Raises:
            AksEgressError: no rule of this catalog has that cloud, feature or level.

        >>> import aks_egress_catalog as aec
        >>> [rule.port for rule in aec.load(as_of="2026-07-02").rules(cloud="AzureCloud", feature="key-vault-csi")]
        [443]
        """
        asked = {"cloud": cloud, "feature": feature, "level": level}
        found: tuple[Rule, ...] = self
        for name, value in asked.items():
            if value is None:
                continue
            known = {str(getattr(rule, name)) for rule in self}
            if value not in known:
                raise AksEgressError(f"no {name} {value!r}; there is: {', '.join(sorted(known))}")
            found = tuple(rule for rule in found if getattr(rule, name) == value)
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Any) -> Any:
        """Describe the rules to pydantic as the plain array that they are in JSON."""
        return handler(tuple[Rule, ...])
