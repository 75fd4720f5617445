"""What the page reads of ``az aks show`` is what the package reads: the same samples, and the same ones spoiled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from aks_egress_catalog.cluster.az.profile import profile_from_az
from aks_egress_catalog.cluster.profile import ProfileError
from tests.catalog.cluster.az.samples import SAMPLES, open_keys, sample
from tests.site.conftest import Tab

READ: Final = """
async ([contents]) => {
  const { profileFromAz } = await import("/static/cluster/az.js");
  const { ProfileError } = await import("/static/cluster/profile.js");
  const data = await (await fetch("/data/cluster.json")).json();
  return contents.map((content) => {
    try {
      const { profile, notes, open } = profileFromAz(data, content);
      return [profile, notes, open.sort()];
    } catch (error) {
      if (error instanceof ProfileError) return "refused";
      throw error;
    }
  });
}
"""
NAMES: Final = sorted(file.stem for file in SAMPLES.glob("*.json"))
STRANGE: Final[tuple[Any, ...]] = (
    None,
    True,
    7,
    "x",
    [],
    [7],
    {},
    {"enabled": True},
    {"enabled": "yes"},
    [None],
    [{"name": 1}],
)
"""Values that each field of a sample is given in turn."""


def spoiled() -> Iterator[Any]:
    """Every sample, the API's form of it, and each with one field of another kind or none."""
    for name in NAMES:
        content = sample(name)
        yield content
        yield {"type": content.get("type"), "location": content.get("location"), "properties": content}
        for key in content:
            yield {other: value for other, value in content.items() if other != key}
    public = sample("all_addons")
    yield from (public | {key: value} for key in public for value in STRANGE)
    yield from ([], {}, None, "x", [public], {"value": [public]}, {"error": {}}, {"apiVersion": "v1"}, {"vmSize": "x"})
    yield {"type": "Microsoft.ContainerService/managedClusters/agentPools"}


def expected(content: Any) -> Any:
    """What the package reads; its JSON form, as a browser has it."""
    try:
        found = profile_from_az(content)
    except ProfileError:
        return "refused"
    return json.loads(json.dumps([asdict(found.profile), found.notes, sorted(open_keys(found))]))


def test_the_page_reads_a_cluster_as_the_package_does(desk: Tab) -> None:
    asked = list(spoiled())
    read = desk.open("index.html").evaluate(READ, [asked])
    wanted = [expected(content) for content in asked]
    differ = [(content, one, other) for content, one, other in zip(asked, read, wanted, strict=True) if one != other]
    assert not differ, f"{len(differ)} of {len(asked)} are read otherwise: {differ[0]}"
    assert 0 < wanted.count("refused") < len(asked) / 2
