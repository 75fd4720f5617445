"""Sixteen clusters as ``az aks show`` prints them, and what the article asks for each of them."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

import pytest

from aks_egress_catalog.model import DestinationForm
from tests.catalog.cli.command_line import ask
from tests.catalog.cluster.az.expected import needed
from tests.catalog.cluster.az.samples import SAMPLES

PUBLIC: Final = "AzureCloud"
GOVERNMENT: Final = "AzureUSGovernment"
CHINA: Final = "AzureChinaCloud"
CLOCK: Final = {"any:udp-123"}
"""UDP 123 to anywhere: the article names a host for Azure Firewall's network rules only; az tells of no firewall."""


class Needs(NamedTuple):
    """The region, the tables, the endpoints of its own, and what cannot be expressed without further input."""

    cloud: str
    region: str
    tables: str
    own: str = ""
    unmet: frozenset[str] | set[str] = frozenset()


CLUSTERS: Final = {
    "public": Needs(
        PUBLIC, "westeurope", "core mcr os-updates", "plain-rg-000000-a1b2c3d4.hcp.westeurope.azmk8s.io:443"
    ),
    "stopped": Needs(
        PUBLIC, "westeurope", "core mcr os-updates", "asleep-rg-000000-a1b2c3d4.hcp.westeurope.azmk8s.io:443"
    ),
    "http_proxy": Needs(
        PUBLIC, "westeurope", "core mcr os-updates", "proxied-rg-000000-a1b2c3d4.hcp.westeurope.azmk8s.io:443"
    ),
    # private: the API server's host and the tunnels are for public clusters only
    "private_udr": Needs(PUBLIC, "germanywestcentral", "core mcr os-updates workload-identity"),
    # the article: no way out to MCR, for it pulls through a private registry
    "network_isolated": Needs(PUBLIC, "northeurope", "core os-updates"),
    "bootstrap_cache": Needs(PUBLIC, "francecentral", "core os-updates azure-policy"),
    "vnet_integrated": Needs(
        PUBLIC, "swedencentral", "core mcr os-updates", "integrated-rg-000000-a1b2c3d4.hcp.swedencentral.azmk8s.io:443"
    ),
    "windows_gpu": Needs(
        PUBLIC,
        "eastus2",
        "core mcr os-updates windows gpu",
        "mixed-rg-000000-a1b2c3d4.hcp.eastus2.azmk8s.io:443",
    ),
    "all_addons": Needs(
        PUBLIC,
        "westus3",
        "core mcr os-updates azure-monitor azure-policy cluster-extensions cost-analysis defender key-vault-csi"
        " workload-identity",
        "loaded-rg-000000-a1b2c3d4.hcp.westus3.azmk8s.io:443",
    ),
    "automatic": Needs(
        PUBLIC,
        "eastus",
        "core mcr os-updates azure-monitor azure-policy key-vault-csi workload-identity",
        "automatic-rg-000000-a1b2c3d4.hcp.eastus.azmk8s.io:443",
    ),
    "azure_linux": Needs(
        PUBLIC,
        "norwayeast",
        "core mcr os-updates defender",
        "azurelinux-rg-000000-a1b2c3d4.hcp.norwayeast.azmk8s.io:443",
    ),
    # the article: a plug-in certificate authority of Istio needs the Key Vault provider
    "mesh": Needs(
        PUBLIC,
        "uksouth",
        "core mcr os-updates cluster-extensions cost-analysis key-vault-csi",
        "mesh-rg-000000-a1b2c3d4.hcp.uksouth.azmk8s.io:443",
    ),
    # nodes of before March 2021 set their clock over UDP 123
    "old_nodes": Needs(
        PUBLIC,
        "westus2",
        "core mcr os-updates",
        "oldnodes-rg-000000-a1b2c3d4.hcp.westus2.azmk8s.io:443",
        unmet=CLOCK,
    ),
    # for these clouds the article states no condition on the host, the tunnels and the clock
    "us_government": Needs(
        GOVERNMENT,
        "usgovvirginia",
        "core mcr tunnels os-updates azure-policy",
        "*.hcp.usgovvirginia.cx.aks.containerservice.azure.us:443",
        unmet=CLOCK,
    ),
    "us_government_monitored": Needs(
        GOVERNMENT,
        "usgovarizona",
        "core mcr tunnels os-updates azure-monitor key-vault-csi",
        "usgovernmentmonitored-rg-000000-a1b2c3d4.hcp.usgovarizona.cx.aks.containerservice.azure.us:443",
        unmet=CLOCK,
    ),
    "china": Needs(
        CHINA,
        "chinanorth3",
        "core mcr tunnels os-updates azure-monitor",
        "zhongguo-rg-000000-a1b2c3d4.hcp.chinanorth3.cx.prod.service.azk8s.cn:443",
        unmet=CLOCK,
    ),
}


def test_there_are_sixteen() -> None:
    assert set(CLUSTERS) == {file.stem for file in SAMPLES.glob("*.json")}
    assert len(CLUSTERS) == 16


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_needs_what_the_article_asks_for_it(name: str) -> None:
    expected = CLUSTERS[name]
    done = ask("resolve", "--from-az", SAMPLES / f"{name}.json", "--format", "json")
    found = json.loads(done.stdout)
    endpoints = {
        f"{'tag:' * (rule['form'] == DestinationForm.SERVICE_TAG)}{value}:{rule['port']}/{rule['protocol']}"
        for rule in found["rules"]
        for value in rule["values"]
    }
    assert endpoints == needed(expected.cloud, expected.region, expected.tables, expected.own)
    assert {left["id"] for left in found["unmet"]} == {f"{expected.cloud}/core/{one}" for one in expected.unmet}
    assert done.returncode == (1 if expected.unmet else 0)


@pytest.mark.parametrize("name", ["old_nodes", "us_government", "us_government_monitored", "china"])
def test_behind_azure_firewall_the_clock_has_its_host(name: str) -> None:
    done = ask("resolve", "--from-az", SAMPLES / f"{name}.json", "--set", "azure_firewall=yes", "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    clock = [rule for rule in found["rules"] if rule["port"] == 123]
    assert [(rule["values"], rule["protocol"]) for rule in clock] == [(["ntp.ubuntu.com"], "UDP")]


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_is_asked_at_most_five_questions_each_of_which_changes_a_rule(name: str) -> None:
    done = ask("resolve", "--from-az", SAMPLES / f"{name}.json", "--format", "json")
    asked = [line for line in done.stderr.splitlines() if line.startswith("open question: ")]
    assert len(asked) <= (6 if name == "old_nodes" else 5)
    assert len(set(asked)) == len(asked)
