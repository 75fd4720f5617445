"""What "My cluster" writes is what the command line writes: for random clusters, every format, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

from aks_egress_catalog.calls.exporting import write_rules
from aks_egress_catalog.cluster.profile import OUTBOUND_TYPES, Profile, ProfileError, shape_of
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.model import Cloud, Feature
from aks_egress_catalog.resolver import resolver
from publish.site.browser.export_data import WRITTEN_HERE
from tests.base import CATALOG
from tests.site.conftest import Tab

CLUSTERS: Final = 200
WRITTEN: Final = """
async ([clusters]) => {
  const { FORMATS, exportAs, writerOf } = await import("/static/cluster/exports/formats.js");
  const { profileOf, settingsOf, ProfileError } = await import("/static/cluster/profile.js");
  const read = async (name) => (await fetch(`/data/${name}.json`)).json();
  const [data, exports] = [await read("cluster"), await read("exports")];
  return Promise.all(clusters.map(async ([settings, fixed]) => {
    try {
      const profile = profileOf(data, settings);
      const again = profileOf(data, Object.fromEntries(settingsOf(data, profile)));
      if (JSON.stringify(again) !== JSON.stringify(profile)) return "another profile";
      return Promise.all(Object.keys(FORMATS).map(async (name) => {
        const { files, notes } = exportAs(await writerOf(name), data, exports, name, profile, { fixed });
        return [name, files, notes];
      }));
    } catch (error) {
      if (error instanceof ProfileError) return error.key;
      throw error;
    }
  }));
}
"""
ADDRESSES: Final = (
    "192.0.2.7",
    "10.0.0.0/8",
    "10.1.2.0/24",
    "10.1.3.0/24",
    "2001:db8::/32",
    "2001:DB8:0:0:1::1",
    "0.0.0.0/0",
)
NO_ADDRESSES: Final = ("10.0.0.1/8", "300.1.1.1", "x", "1.2.3.4/33", "::1/129", "01.2.3.4")
SERVERS: Final = {
    Cloud.PUBLIC: "my-cluster-a1.hcp.{}.azmk8s.io",
    Cloud.US_GOVERNMENT: "my-cluster-a1.hcp.{}.cx.aks.containerservice.azure.us",
    Cloud.CHINA: "my-cluster-a1.hcp.{}.cx.prod.service.azk8s.cn",
}


def clusters(count: int) -> Iterator[tuple[dict[str, str], bool]]:
    """Settings of random clusters, every key of the profile among them; some contradict themselves."""
    dice = random.Random(17)
    switches = [name for name in Profile.__dataclass_fields__ if shape_of(name) is bool]
    for _ in range(count):
        cloud = dice.choice([Cloud.PUBLIC, Cloud.PUBLIC, Cloud.US_GOVERNMENT, Cloud.CHINA])
        region = dice.choice(REGIONS[cloud])
        settings = {name: dice.choice(("true", "false")) for name in switches if dice.random() < 0.25}
        settings["features"] = ",".join(dice.sample(sorted(Feature), dice.randrange(6)))
        settings |= {"region": region} if dice.random() < 0.8 else {"cloud": str(cloud)}
        if dice.random() < 0.5:
            settings["outbound_type"] = dice.choice(OUTBOUND_TYPES)
        for key in ("custom_dns", "api_server_ips"):
            if dice.random() < 0.4:
                settings[key] = ",".join(dice.sample(ADDRESSES, dice.randrange(1, 4)))
        if dice.random() < 0.3:
            settings["api_server_fqdn"] = SERVERS[dice.choice([cloud, Cloud.PUBLIC])].format(
                dice.choice([region, "westus"])
            )
        if dice.random() < 0.3:
            settings |= {"vnet_integration": "true", "api_server_subnet": dice.choice(ADDRESSES[:3])}
        if dice.random() < 0.05:
            settings["custom_dns"] = dice.choice(NO_ADDRESSES)
        yield {key: value for key, value in settings.items() if value}, dice.random() < 0.3


def expected(settings: dict[str, str], *, fixed: bool) -> Any:
    """What the command line writes, or the key at fault."""
    said = tuple(f"{key}={value}" for key, value in settings.items())
    found = []
    for name in WRITTEN_HERE:
        try:
            resolve_one = resolver(
                target=load_format(name).TARGET,
                profile_file=None,
                from_az=None,
                settings=said,
                service_tags=None,
                allow_any=False,
                informational=False,
                allow_unknown_region=False,
            )
        except ProfileError as error:
            return error.key
        export, _ = write_rules(name, CATALOG, resolve_one, fix_advisories=fixed)
        notes = [{"id": one.id, "fidelity": str(one.fidelity), "reason": one.reason} for one in export.notes]
        found.append([name, export.files, notes])
    return found


def test_the_page_writes_what_the_command_line_writes(desk: Tab) -> None:
    asked = list(clusters(CLUSTERS))
    written = desk.open("index.html").evaluate(WRITTEN, [asked])
    sound = 0
    for (settings, fixed), found in zip(asked, written, strict=True):
        wanted = expected(settings, fixed=fixed)
        if isinstance(wanted, str) or isinstance(found, str):
            assert found == wanted, settings
            continue
        sound += 1
        by_name = {name: (files, notes) for name, files, notes in found}
        assert list(by_name) == list(WRITTEN_HERE)
        for name, files, notes in wanted:
            assert list(by_name[name][0]) == list(files), (settings, name)
            for file, text in files.items():
                assert by_name[name][0][file] == text, (settings, name)
            assert by_name[name][1] == notes, (settings, name)
    assert sound > CLUSTERS / 2
