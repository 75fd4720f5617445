"""The closed sets of words that rules are made of. A word that is none of these never enters a catalog unnoticed."""

from __future__ import annotations

from enum import StrEnum


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
    KNOWN_GAP = "known-gap"
    """Not the article's at all: an advisory adds it, where its fix was asked for. No page gives such a rule."""

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
