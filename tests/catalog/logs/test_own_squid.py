"""A Squid whose list was thinned denies, and its own log is explained: what it denied is what is named, and no more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.ask.answer import Verdict
from tests import base
from tests.real_squid import ACCESS_RULES, lets_through, real_squid, running

PROFILE = aec.Profile(region="westeurope")
TAKEN_OUT = ("packages.aks.azure.com", r"data\.mcr\.microsoft\.com")
REQUESTS = (
    "CONNECT packages.aks.azure.com:443",
    "CONNECT packages.aks.azure.com:443",
    "CONNECT westeurope.data.mcr.microsoft.com:443",
    "CONNECT mcr.microsoft.com:443",
    "CONNECT management.azure.com:443",
    "CONNECT management.azure.com:8443",
    "GET http://security.ubuntu.com/ubuntu?token=secret",
    "GET http://shop.example/",
)
FORMATS = ("squid", "common", "combined")


def thinned() -> str:
    """Our export, without two of its lines; a line that allows by an ACL that is gone goes with it."""
    text = aec.export("squid", PROFILE, catalog=base.CATALOG).files[ACCESS_RULES]
    kept = [line for line in text.splitlines() if not any(one in line for one in TAKEN_OUT)]
    defined = {line.split()[1] for line in kept if line.startswith("acl")}
    usable = (
        line
        for line in kept
        if not line.startswith("http_access allow") or {word.removeprefix("!") for word in line.split()[2:]} <= defined
    )
    return "\n".join(usable) + "\n"


@real_squid
@pytest.mark.parametrize("form", FORMATS)
def test_what_squid_denied_is_what_is_named(form: str) -> None:
    hosts = {request.split()[1].removeprefix("http://").split("/")[0].split(":")[0] for request in REQUESTS}
    with TemporaryDirectory(prefix="squid-log-") as folder:
        Path(folder).chmod(0o777)  # Squid writes as a user of its own
        log = Path(folder) / "access.log"
        with running(thinned(), hosts, f"stdio:{log} {form}") as port:
            denied = Counter(request for request in REQUESTS if not lets_through(port, request))
        found = aec.explain(log, profile=PROFILE, catalog=base.CATALOG)
        text = log.read_text(encoding="utf-8")
    assert len(text.splitlines()) >= len(REQUESTS)
    named = {f"{row.host}:{row.port}": (row.hits, row.verdict) for row in found.denied}
    assert named == {
        "packages.aks.azure.com:443": (2, Verdict.REQUIRED),
        "westeurope.data.mcr.microsoft.com:443": (1, Verdict.REQUIRED),
        "management.azure.com:8443": (1, Verdict.NOT_LISTED),
        "shop.example:80": (1, Verdict.NOT_LISTED),
    }
    assert sum(denied.values()) == sum(hits for hits, _ in named.values())
    assert found.formats == ("squid",)
