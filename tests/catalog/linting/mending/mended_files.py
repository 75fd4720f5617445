"""Files that are written, mended as ``lint --fix`` mends them, and read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Final

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.linting.counting import without_ignored
from aks_egress_catalog.linting.lint import Cluster, Lint, lint_readings, target_of
from aks_egress_catalog.linting.mending.files import new_bytes
from aks_egress_catalog.linting.mending.mend import Mended, mend
from aks_egress_catalog.linting.mending.plan import Wishes
from aks_egress_catalog.linting.read import Lists, read_lists
from tests.base import CATALOG, HISTORY
from tests.catalog.linting.allow_lists import WEST

EVERYTHING: Final = Wishes(retired=True, near_misses=True)


@dataclass(frozen=True)
class Files:
    """What became of some files: their texts by name, and what was told."""

    texts: Mapping[str, str]
    mended: Mended

    @property
    def text(self) -> str:
        """The text of the one file."""
        (text,) = self.texts.values()
        return text


def judge(lists: Lists, profile: Profile = WEST) -> Lint:
    resolution = CATALOG.resolve(profile, target=target_of(lists.readings))
    clusters = [Cluster(name="", resolution=resolution)]
    found = lint_readings(lists.readings, CATALOG, lives=HISTORY.rules, clusters=clusters, refused=lists.refused)
    return without_ignored(found, lists.texts)


def fix(
    folder: Path,
    texts: Mapping[str, str | bytes],
    *,
    profile: Profile = WEST,
    wishes: Wishes | None = None,
    given: Sequence[str] = (),
) -> Files:
    """Write files, mend their folder, or those that are given, and write what they are to be."""
    rmtree(folder, ignore_errors=True)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    paths = [str(folder / name) for name in given] or [str(folder)]
    read = partial(read_lists, paths)
    mended = mend(read, partial(judge, profile=profile), wishes or Wishes())
    for path, text in mended.texts.items():
        before = mended.before
        Path(path).write_bytes(new_bytes(path, before.texts[path], text, before.encodings[path]))
    return Files({name: (folder / name).read_bytes().decode("utf-8", "replace") for name in texts}, mended)


def missing(found: Lint) -> list[str]:
    """What is missing, by its host and port; notes are left alone."""
    return [
        f"{one.value} {one.need.port}"
        for one in found.findings
        if one.code == "missing" and one.level != "note" and one.need
    ]


def terraform(*rules: str, before: str = "") -> str:
    """A file with one collection of application rules, formatted as Terraform would."""
    body = "\n".join(f"    rule {{\n{rule}\n    }}" for rule in rules)
    return f"""{before}resource "azurerm_firewall_policy_rule_collection_group" "aks" {{
  firewall_policy_id = azurerm_firewall_policy.hub.id
  name               = "aks"
  priority           = 200

  application_rule_collection {{
    name     = "aks"
    priority = 100
    action   = "Allow"

{body}
  }}
}}
"""


def rule(fqdns: str, *, name: str = "core", service: str = "Https", port: int = 443, sources: str = '["*"]') -> str:
    """A rule of Terraform; ``fqdns`` is its list as written."""
    return f"""      name             = "{name}"
      source_addresses = {sources}
      destination_fqdns = {fqdns}

      protocols {{
        type = "{service}"
        port = {port}
      }}"""


def lines(*hosts: str, comma: str = ",", last: str = ",", indent: str = "        ", quote: str = '"') -> str:
    """A list with a value a line."""
    body = f"{comma}\n".join(f"{indent}{quote}{host}{quote}" for host in hosts)
    return f"[\n{body}{last}\n{indent[:-2]}]"
