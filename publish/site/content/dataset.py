"""The catalog as a data set, in the words of schema.org, for search engines and whoever else gathers data sets."""

from __future__ import annotations

from typing import Any, Final

from publish.site.content.downloads import catalog_path
from publish.site.content.edition import Edition

_LICENSE: Final = "https://creativecommons.org/licenses/by/4.0/"


def dataset(edition: Edition) -> dict[str, Any]:
    """Describe the data: what it is, of when, whose, and where it can be had.

    Addresses are whole where somebody said where the site will be; without, there is nothing to download from.
    """
    catalog, home = edition.catalog, edition.base_url.rstrip("/")
    files = {"text/csv": "download/rules.csv", "application/json": catalog_path(edition)}
    first = edition.versions[0].day if edition.versions else catalog.facts_date
    article = catalog.authority.url if catalog.authority else ""
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": "AKS egress catalog",
        "description": "The outbound rules of Azure Kubernetes Service as data: for each cloud and feature the"
        " destinations, ports and conditions that a firewall must allow, with their history.",
        "url": f"{home}/" if home else "",
        "version": catalog.version,
        "dateModified": str(catalog.facts_date or ""),
        "temporalCoverage": f"{first}/{catalog.facts_date}" if first and catalog.facts_date else "",
        "license": _LICENSE,
        "creditText": catalog.attribution,
        "isBasedOn": article if article.startswith("https://") else "",
        "isAccessibleForFree": True,
        "keywords": ["AKS", "Azure Kubernetes Service", "egress", "outbound rules", "FQDN", "firewall", "allow list"],
        "creator": {"@type": "Organization", "name": "aks-egress-catalog", "url": edition.repository_url},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": form, "contentUrl": f"{home}/{path}"}
            for form, path in files.items()
            if home
        ],
    }
    return {name: value for name, value in described.items() if value}
