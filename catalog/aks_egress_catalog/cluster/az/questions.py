"""What ``az aks show`` cannot tell of a cluster, or tells in two ways, as questions to look up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aks_egress_catalog.cluster.az.fields import (
    FEATURES,
    QUIET,
    Cluster,
    Field,
    below,
    clouds,
    has_mesh,
    has_proxy,
    nodes_after_march_2021,
    pulls_from_cache,
    regions_of_hosts,
)
from aks_egress_catalog.cluster.az.fields import region as region_of
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.model import Feature


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something that the output cannot tell, or tells in two ways.

    ``key`` is the key of the profile to set: ``service_tags`` is the file that ``resolve`` takes beside it, and
    the key is empty where only the cluster itself can be put right.
    """

    key: str
    text: str
    why: str


def questions(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    """Ask what must be looked up before the profile is complete; each question names the key to set."""
    yield from _about_state(cluster)
    yield from _about_place(cluster, profile)
    yield from _about_api_server(cluster, profile)
    yield from _about_egress(cluster, profile)
    yield from _about_nodes(cluster, profile)
    yield from _about_features(cluster, profile)


def _about_state(cluster: Cluster) -> Iterator[Question]:
    state = cluster.text(Field.PROVISIONING_STATE) or "Succeeded"
    if state.lower() != "succeeded":
        yield Question(
            key="",
            text=f"provisioningState is {state}: is this the cluster as it stays? Save it again when it has succeeded.",
            why="a cluster in the middle of a change, or after a failed one, may print settings that do not hold",
        )
    if cluster.text(Field.POWER_STATE).lower() == "stopped":
        yield Question(
            key="api_server_ips",
            text="The cluster is stopped: look its API server's addresses up after the next start.",
            why="a start can bring another address, and rules for the old one would block the nodes",
        )


def _about_place(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    witnesses = clouds(cluster)
    if len(set(witnesses.values())) != 1:
        evidence = (
            ", ".join(f"{where} says {cloud}" for where, cloud in witnesses.items()) or "no host name or location tells"
        )
        yield Question(
            key="cloud",
            text=f"Which cloud is it in? {profile.cloud} is assumed: {evidence}.",
            why="each cloud has hosts of its own: the rules of another cloud open none of the right ones",
        )
    if profile.region is None:
        yield Question(key="region", text="Which region is it in?", why="many hosts and service tags hold its name")
    located = region_of(cluster)
    for where, region in regions_of_hosts(cluster).items():
        if located not in (None, region):
            yield Question(
                key="region",
                text=f"Is it in {located}, as location says, or in {region}, as {where} says?",
                why="many hosts and service tags hold the region's name",
            )


def _about_api_server(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    private_name, zone = cluster.text(Field.PRIVATE_FQDN), cluster.text(Field.PRIVATE_DNS_ZONE)
    if profile.private_cluster and not private_name and zone.lower() != "none":
        yield Question(
            key="api_server_fqdn",
            text="What is the API server's private name? The cluster is private, yet privateFqdn is empty.",
            why="private clusters are reached by it; without it the rules may name the wrong host",
        )
    elif profile.api_server_fqdn is None:
        yield Question(
            key="api_server_fqdn",
            text="What is the API server's name? fqdn is empty.",
            why="without it the rule for the API server stays a wildcard over the region",
        )
    if private_name and not (profile.private_cluster or profile.vnet_integration):
        yield Question(
            key="private_cluster",
            text="Is it private? privateFqdn is set, yet enablePrivateCluster is not.",
            why="a private cluster needs no rule towards the API server",
        )
    if profile.vnet_integration:
        subnet = cluster.text(Field.API_SERVER_SUBNET) or "its subnet in the node resource group"
        yield Question(
            key="api_server_subnet",
            text=f"Which address range has {subnet}? az network vnet subnet show --ids ID",
            why="with VNet integration the nodes reach the API server there; a cluster names the subnet, not its range",
        )
    if not profile.private_cluster:
        yield from _about_a_public_api_server(profile)


def _about_a_public_api_server(profile: Profile) -> Iterator[Question]:
    yield Question(
        key="api_server_ips",
        text=f"Which public address has the API server? nslookup {profile.api_server_fqdn or 'its name'}",
        why="rules towards it can name the address instead of a region's ranges; a cluster tells only its name",
    )
    yield Question(
        key="pods_use_api_server_ip",
        text="Do pods, such as an ingress controller, talk to the API server by its address?",
        why="then TCP 443 to that address must be open; it depends on what runs in the cluster",
    )
    if not profile.vnet_integration:
        yield Question(
            key="konnectivity",
            text="Does konnectivity-agent run? kubectl get pods -n kube-system -l app=konnectivity-agent",
            why="a cluster without it, years old, needs the tunnels on UDP 1194 and TCP 9000; it is taken to run",
        )


def _about_egress(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    if pulls_from_cache(cluster) and not profile.network_isolated:
        yield Question(
            key="network_isolated",
            text=f"Is it network isolated? It pulls from a cache, yet outboundType is {profile.outbound_type}.",
            why="only with outbound type none or block does a cluster need no egress by default",
        )
    if True in cluster.flags(Field.PROXY_ENABLED) and not has_proxy(cluster):
        yield Question(
            key="http_proxy",
            text="Is there an HTTP proxy? httpProxyConfig is enabled, yet names no proxy.",
            why="behind a proxy the host rules belong on the proxy",
        )
    if profile.http_proxy:
        yield from _about_the_proxy(cluster)
    yield Question(
        key="azure_firewall",
        text=f"Is it an Azure Firewall that lets the traffic out (outbound type {profile.outbound_type})?",
        why="its network rules take host names, which narrows some rules; routes are not part of the cluster",
    )
    yield Question(
        key="custom_dns",
        text="Has the virtual network DNS servers of its own? az network vnet show --query dhcpOptions.dnsServers",
        why="then UDP 53 to them must be open; they belong to the virtual network, not to the cluster",
    )
    yield Question(
        key="private_endpoints",
        text="Are Key Vault, Azure Monitor or a registry reached through private endpoints?",
        why="what goes through one needs no way out; endpoints are not part of the cluster",
    )
    yield Question(
        key="service_tags",
        text="Have you the Service Tags file of this cloud (Azure IP Ranges and Service Tags)?",
        why="a firewall that knows no service tags gets address ranges from it; no cluster holds them",
    )


def _about_the_proxy(cluster: Cluster) -> Iterator[Question]:
    past = cluster.texts(Field.NO_PROXY)
    if past:
        yield Question(
            key="http_proxy",
            text=f"Which rules go past the proxy? noProxy lists {len(past)} destinations.",
            why="the firewall must open those, and the way to the proxy itself, which the page cannot name",
        )
    if cluster.text(Field.TRUSTED_CA):
        yield Question(
            key="http_proxy",
            text="Does the proxy open TLS (trustedCa is set)? Then let the API server's name pass unopened.",
            why="the tunnel to the API server needs ALPN as it was sent",
        )


def _about_nodes(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    if not cluster.texts(Field.POOL_NAME, Field.POOL_OS_TYPE, Field.POOL_SIZE):
        for key in ("gpu", "windows"):
            yield Question(
                key=key,
                text=f"Are there {key} nodes? agentPoolProfiles is empty.",
                why=f"they need the rules of {key}",
            )
    if "Auto" in cluster.one_of(Field.NODE_PROVISIONING, ("Auto", "Manual")) and not profile.gpu:
        yield Question(
            key="gpu",
            text="May node auto-provisioning bring GPU nodes? kubectl get nodepools",
            why="they need the rules of gpu; its pools are objects in the cluster, not in agentPoolProfiles",
        )
    if profile.gpu and "None" in cluster.one_of(Field.POOL_GPU_DRIVER, ("Install", "None")):
        yield Question(
            key="gpu",
            text="Who installs the GPU driver? A pool has gpuProfile.driver None.",
            why="the rules of gpu are for AKS installing it; your own way may need other hosts",
        )
    if not nodes_after_march_2021(cluster):
        yield Question(
            key="nodes_after_2021_03",
            text="Were all Linux nodes made after March 2021? kubectl get nodes shows their age.",
            why="older ones need UDP 123 for their clock; the node images here do not rule them out",
        )
    channel = cluster.text(Field.NODE_OS_CHANNEL)
    if channel.lower() in ("nodeimage", "none"):
        yield Question(
            key="recommended",
            text=f"Do nodes fetch OS packages themselves? nodeOsUpgradeChannel is {channel}.",
            why="where updates come with node images only, the rules of os-updates can be left out",
        )


def _about_features(cluster: Cluster, profile: Profile) -> Iterator[Question]:
    for path in cluster.switched_on():
        if not below(path, FEATURES) and not below(path, QUIET):
            yield Question(
                key="features",
                text=f"Does {path} need anything? It is on, and what it needs is not stated by the page.",
                why="the page says that the core rules cover what it does not name; nothing is added for it",
            )
    gateways = has_mesh(cluster) and cluster.on(Field.MESH_GATEWAYS)
    if Feature.KEY_VAULT_CSI not in profile.features and (gateways or cluster.on(Field.APP_ROUTING)):
        yield Question(
            key="features",
            text="Do Istio gateways or application routing take certificates from Azure Key Vault?",
            why=f"then they need {Feature.KEY_VAULT_CSI}; where a certificate lies is not part of the cluster",
        )
    if Feature.CLUSTER_EXTENSIONS not in profile.features:
        yield Question(
            key="features",
            text="Has it extensions, such as Flux or Dapr? az k8s-extension list --cluster-type managedClusters",
            why=f"then it needs {Feature.CLUSTER_EXTENSIONS}; extensions are resources of their own",
        )
