"""The rules for AWS Network Firewall, run by Suricata on captured connections: it passes what is promised."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.exports.appliances import aws_suricata
from aks_egress_catalog.exports.declaration import Traffic
from tests.catalog.exports.engines.captures import Connection, write_capture
from tests.catalog.exports.engines.clients import message
from tests.catalog.exports.engines.networks import program, real_engine
from tests.catalog.exports.engines.probes import (
    MADE_UP,
    Probe,
    exported,
    fitted,
    probes,
    promises,
    promises_name,
    resolutions,
)

PORTS: Final = (80, 443, 8443)
CONFIGURATION: Final = """%YAML 1.1
---
vars:
  address-groups: {HOME_NET: "[10.80.0.0/16]", EXTERNAL_NET: "!$HOME_NET"}
outputs:
  - eve-log: {enabled: yes, filename: eve.json, types: [alert]}
app-layer:
  protocols:
    tls: {enabled: yes}
    http: {enabled: yes}
    ssh: {enabled: yes}
stream: {checksum-validation: no}
"""
DROP_ESTABLISHED: Final = """
drop tcp any any -> any any (msg:"default"; flow:to_server, established; dsize:>0; sid:1; rev:1;)
"""
"""The default action: whatever a client says, unless a rule passes it. Each of our clients says it in one packet."""
FIRST_PORT: Final = 10_000
needs = real_engine("suricata")


def dropped(rules: str, said: list[tuple[int, bytes]], folder: Path) -> list[bool]:
    """Have Suricata look at connections to ports, as a firewall between; says for each whether it is cut."""
    (folder / "suricata.yaml").write_text(CONFIGURATION, encoding="ascii")
    (folder / "all.rules").write_text(rules + DROP_ESTABLISHED, encoding="ascii")
    write_capture(
        folder / "said.pcap",
        (Connection(source=FIRST_PORT + place, port=port, said=text) for place, (port, text) in enumerate(said)),
    )
    command = [program("suricata"), "-c", "suricata.yaml", "-S", "all.rules", "-r", "said.pcap", "-l", str(folder)]
    command += ["--simulate-ips", "--runmode", "single", "-k", "none", "--init-errors-fatal"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    events = map(json.loads, (folder / "eve.json").read_text(encoding="utf-8").splitlines())
    cut = {event["src_port"] for event in events if event["alert"]["action"] == "blocked"}
    return [FIRST_PORT + place in cut for place in range(len(said))]


@needs
@pytest.mark.parametrize("name", ["made up", "everything", "China"])
def test_what_passes_is_what_the_declaration_promises(name: str, tmp_path: Path) -> None:
    of = resolutions("aws-suricata")[name]
    taken = fitted(aws_suricata.DECLARATION, of)
    asked = probes(of, PORTS)
    rules = exported("aws-suricata", of)[aws_suricata.RULES]
    cut = dropped(rules, [(probe.port, message(probe)) for probe in asked], tmp_path)
    portless = [one for one in taken if one.rule.port is None]  # TLS and HTTP, whatever the port
    expected = [promises(taken, probe) or promises_name(portless, probe.host) for probe in asked]
    assert [probe for probe, is_cut, passes in zip(asked, cut, expected, strict=True) if is_cut == passes] == []
    assert set(cut) == {True, False}


@needs
def test_names_in_capitals_pass_and_what_names_no_host_does_not(tmp_path: Path) -> None:
    rules = exported("aws-suricata", MADE_UP)[aws_suricata.RULES]
    shouted = Probe(host="EXACT.Made-Up.example", port=443, speaks=Traffic.HTTPS)
    unnamed = b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 64, b"GET / HTTP/1.0\r\n\r\n"
    said = [(443, message(shouted)), *((443, each) for each in unnamed)]
    assert dropped(rules, said, tmp_path) == [False, True, True, True]
