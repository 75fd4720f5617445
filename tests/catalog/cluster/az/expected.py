"""What sixteen clusters need, written down from the article by hand: nothing here was made by the code.

The tables of the article, cell by cell, for the newest article that the embedded pages state. A destination is
``host:port``, TCP unless it says otherwise; ``R`` is the region. :mod:`.test_golden_clusters` says which clusters have
which tables.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = {
    "AzureCloud": {
        "core": """
            management.azure.com:443 login.microsoftonline.com:443 packages.microsoft.com:443
            acs-mirror.azureedge.net:443 packages.aks.azure.com:443""",
        "mcr": "mcr.microsoft.com:443 *.data.mcr.microsoft.com:443 mcr-0001.mcr-msedge.net:443",
        "os-updates": """
            security.ubuntu.com:80 azure.archive.ubuntu.com:80 changelogs.ubuntu.com:80 snapshot.ubuntu.com:443""",
        "gpu": "nvidia.github.io:443 us.download.nvidia.com:443 download.docker.com:443",
        "windows": """
            onegetcdn.azureedge.net:443 go.microsoft.com:443 *.mp.microsoft.com:80 www.msftconnecttest.com:80
            ctldl.windowsupdate.com:80""",
        "workload-identity": "login.microsoftonline.com:443",
        "defender": """
            login.microsoftonline.com:443 *.ods.opinsights.azure.com:443 *.oms.opinsights.azure.com:443
            *.cloud.defender.microsoft.com:443""",
        "key-vault-csi": "vault.azure.net:443",
        "azure-monitor": """
            tag:AzureMonitor:443 dc.services.visualstudio.com:443 *.ods.opinsights.azure.com:443
            *.oms.opinsights.azure.com:443 *.monitoring.azure.com:443 login.microsoftonline.com:443
            global.handler.control.monitor.azure.com:443 *.ingest.monitor.azure.com:443
            *.metrics.ingest.monitor.azure.com:443 R.handler.control.monitor.azure.com:443
            *.in.applicationinsights.azure.com:443""",
        "azure-policy": """
            data.policy.core.windows.net:443 store.policy.core.windows.net:443 dc.services.visualstudio.com:443""",
        "cost-analysis": "management.azure.com:443 login.microsoftonline.com:443",
        "cluster-extensions": """
            R.dp.kubernetesconfiguration.azure.com:443 mcr.microsoft.com:443 *.data.mcr.microsoft.com:443
            arcmktplaceprod.azurecr.io:443 *.ingestion.msftcloudes.com:443 *.microsoftmetrics.com:443
            marketplaceapi.microsoft.com:443 arcmktplaceprod.centralindia.data.azurecr.io:443
            arcmktplaceprod.japaneast.data.azurecr.io:443 arcmktplaceprod.westus2.data.azurecr.io:443
            arcmktplaceprod.westeurope.data.azurecr.io:443 arcmktplaceprod.eastus.data.azurecr.io:443""",
    },
    "AzureUSGovernment": {
        "core": """
            management.usgovcloudapi.net:443 login.microsoftonline.us:443 packages.microsoft.com:443
            acs-mirror.azureedge.net:443 packages.aks.azure.com:443""",
        "mcr": "mcr.microsoft.com:443 *.data.mcr.microsoft.com:443",
        "tunnels": "tag:AzureCloud.R:1194/UDP tag:AzureCloud.R:9000",
        "os-updates": """
            security.ubuntu.com:80 azure.archive.ubuntu.com:80 changelogs.ubuntu.com:80 snapshot.ubuntu.com:443""",
        "azure-policy": "data.policy.azure.us:443 store.policy.azure.us:443",
        "key-vault-csi": "*.vault.usgovcloudapi.net:443",
        "azure-monitor": """
            tag:AzureMonitor:443 dc.services.visualstudio.com:443 *.ods.opinsights.azure.us:443
            *.oms.opinsights.azure.us:443 global.handler.control.monitor.azure.us:443
            R.handler.control.monitor.azure.us:443 *.ingest.monitor.azure.us:443
            *.metrics.ingest.monitor.azure.us:443 *.in.applicationinsights.azure.com:443""",
    },
    "AzureChinaCloud": {
        "core": """
            *.tun.R.cx.prod.service.azk8s.cn:443 *.azk8s.cn:443 management.chinacloudapi.cn:443
            login.chinacloudapi.cn:443 packages.microsoft.com:443""",
        "mcr": """
            mcr.microsoft.com:443 *.data.mcr.microsoft.com:443 mcr.azure.cn:443 *.data.mcr.azure.cn:443""",
        "tunnels": "tag:AzureCloud.R:1194/UDP tag:AzureCloud.R:9000 tag:AzureCloud.R:22",
        "os-updates": """
            security.ubuntu.com:80 azure.archive.ubuntu.com:80 changelogs.ubuntu.com:80 snapshot.ubuntu.com:443""",
        "azure-monitor": """
            tag:AzureMonitor:443 dc.services.visualstudio.com:443 *.ods.opinsights.azure.cn:443
            *.oms.opinsights.azure.cn:443 global.handler.control.monitor.azure.cn:443
            R.handler.control.monitor.azure.cn:443 *.ingest.monitor.azure.cn:443
            *.metrics.ingest.monitor.azure.cn:443 *.in.applicationinsights.azure.com:443""",
    },
}


def needed(cloud: str, region: str, tables: str, own: str = "") -> set[str]:
    """Endpoints of some tables in a region, and further ones; ``/TCP`` is written out."""
    words = " ".join([*(TABLES[cloud][table] for table in tables.split()), own]).split()
    named = {
        word.replace("tag:AzureCloud.R", f"tag:AzureCloud.{region}").replace(".R.", f".{region}.") for word in words
    }
    named = {f"{region}{word[1:]}" if word.startswith("R.") else word for word in named}
    return {word if word.endswith("/UDP") else f"{word}/TCP" for word in named}
