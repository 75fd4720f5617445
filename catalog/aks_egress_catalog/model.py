"""The domain: what a cluster must be allowed to reach, as frozen values.

Everything here is keyword-only, immutable and checked on creation. Nothing here imports anything outside the
standard library, or of the project anything but its errors.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from aks_egress_catalog.errors import AksEgressError

TYPE_CHECKING = False  # as type checkers know it; the typing module itself costs a tenth of the start
if TYPE_CHECKING:
    from typing import Any, ClassVar, Final

    from aks_egress_catalog.match import Matcher
    from aks_egress_catalog.profile import Profile
    from aks_egress_catalog.resolve import Resolution

SCHEMA_VERSION: Final = 1
"""Version of the JSON shape. It grows with every change of it, a new key included: readers refuse unknown keys."""

_SLUG: Final = r"[a-z0-9]+(?:-+[a-z0-9]+)*\Z"
_PORTS = range(1, 65536)


class Cloud(StrEnum):
    """The clouds that the article speaks of, by the names that ``az cloud list`` prints."""

    PUBLIC = "AzureCloud"
    US_GOVERNMENT = "AzureUSGovernment"
    CHINA = "AzureChinaCloud"


class Feature(StrEnum):
    """What a rule is for. A section that is none of these gets a provisional slug and is held."""

    CORE = "core"
    OS_UPDATES = "os-updates"
    GPU = "gpu"
    WINDOWS = "windows"
    WORKLOAD_IDENTITY = "workload-identity"
    DEFENDER = "defender"
    KEY_VAULT_CSI = "key-vault-csi"
    AZURE_MONITOR = "azure-monitor"
    AZURE_POLICY = "azure-policy"
    COST_ANALYSIS = "cost-analysis"
    CLUSTER_EXTENSIONS = "cluster-extensions"
    DEV_SPACES = "dev-spaces"


class Level(StrEnum):
    """How strongly the article asks for a rule."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    INFORMATIONAL = "informational"

    @property
    def strictness(self) -> int:
        """0 for the strictest; the stricter of two places wins."""
        return list(Level).index(self)


class Kind(StrEnum):
    """Which sort of firewall rule expresses it: application (by host name) or network (by address)."""

    FQDN = "fqdn"
    NETWORK = "network"


class Protocol(StrEnum):
    """Transport protocol."""

    TCP = "TCP"
    UDP = "UDP"


class Application(StrEnum):
    """Application protocol on top of TCP."""

    HTTPS = "HTTPS"
    HTTP = "HTTP"


class DestinationForm(StrEnum):
    """What a destination is, broadest first: a rule is named after its broadest alternative."""

    ANY = "any"
    SERVICE_TAG = "service-tag"
    NAMED_SET = "set"
    CIDR = "cidr"
    FQDN = "fqdn"


class NamedSet(StrEnum):
    """Addresses that only the operator of a cluster can fill in, broadest first."""

    REGION_CIDRS = "RegionCIDRs"
    API_SERVER_SUBNET_CIDR = "APIServerSubnetCIDR"
    CUSTOM_DNS_IP = "CustomDNSIP"
    API_SERVER_PUBLIC_IP = "APIServerPublicIP"


class Effect(StrEnum):
    """What a condition does to a rule."""

    ONLY_IF = "only-if"
    """Left out when the condition is false."""
    NOT_IF = "not-if"
    """Left out when the condition holds; wins over the others."""
    REQUIRED_IF = "required-if"
    """The article stresses the rule for this case; never removes a rule."""


class When(StrEnum):
    """The whole set of circumstances that the article makes rules depend on."""

    PRIVATE_CLUSTER = "private-cluster"
    KONNECTIVITY_AGENT = "konnectivity-agent"
    CUSTOM_DNS = "custom-dns"
    PODS_USE_API_SERVER_IP = "pods-use-api-server-ip"
    AZURE_FIREWALL_NETWORK_RULES = "azure-firewall-network-rules"
    CLUSTER_EXISTS = "cluster-exists"
    NODES_AFTER_2021_03 = "nodes-after-2021-03"
    NETWORK_ISOLATED = "network-isolated"
    PRIVATE_ENDPOINT = "private-endpoint"


class Constraint(StrEnum):
    """What a firewall on the path must respect."""

    PRESERVE_ALPN = "preserve-alpn"


class Status(StrEnum):
    """Where a rule stands in its life."""

    ACTIVE = "active"
    MISSING = "missing"
    """Gone from the page since a date, still within the hold: keep it."""
    REMOVED = "removed"


class Origin(StrEnum):
    """Where the pages of a catalog came from. Only ``live`` may ever be released as live."""

    LIVE = "live"
    SNAPSHOT = "snapshot"


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
            from aks_egress_catalog.addresses import network  # noqa: PLC0415  - imported where there is a range at all

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

    ``url`` and ``commit`` may be left out where what holds the rule says them, as an event of the history does.
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
    finding of severity ``hold`` speaks of.
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
        if self.cloud not in _CLOUDS and not re.match(_SLUG, self.cloud):
            raise ValueError(f"{self.cloud!r} is neither a cloud nor a provisional slug")
        if self.feature not in _FEATURES and not re.match(_SLUG, self.feature):
            raise ValueError(f"{self.feature!r} is not a feature slug")
        if not self.destinations or not self.sources:
            raise ValueError("a rule has at least one destination and one source")
        if len(self.destinations) > 1:  # most have one, and a sort of it would be felt in every start
            ranks = [destination.breadth for destination in self.destinations]
            if ranks != sorted(ranks):
                raise ValueError("destinations stand broadest first")
        if (self.port is None) != (self.protocol is None) or (self.port and self.port not in _PORTS):
            raise ValueError(f"port {self.port!r} with protocol {self.protocol!r}")
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


