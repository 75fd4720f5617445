"""Service tags: their names in a region, and the address ranges behind a tag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aks_egress_catalog.cluster.regions import TAG_REGIONS
from aks_egress_catalog.errors import InputError
from aks_egress_catalog.model import Cloud
from aks_egress_catalog.model.addresses import network

_FILE_CLOUDS: Final = {
    "public": Cloud.PUBLIC,
    "azurepublic": Cloud.PUBLIC,
    "azurecloud": Cloud.PUBLIC,
    "azuregovernment": Cloud.US_GOVERNMENT,
    "azureusgovernment": Cloud.US_GOVERNMENT,
    "china": Cloud.CHINA,
    "azurechina": Cloud.CHINA,
    "azurechinacloud": Cloud.CHINA,
}


class ServiceTagsError(InputError):
    """A Service Tags file that cannot be used for this cloud or tag."""


def tag_names(tag: str, region: str) -> tuple[str, ...]:
    """Name a regional tag in the spellings that Azure uses for it, the usual one first.

    >>> tag_names("AzureCloud.{region}", "norwayeast")
    ('AzureCloud.norwaye', 'AzureCloud.norwayeast')
    """
    spellings = dict.fromkeys((TAG_REGIONS.get(region, region), region))
    return tuple(tag.replace("{region}", spelling) for spelling in spellings)


@dataclass(frozen=True, kw_only=True)
class ServiceTags:
    """Microsoft's weekly file of the address ranges behind each service tag, for one cloud."""

    cloud: str
    change_number: int
    prefixes: dict[str, tuple[str, ...]]

    def knows(self, region: str) -> bool:
        """Say whether a tag of the file is that of a region, in any spelling."""
        spellings = {name.lower() for name in tag_names("{region}", region)}
        return any(name.partition(".")[2].lower() in spellings for name in self.prefixes)

    def ranges(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the CIDRs of the first of ``names`` that the file has any of.

        Raises:
            ServiceTagsError: the file has none of the tags, or no range behind those that it has.
        """
        known = {name.lower(): found for name, found in self.prefixes.items()}
        for name in names:
            if known.get(name.lower()):
                return known[name.lower()]
        lacks = "ranges for" if any(name.lower() in known for name in names) else "tag"
        raise ServiceTagsError(f"the Service Tags file of {self.cloud} has no {lacks} {' or '.join(names)}")


def read_service_tags(file: Path, *, cloud: str) -> ServiceTags:
    """Read the file that Microsoft publishes as *Azure IP Ranges and Service Tags*.

    Raises:
        ServiceTagsError: the file cannot be read, is another file, or is that of another cloud.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        tags = ServiceTags(
            cloud=_FILE_CLOUDS[content["cloud"].lower()],
            change_number=int(content["changeNumber"]),
            prefixes={
                str(value["name"]): tuple(map(network, value["properties"]["addressPrefixes"]))
                for value in content["values"]
            },
        )
    except OSError as error:
        raise ServiceTagsError(f"cannot read {file}: {error}") from error
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ServiceTagsError(f"{file} is not a Service Tags file: {type(error).__name__} {error}") from error
    if tags.cloud != cloud:
        raise ServiceTagsError(f"{file} is for {tags.cloud}, the cluster is in {cloud}; take the file of that cloud")
    return tags
