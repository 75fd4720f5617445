from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.render.flat import COLUMNS, flatten, to_csv
from aks_egress_catalog.text.codec import to_json
from tests import base
from tests.catalog.cli.command_line import ask, run

HEADER = (
    "id,cloud,cloud_stated,feature,level,kind,destination,protocol,port,application,alternative,conditions,lifecycle"
)


def test_the_columns_are_the_contract() -> None:
    assert ",".join(COLUMNS) == HEADER
    assert to_csv([]) == HEADER + "\n"


def test_one_alternative_is_one_line_sorted_by_id_and_alternative() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(aec.load().rules))))
    assert len(rows) == sum(len(rule.destinations) for rule in aec.load().rules)
    keys = [(row["id"], int(row["alternative"].partition("/")[0] or 0)) for row in rows]
    assert keys == sorted(keys)


def test_the_tunnel_shows_every_column_as_designed() -> None:
    lines = [flat for flat in flatten(base.CATALOG.rules) if flat.id == "AzureCloud/core/any:udp-1194"]
    assert [(flat.alternative, flat.destination) for flat in lines] == [
        ("1/4", "*"),
        ("2/4", "tag:AzureCloud.{region}"),
        ("3/4", "set:RegionCIDRs"),
        ("4/4", "set:APIServerPublicIP"),
    ]
    assert {(flat.protocol, flat.port, flat.application, flat.lifecycle) for flat in lines} == {
        ("UDP", "1194", "", "active")
    }
    assert [flat.conditions for flat in lines] == [
        *["not-if:konnectivity-agent;not-if:private-cluster"] * 3,
        "not-if:konnectivity-agent;not-if:private-cluster;only-if:cluster-exists",
    ]


def test_the_conditions_of_the_design_are_those_of_the_embedded_pages() -> None:
    flat = {
        (each.id, each.destination): each.conditions
        for each in flatten(base.CATALOG.rules(cloud="AzureCloud", feature="core"))
    }
    core = "AzureCloud/core/"
    assert flat[core + "set:CustomDNSIP:udp-53", "set:CustomDNSIP"] == "only-if:custom-dns"
    assert (
        flat[core + "set:APIServerPublicIP:tcp-443", "set:APIServerPublicIP"]
        == "not-if:private-cluster;only-if:pods-use-api-server-ip"
    )
    assert flat[core + "any:udp-123", "*"] == "not-if:nodes-after-2021-03"
    assert (
        flat[core + "any:udp-123", "ntp.ubuntu.com"]
        == "not-if:nodes-after-2021-03;only-if:azure-firewall-network-rules"
    )
    hcp = "*.hcp.{region}.azmk8s.io"
    assert flat[f"{core}{hcp}:tcp-443", hcp] == "not-if:private-cluster;required-if:konnectivity-agent"
    (rule,) = [rule for rule in base.CATALOG.rules if rule.id == f"{core}{hcp}:tcp-443"]
    assert rule.constraints == ("preserve-alpn",)


def test_the_command_prints_csv_json_and_a_table() -> None:
    asked = ("list", "--cloud", "AzureCloud", "--feature", "gpu")
    as_csv, as_json, as_table = (ask(*asked, "--format", form) for form in ("csv", "json", "table"))
    as_wide = ask(*asked, "--wide")
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [row["destination"] for row in rows] == ["download.docker.com", "nvidia.github.io", "us.download.nvidia.com"]
    expected = [row | {"port": int(row["port"]), "cloud_stated": row["cloud_stated"] == "true"} for row in rows]
    assert json.loads(as_json.stdout) == expected
    assert all(row["id"] in as_wide.stdout for row in rows)
    assert all(f"  {row['destination']} " in as_table.stdout for row in rows)
    assert "AzureCloud / gpu\n" in as_table.stdout
    assert "\x1b" not in as_table.stdout


def test_json_has_numbers_and_truth_values_and_null_where_there_is_no_port() -> None:
    records = json.loads(ask("list", "--format", "json").stdout)
    assert {type(record["port"]) for record in records} == {int, type(None)}
    assert {record["cloud_stated"] for record in records} == {True, False}
    assert {record["id"] for record in records if record["port"] is None} == {
        one.id for one in base.CATALOG.rules if one.port is None
    }
    assert next(iter(csv.DictReader(io.StringIO(ask("list", "--format", "csv").stdout)))).keys() == records[0].keys()


def test_another_catalog_is_read_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(to_json(aec.load()), encoding="utf-8")
    assert run("list", "--catalog", str(file), "--format", "csv").stdout == to_csv(aec.load().rules)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("list", "--cloud", "Azure"), 2, "no cloud 'Azure'; there is: AzureChinaCloud, AzureCloud, AzureUSGovernment"),
        (("list", "--feature", "cores"), 2, "no feature 'cores'; there is: azure-monitor"),
        (("list", "--format", "xml"), 2, "'csv'"),
        (("list", "--catalog", "/nowhere.json"), 3, "/nowhere.json"),
    ],
)
def test_a_fault_is_one_message_and_its_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = ask(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
