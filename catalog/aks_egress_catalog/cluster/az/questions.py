"""What ``az aks show`` cannot tell of a cluster, or tells in two ways, as questions to look up.

Here stands whatever could be asked. :func:`open_questions` keeps what is worth asking: a question whose answer would
change a rule of this cluster, by the rules at hand and by what was said already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aks_egress_catalog.cluster.az.fields import (
    FEATURES,
    QUIET,
    Cluster,
    Field,
    api_server_name_in,
    below,
    clouds,
    has_mesh,
    has_proxy,
    nodes_after_march_2021,
    regions_of_hosts,
)
from aks_egress_catalog.cluster.az.fields import region as region_of
from aks_egress_catalog.cluster.profile import Profile, shape_of
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.cluster.resolve import EVERYTHING, Target, changes_a_rule
from aks_egress_catalog.model import Cloud, Feature, Rules

_IMPORTANCE: Final = (
    "cloud",
    "region",
    "private_cluster",
    "features",
    "gpu",
    "windows",
    "custom_dns",
    "azure_firewall",
    "nodes_after_2021_03",
    "pods_use_api_server_ip",
    "api_server_ips",
    "api_server_fqdn",
    "api_server_subnet",
    "private_endpoints",
    "konnectivity",
    "recommended",
)
"""The keys in the order in which they are asked: first what moves many rules or breaks most, last what only narrows."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something that the output cannot tell, or tells in two ways.

    ``key`` is the key of the profile to set, ``setting`` how (``features=cluster-extensions``). ``trial`` has settings
    that an answer could bring; of a list, what it would add. What only ``narrows`` a rule is asked where the rule
    cannot be expressed without it; elsewhere the rule itself says what would narrow it.
    """

    key: str
    setting: str
    text: str
    why: str
    trial: Mapping[str, Any] = field(compare=False, repr=False)
    narrows: bool = False

    def __str__(self) -> str:
        return f"{self.text} --set {self.setting} ({self.why})"

    def changes_a_rule(self, rules: Rules, profile: Profile, target: Target) -> bool:
        """Say whether the answer could change a rule of a cluster."""
        changes = {
            key: (*getattr(profile, key), *value) if shape_of(key) is tuple else value
            for key, value in self.trial.items()
        }
        return changes_a_rule(rules, profile, changes, target=target, narrowing=not self.narrows)


def open_questions(
    questions: Iterable[Question], rules: Rules, profile: Profile, target: Target = EVERYTHING
) -> tuple[Question, ...]:
    """Return the questions whose answer would change a rule of a cluster, the most important first."""
    asked = [question for question in questions if question.changes_a_rule(rules, profile, target)]
    return tuple(sorted(asked, key=lambda question: _IMPORTANCE.index(question.key)))


def questions(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    """Ask what must be looked up before the profile is complete; each question names the key to set."""
    yield from _about_place(cluster, profile)
    yield from _about_api_server(cluster, profile)
    yield from _about_egress(profile)
    yield from _about_nodes(cluster, profile)
    yield from _about_features(cluster, profile)


def _about_place(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    witnesses = clouds(cluster)
    if len(set(witnesses.values())) != 1:
        evidence = (
            ", ".join(f"{where} says {cloud}" for where, cloud in witnesses.items()) or "no host name or location tells"
        )
        other = next(cloud for cloud in Cloud if cloud != profile.cloud)
        yield Question(
            key="cloud",
            setting="cloud=CLOUD",
            text=f"Which cloud is it in? {profile.cloud} is assumed: {evidence}.",
            why="each cloud has hosts of its own: the rules of another cloud open none of the right ones",
            trial={"cloud": str(other), "region": None},
        )
    located = region_of(cluster)
    if profile.region is None and located is None:
        yield Question(
            key="region",
            setting="region=REGION",
            text="Which region is it in?",
            why="many hosts and service tags hold its name",
            trial={"region": REGIONS[profile.cloud][0]},
        )
    for where, region in regions_of_hosts(cluster).items():
        if located not in (None, region):
            yield Question(
                key="region",
                setting="region=REGION",
                text=f"Is it in {located}, as location says, or in {region}, as {where} says?",
                why="many hosts and service tags hold the region's name",
                trial={"region": None},
            )


def _about_api_server(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    private_name, zone = cluster.text(Field.PRIVATE_FQDN), cluster.text(Field.PRIVATE_DNS_ZONE)
    trial = {"api_server_fqdn": api_server_name_in(profile)}
    if profile.private_cluster and not private_name and zone.lower() != "none":
        yield Question(
            key="api_server_fqdn",
            setting="api_server_fqdn=NAME",
            text="What is the API server's private name? The cluster is private, yet privateFqdn is empty.",
            why="private clusters are reached by it; without it the rules may name the wrong host",
            trial=trial,
        )
    elif profile.api_server_fqdn is None:
        yield Question(
            key="api_server_fqdn",
            setting="api_server_fqdn=NAME",
            text="What is the API server's name? fqdn is empty.",
            why="without it the rule for the API server stays a wildcard over the region",
            trial=trial,
        )
    if private_name and not (profile.private_cluster or profile.vnet_integration):
        yield Question(
            key="private_cluster",
            setting="private_cluster=true",
            text="Is it private? privateFqdn is set, yet enablePrivateCluster is not.",
            why="a private cluster needs no rule towards the API server",
            trial={"private_cluster": True},
        )
    if profile.vnet_integration:
        subnet = cluster.text(Field.API_SERVER_SUBNET) or "its subnet in the node resource group"
        yield Question(
            key="api_server_subnet",
            setting="api_server_subnet=RANGE",
            text=f"Which address range has {subnet}? az network vnet subnet show --ids ID",
            why="with VNet integration the nodes reach the API server there; a cluster names the subnet, not its range",
            trial={"api_server_subnet": "192.0.2.0/28"},
        )
    elif not profile.private_cluster:
        yield from _about_a_public_api_server(profile)


def _about_a_public_api_server(profile: Profile) -> Iterator[Question]:
    yield Question(
        key="api_server_ips",
        setting="api_server_ips=ADDRESS",
        text=f"Which public address has the API server? nslookup {profile.api_server_fqdn or 'its name'}",
        why="a rule needs it, and a cluster tells only its name",
        trial={"api_server_ips": ("192.0.2.1",)},
        narrows=True,
    )
    yield Question(
        key="pods_use_api_server_ip",
        setting="pods_use_api_server_ip=true",
        text="Do pods, such as an ingress controller, talk to the API server by its address?",
        why="then TCP 443 to that address must be open; it depends on what runs in the cluster",
        trial={"pods_use_api_server_ip": True},
    )
    yield Question(
        key="konnectivity",
        setting="konnectivity=false where it does not",
        text="Does konnectivity-agent run? kubectl get pods -n kube-system -l app=konnectivity-agent",
        why="a cluster without it, years old, needs the tunnels on UDP 1194 and TCP 9000; it is taken to run",
        trial={"konnectivity": False},
    )


def _about_egress(profile: Profile) -> Iterator[Question]:
    way_out = f" (outbound type {profile.outbound_type})" if profile.outbound_type else ""
    yield Question(
        key="azure_firewall",
        setting="azure_firewall=true",
        text=f"Is it an Azure Firewall that lets the traffic out{way_out}?",
        why="its network rules take host names, which narrows some rules; routes are not part of the cluster",
        trial={"azure_firewall": True},
    )
    yield Question(
        key="custom_dns",
        setting="custom_dns=ADDRESS or custom_dns=none",
        text="Has the virtual network DNS servers of its own? az network vnet show --query dhcpOptions.dnsServers",
        why="then UDP 53 to them must be open; they belong to the virtual network, not to the cluster",
        trial={"custom_dns": ("192.0.2.53",)},
    )
    yield Question(
        key="private_endpoints",
        setting="private_endpoints=true",
        text="Are Key Vault, Azure Monitor or a registry reached through private endpoints?",
        why="what goes through one needs no way out; endpoints are not part of the cluster",
        trial={"private_endpoints": True},
    )


def _about_nodes(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    if not cluster.texts(Field.POOL_NAME, Field.POOL_OS_TYPE, Field.POOL_SIZE):
        for key in ("gpu", "windows"):
            yield Question(
                key=key,
                setting=f"{key}=true",
                text=f"Are there {key} nodes? agentPoolProfiles is empty.",
                why=f"they need the rules of {key}",
                trial={key: True},
            )
    provisioners = _gpu_provisioners(cluster)
    if provisioners and not profile.gpu:
        yield Question(
            key="gpu",
            setting="gpu=true",
            text=f"May {' or '.join(provisioners)} bring GPU nodes? kubectl get nodepools,workspaces",
            why="they need the rules of gpu; what it brings are objects in the cluster, not in agentPoolProfiles",
            trial={"gpu": True},
        )
    if profile.gpu and "None" in cluster.one_of(Field.POOL_GPU_DRIVER, ("Install", "None")):
        yield Question(
            key="gpu",
            setting="features=-gpu where you do, without the article's hosts",
            text="Who installs the GPU driver? A pool has gpuProfile.driver None.",
            why="the rules of gpu are for AKS installing it; your own way may need other hosts",
            trial={"gpu": False},
        )
    if not nodes_after_march_2021(cluster):
        yield Question(
            key="nodes_after_2021_03",
            setting=f"nodes_after_2021_03={'false' if profile.nodes_after_2021_03 else 'true'}",
            text="Were all Linux nodes made after March 2021? kubectl get nodes shows their age.",
            why="older ones need UDP 123 for their clock; the node images here do not rule them out",
            trial={"nodes_after_2021_03": not profile.nodes_after_2021_03},
        )
    channel = cluster.text(Field.NODE_OS_CHANNEL)
    if channel.lower() in ("nodeimage", "none"):
        yield Question(
            key="recommended",
            setting="recommended=false where they do not",
            text=f"Do nodes fetch OS packages themselves? nodeOsUpgradeChannel is {channel}.",
            why="where updates come with node images only, the rules of os-updates can be left out",
            trial={"recommended": False},
        )


def _gpu_provisioners(cluster: Cluster) -> list[str]:
    """Name what makes nodes on demand: neither shows in ``agentPoolProfiles`` before it did."""
    found = ["node auto-provisioning"] if "Auto" in cluster.one_of(Field.NODE_PROVISIONING, ("Auto", "Manual")) else []
    return found + ["the AI toolchain operator (KAITO)"] * cluster.on(Field.AI_TOOLCHAIN)


def _about_features(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    gateways = has_mesh(cluster) and cluster.on(Field.MESH_GATEWAYS)
    if Feature.KEY_VAULT_CSI not in profile.features and (gateways or cluster.on(Field.APP_ROUTING)):
        yield _about_feature(
            Feature.KEY_VAULT_CSI,
            text="Do Istio gateways or application routing take certificates from Azure Key Vault?",
            why=f"then they need {Feature.KEY_VAULT_CSI}; where a certificate lies is not part of the cluster",
        )
    if Feature.CLUSTER_EXTENSIONS not in profile.features:
        yield _about_feature(
            Feature.CLUSTER_EXTENSIONS,
            text="Has it extensions, such as Flux or Dapr? az k8s-extension list --cluster-type managedClusters",
            why=f"then it needs {Feature.CLUSTER_EXTENSIONS}; extensions are resources of their own",
        )


def _about_feature(feature: Feature, *, text: str, why: str) -> Question:
    return Question(
        key="features", setting=f"features={feature}", text=text, why=why, trial={"features": (str(feature),)}
    )


def notes(cluster: Cluster, profile: Profile) -> Iterator[str]:
    """Say what to know of the output itself, where no answer would change a rule."""
    state = cluster.text(Field.PROVISIONING_STATE) or "Succeeded"
    if state.lower() != "succeeded":
        yield (
            f"provisioningState is {state}: a cluster in the middle of a change, or after a failed one, may print"
            " settings that do not hold; save it again when it has succeeded"
        )
    if cluster.text(Field.POWER_STATE).lower() == "stopped":
        yield "the cluster is stopped: a start can bring its API server another address"
    if True in cluster.flags(Field.PROXY_ENABLED) and not has_proxy(cluster):
        yield "httpProxyConfig is enabled, yet names no proxy; behind a proxy the host rules belong on the proxy"
    if profile.http_proxy:
        yield from _notes_on_the_proxy(cluster)
    unknown = [path for path in cluster.switched_on() if not below(path, FEATURES) and not below(path, QUIET)]
    if unknown:
        yield f"on, and not stated by the page, so that nothing is added for it: {', '.join(unknown)}"


def _notes_on_the_proxy(cluster: Cluster) -> Iterator[str]:
    past = cluster.texts(Field.NO_PROXY)
    if past:
        yield (
            f"noProxy lists {len(past)} destinations: the firewall must open those, and the way to the proxy itself,"
            " which the page cannot name"
        )
    if cluster.text(Field.TRUSTED_CA):
        yield "the proxy opens TLS (trustedCa is set): let the API server's name pass unopened, its tunnel needs ALPN"
