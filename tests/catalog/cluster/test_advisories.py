"""What other sources say against the article: gaps with a fix that is asked for, and notes that are never applied."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.cluster.advisories import find_advisory, fix_of, fixes, load_advisories
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.model import Level
from tests import base
from tests.catalog.cli.command_line import ask
from tests.factories import catalog, rule

VAULT: Final = "AzureCloud/key-vault-csi/advisory:vault-host"
CLUSTER: Final = (
    "--set",
    "region=westeurope",
    "--set",
    "features=key-vault-csi,cluster-extensions",
    "--set",
    "gpu=true",
)


def test_each_says_what_where_seen_when_by_what_evidence_and_how_we_read_it() -> None:
    for one in load_advisories():
        assert all((one.message, one.seen, one.reading, one.about)), one.id
        assert one.evidence.startswith("https://")
        assert one.fix is None or one.fix in one.about


def test_the_hosts_that_other_sources_name_are_spoken_of() -> None:
    about = {host for one in load_advisories() for host in one.about}
    assert {
        "developer.download.nvidia.com",
        "linuxgeneva-microsoft.azurecr.io",
        "acs-mirror.azureedge.net",
        "mcr-0001.mcr-msedge.net",
        "mcrprod.azurecr.io",
        "*.vault.azure.net",
    } <= about
    assert "AzureFrontDoor.FirstParty" in " ".join(one.message for one in load_advisories())


def test_a_fix_has_its_own_id_and_never_claims_to_be_required() -> None:
    for one in fixes():
        added = fix_of(one)
        assert added.id == f"{one.cloud}/{one.feature}/advisory:{one.id}"
        assert added.level is Level.KNOWN_GAP
    with pytest.raises(ValueError, match="never applied"):
        fix_of(next(one for one in load_advisories() if one.fix is None))


def test_what_the_article_has_by_now_gets_no_fix() -> None:
    mended = catalog(rule("*.vault.azure.net", feature="key-vault-csi"))
    assert VAULT not in {one.id for one in mended.with_fixes().rules}


@pytest.mark.parametrize("form", FORMATS)
def test_every_export_marks_a_fix_and_none_applies_a_note(form: str, tmp_path: Path) -> None:
    done = ask("export", form, *CLUSTER, "--fix-advisories", "--out", tmp_path)
    written = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    text = re.sub(r"[\s#\\]", "", written)  # comments are cut into lines anywhere, and hosts are escaped in patterns
    assert done.returncode == (1 if form == "cilium" else 0)  # which no rule for nodes reaches
    hosts = ("vault.azure.net", "developer.download.nvidia.com", "linuxgeneva-microsoft.azurecr.io")
    for host in hosts[: 1 if form == "cilium" else None]:
        assert host in text
    assert "mcrprod.azurecr.io" not in text
    assert "advisory:vault-host" in text
    assert "notofthearticle,butofadvisoryvault-host" in text


@pytest.mark.parametrize("name", ["vault-host", VAULT])
def test_show_knows_an_advisory_by_its_id_and_by_that_of_its_fix(name: str) -> None:
    done = ask("show", name)
    assert done.returncode == 0
    assert done.stdout.startswith("advisory vault-host: a gap of the article, AzureCloud, key-vault-csi\n")
    assert f"--fix-advisories adds *.vault.azure.net TCP 443 (HTTPS) as {VAULT}" in done.stdout
    assert json.loads(ask("show", name, "--format", "json").stdout)["id"] == "vault-host"
    assert ask("show", name, "--format", "markdown").stdout.startswith("# `advisory vault-host")


def test_show_says_that_a_note_is_never_applied_and_tells_it_with_its_rule() -> None:
    assert "  never applied\n" in ask("show", "mcrprod").stdout
    done = ask("show", "AzureCloud/core/acs-mirror.azureedge.net:tcp-443")
    assert "advisory: Nodes ask packages.aks.azure.com first" in done.stdout


def test_an_unknown_name_is_no_advisory() -> None:
    assert find_advisory("AzureCloud/core/mcr.microsoft.com:tcp-443") is None
    assert base.CATALOG.rules == base.CATALOG.with_fixes(known_on=base.HISTORY.events[0].day).rules
    assert ask("show", "no-such-advisory").returncode == 2
