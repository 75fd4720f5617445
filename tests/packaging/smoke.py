"""Asks an installed package the questions that users ask. It runs with nothing but the package installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import aks_egress_catalog as aec
from aks_egress_catalog.exports.formats import FORMATS

PROFILE = ("--set", "region=westeurope", "--allow-any")


def command(*arguments: str) -> str:
    """Run the installed command line; anything but 0 ends the test with what it said."""
    name = Path(sys.executable).with_name("aks-egress-catalog")
    done = subprocess.run([str(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def main() -> None:
    """Ask the library and the command line."""
    catalog = aec.load()
    assert "site-packages" in aec.__file__, f"{aec.__file__} is not an installed package"
    assert version("aks-egress-catalog") == catalog.version
    assert len(catalog.rules) > 80
    rule = next(rule for rule in catalog.rules(cloud="AzureCloud") if (rule.kind, rule.port) == ("fqdn", 443))
    host = re.sub(r"\*|\{[^}]*\}", "x", str(rule.destinations[0]))
    assert rule in catalog.match(host, 443)
    assert aec.load(as_of="2024-06-01").version == "2024.5.21"
    assert catalog.resolve(aec.Profile(region="westeurope")).rules
    assert "rules, facts of" in command()
    assert catalog.version in command("--version")
    assert "required" in command("check", host)
    assert json.loads(command("list", "--format", "json"))
    assert json.loads(command("changes", "--since", "2025-01-01", "--format", "json"))["notify"]
    assert "packages.aks.azure.com" in command("diff", "2024-06-01", "2025-12-31", *PROFILE)
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMATS:
            assert command("export", form, *PROFILE, "--out", f"{folder}/{form}") == ""
            assert Path(folder, form).exists(), form
    print(f"Python {sys.version.split()[0]}: aks-egress-catalog {catalog.version} answers")


main()