@dataclass(frozen=True, kw_only=True)
class PageRef(Strict):
    """One page that a catalog was read from. ``updated`` is when it was last changed upstream, UTC."""

    locale: str
    url: str
    commit: str
    updated: dt.datetime | None

    def __post_init__(self) -> None:
        if self.updated and self.updated.utcoffset() != dt.timedelta(0):
            raise ValueError(f"{self.updated.isoformat()} is not a time in UTC; write it with Z at its end")


@dataclass(frozen=True, kw_only=True)
class NamedDate(Strict):
    """A day that the article itself names, such as the end of a support; what happens then stands under ``heading``.

    ``cloud`` and ``feature`` are empty where it concerns every one of them.
    """

    date: dt.date
    cloud: str
    feature: str
    heading: str

    def __post_init__(self) -> None:
        if self.cloud and self.cloud not in _CLOUDS:
            raise ValueError(f"{self.cloud!r} is not a cloud")
        if self.feature and self.feature not in _FEATURES:
            raise ValueError(f"{self.feature!r} is not a feature")

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same wherever on the page it stands: the day, the cloud and the feature."""
        return (self.date.isoformat(), self.cloud, self.feature)

    @property
    def order(self) -> tuple[str, ...]:
        """Sort key."""
        return (*self.key, self.heading)

    def __str__(self) -> str:
        return f"{self.date}, {self.cloud or 'every cloud'} / {self.feature or 'every cluster'}"


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
        >>> [rule.port for rule in aec.load().rules(cloud="AzureCloud", feature="key-vault-csi")]
        [443]
        """
        wanted = {"cloud": cloud, "feature": feature, "level": level}
        found: tuple[Rule, ...] = self
        for name, value in wanted.items():
            if value is None:
                continue
            known = {str(getattr(rule, name)) for rule in self}
            if value not in known:
                raise AksEgressError(f"no {name} {value!r}; there is: {', '.join(sorted(known))}")
            found = tuple(rule for rule in found if getattr(rule, name) == value)
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Any) -> Any:  # noqa: ANN401  - pydantic's hook
        """Describe the rules to pydantic as the plain array that they are in JSON."""
        return handler(tuple[Rule, ...])


def calver(day: dt.date | None) -> str:
    """Write the version of the data whose facts are of a day; ``0`` where no page says of which.

    >>> calver(dt.date(2026, 7, 2))
    '2026.7.2'
    """
    return f"{day.year}.{day.month}.{day.day}" if day else "0"


@dataclass(frozen=True, kw_only=True)
class Catalog(Strict):
    """Every rule of one moment, sorted by id, with where the facts came from.

    ``version`` is the date of the facts as ``YYYY.M.D``, with ``.N`` where the same facts are released again.
    ``watched`` maps a heading id to digests of the sentences that speak of conditions, so that a new or
    reworded sentence is seen without keeping its text. ``dates`` are the days that the article names, in their order.
    """

    schema_version: int = SCHEMA_VERSION
    version: str = ""
    origin: Origin
    attribution: str
    pages: tuple[PageRef, ...]
    rules: Rules
    watched: dict[str, tuple[str, ...]]
    dates: tuple[NamedDate, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", Rules(self.rules))
        if list(self.dates) != sorted(set(self.dates), key=lambda named: named.order):
            raise ValueError("dates are unique and sorted")
        ids = [rule.id for rule in self.rules]
        if ids != sorted(set(ids)):
            raise ValueError("rules are unique and sorted by id")
        if self.schema_version != SCHEMA_VERSION:
            raise ValueError(
                f"schema {self.schema_version} is not {SCHEMA_VERSION}, the one this version reads;"
                " upgrade aks-egress-catalog"
            )
        dated = calver(self.facts_date)
        if self.version not in ("", dated) and not re.fullmatch(rf"{re.escape(dated)}\.[1-9]\d*", self.version):
            raise ValueError(f"version {self.version!r} does not follow from the date of the facts, {dated}")
        object.__setattr__(self, "version", self.version or dated)

    @property
    def authority(self) -> PageRef | None:
        """The page that gave the facts."""
        return next((page for page in self.pages if page.locale == "en-us"), None)

    @property
    def facts_date(self) -> dt.date | None:
        """The day of the last upstream change of the page that gave the facts, UTC."""
        page = self.authority
        return page.updated.date() if page and page.updated else None

    def match(self, host: str, port: int, protocol: str = "TCP") -> tuple[Rule, ...]:
        """Return the rules that cover an endpoint, sorted by id; see :mod:`aks_egress_catalog.match`.

        Raises:
            EndpointError: the host, port or protocol cannot be one.

        >>> import aks_egress_catalog as aec
        >>> [rule.id for rule in aec.load().match("westeurope.data.mcr.microsoft.com", 443)][1]
        'AzureCloud/cluster-extensions/*.data.mcr.microsoft.com:tcp-443'
        """
        return self._matcher.match(host, port, protocol)

    @cached_property
    def _matcher(self) -> Matcher:
        from aks_egress_catalog.match import Matcher  # noqa: PLC0415  - the rooms above this one import it

        return Matcher(self.rules)

    def resolve(self, profile: Profile, **options: Any) -> Resolution:  # noqa: ANN401  - those of resolve()
        """Decide every rule for one cluster; see :func:`aks_egress_catalog.resolve.resolve` for the options."""
        from aks_egress_catalog.resolve import resolve  # noqa: PLC0415  - the rooms above this one import it

        return resolve(self, profile, **options)
