"""Several clusters at once: one answer each, the union, and what only some need."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.cli.command_line import ask, run_apart
from tests.catalog.cluster.az.samples import SAMPLES, sample

NAMES = ("public", "private_udr", "all_addons")
CLUSTERS = [sample(name) for name in NAMES]


def saved(folder: Path, content: Any) -> Path:
    file = folder / "clusters.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def graph_row(cluster: dict[str, Any]) -> dict[str, Any]:
    """A row of Azure Resource Graph: the type in small letters, and all but the envelope under ``properties``."""
    envelope: dict[str, Any] = {
        key: cluster[key] for key in ("id", "name", "location", "resourceGroup", "tags") if key in cluster
    }
    inner = {key: value for key, value in cluster.items() if key not in envelope and key != "type"}
    return {**envelope, "type": "microsoft.containerservice/managedclusters", "properties": inner}


def fleet(path: Path, *arguments: str) -> dict[str, Any]:
    done = ask("resolve", "--from-az", path, "--format", "json", *arguments)
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def alone(name: str) -> set[tuple[str, ...]]:
    found = json.loads(ask("resolve", "--from-az", SAMPLES / f"{name}.json", "--format", "json").stdout)
    return {(rule["id"], *rule["values"]) for rule in found["rules"]}


@pytest.fixture(params=["list", "folder", "graph", "rest"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "folder":
        for name in NAMES:
            (tmp_path / f"{name}.json").write_text(json.dumps(sample(name)), encoding="utf-8")
        return tmp_path
    rows = [graph_row(cluster) for cluster in CLUSTERS]
    page = {"count": 3, "data": rows, "skip_token": None, "total_records": 3}
    return saved(tmp_path, {"list": CLUSTERS, "graph": page, "rest": {"value": rows, "nextLink": None}}[request.param])


def test_each_cluster_has_its_answer_and_the_union_has_them_all(path: Path) -> None:
    found = fleet(path)
    answers = {
        one["name"]: {(rule["id"], *rule["values"]) for rule in one["resolution"]["rules"]} for one in found["clusters"]
    }
    assert set(answers) == {sample(name)["name"] for name in NAMES}
    for name in NAMES:
        assert answers[sample(name)["name"]] == alone(name)
    shared = {(rule["id"], *rule["values"]) for rule in found["all_need"]}
    assert shared == set.intersection(*answers.values())
    for one in found["some_need"]:
        key = (one["rule"]["id"], *one["rule"]["values"])
        assert set(one["clusters"]) == {name for name in answers if key in answers[name]} < set(answers)
    assert {rule["id"] for rule in found["union"]["rules"]} == {key[0] for keys in answers.values() for key in keys}


def test_a_question_to_several_clusters_is_asked_once(tmp_path: Path) -> None:
    done = ask("resolve", "--from-az", saved(tmp_path, CLUSTERS), "--format", "json")
    asked = [line for line in done.stderr.splitlines() if line.startswith("open question: ")]
    assert len([line for line in asked if "custom_dns=" in line]) == 1
    (konnectivity,) = [line for line in asked if "konnectivity=" in line]
    assert "[2 of 3 clusters: plain, loaded]" in konnectivity


def test_the_table_shows_what_only_some_need_and_who(tmp_path: Path) -> None:
    done = ask("resolve", "--from-az", saved(tmp_path, CLUSTERS))
    assert done.returncode == 0
    assert "all 3 clusters need: " in done.stdout
    assert "1 of 3 clusters: loaded" in done.stdout


def test_an_export_and_a_check_are_of_the_union(tmp_path: Path) -> None:
    file = saved(tmp_path, CLUSTERS)
    done = ask("export", "azure-firewall-bicep", "--from-az", file)
    assert "union of 3 clusters" in done.stdout
    for region in ("westeurope", "westus3"):
        assert f".hcp.{region}.azmk8s.io" in done.stdout
    assert ask("check", "data.policy.core.windows.net", "--from-az", file).returncode == 0
    plan = ask("diff", "2024-06-01", "latest", "--from-az", file)
    assert "packages.aks.azure.com" in plan.stdout


def test_clusters_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one, other = sample("public"), sample("public")
    other["id"] = str(other["id"]).replace("/rg/", "/second/")
    found = fleet(saved(tmp_path, [one, other]))
    names = [answer["name"] for answer in found["clusters"]]
    assert len(set(names)) == 2
    assert names == ["rg/plain", "second/plain"]
    assert found["some_need"] == []


def test_clusters_of_several_clouds_have_one_service_tags_file_too_few(tmp_path: Path) -> None:
    file = saved(tmp_path, [sample("public"), sample("china")])
    found = fleet(file)
    assert {rule["id"].split("/")[0] for rule in found["union"]["rules"]} == {"AzureCloud", "AzureChinaCloud"}
    done = ask("resolve", "--from-az", file, "--service-tags", "tags.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "these clusters are in AzureChinaCloud and AzureCloud" in done.stderr


def test_a_setting_is_of_every_cluster(tmp_path: Path) -> None:
    found = fleet(saved(tmp_path, CLUSTERS), "--set", "features=cluster-extensions")
    for one in found["clusters"]:
        assert "cluster-extensions" in {feature["feature"] for feature in one["resolution"]["features"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "is an empty list: there is no cluster in it"),
        ([sample("public"), {"a": 1}, 5], "clusters.json[1]: this is an object with ['a']"),
        ([sample("public"), {"a": 1}, 5], "clusters.json[2]: this is 5, not one AKS cluster"),
        ([sample("public", location=5)], "clusters.json[0] (plain): location: expected a text"),
        ({"data": [], "skip_token": None}, "is an empty list"),
        ({"data": CLUSTERS[:1], "skip_token": "x", "total_records": 250}, "holds 1 of 250 resources: another page"),
        ({"value": CLUSTERS[:1], "nextLink": "https://next"}, "holds 1 of more resources: another page follows"),
        ({"data": [{"type": "microsoft.network/virtualnetworks"}]}, "a resource of type microsoft.network"),
    ],
)
def test_what_is_no_list_of_clusters_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    done = ask("resolve", "--from-az", saved(tmp_path, content))
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr


def test_a_folder_without_clusters_is_refused(tmp_path: Path) -> None:
    done = ask("resolve", "--from-az", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "has no .json file" in done.stderr


@pytest.mark.slow  # a process of its own
def test_two_hundred_clusters_take_less_than_three_seconds(tmp_path: Path) -> None:
    names = sorted(file.stem for file in SAMPLES.glob("*.json"))
    many = [sample(names[place % len(names)]) | {"name": f"cluster-{place:03}"} for place in range(200)]
    file = saved(tmp_path, many)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_apart("resolve", "--from-az", str(file), "--format", "json")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(json.loads(done.stdout)["clusters"]) == 200
    assert after.ru_utime - before.ru_utime < 3, "of the processor: a busy machine takes longer by the clock"
