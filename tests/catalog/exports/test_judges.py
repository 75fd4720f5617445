"""``--check-target``: the program of a target checks before anything is written, and says so where it is not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.exports.export import Export
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.exports.judges import JUDGES, Verdict, judge_export
from tests import base
from tests.catalog.cli.command_line import ask
from tests.catalog.exports.engines.networks import program, real_engine
from tests.catalog.exports.resolutions import HEADER, REAL, real

BROKEN: Final = '\x01 no configuration of anything {{{ "\n'


@real_engine(
    "squid", "haproxy", "nft", "dnsmasq", "named-checkzone", "unbound-checkconf", "terraform", "suricata", root=True
)
@pytest.mark.parametrize("form", [form for form in JUDGES if form != "envoy"])
def test_each_program_accepts_what_is_written_for_it_and_refuses_what_is_broken(form: str) -> None:
    for name in REAL:
        export = load_format(form).render(real(name, load_format(form).TARGET), HEADER)
        found = judge_export(form, export)
        assert [(one.program, one.verdict, one.said) for one in found] == [
            (judge.program, Verdict.ACCEPTS, "") for judge in JUDGES[form]
        ]
    broken = Export(files=dict.fromkeys(export.files, BROKEN), notes=())
    assert {one.verdict for one in judge_export(form, broken)} & {Verdict.REFUSES}


@real_engine("envoy")
def test_envoy_accepts_its_configuration_and_refuses_a_broken_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(program('envoy')).parent}:{os.environ['PATH']}")
    export = aec.export("envoy", aec.Profile(region="westeurope"), catalog=base.CATALOG)
    assert [one.verdict for one in judge_export("envoy", export)] == [Verdict.ACCEPTS]
    text = export.files["envoy.yaml"].replace('"tls"', '"no such protocol", "nothing": 1')
    assert [one.verdict for one in judge_export("envoy", Export(files={"envoy.yaml": text}, notes=()))] == [
        Verdict.REFUSES
    ]


def test_a_program_that_is_absent_is_told_and_the_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = ask("export", "envoy", "--set", "region=westeurope", "--check-target", "--out", tmp_path / "envoy.yaml")
    assert done.returncode == 0
    assert "note: envoy did not check it: it is not on this machine\n" in done.stderr
    assert (tmp_path / "envoy.yaml").exists()


def test_where_one_refuses_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = tmp_path / "envoy"
    refusing.write_text("#!/bin/sh\necho it is wrong in line 7\nexit 1\n", encoding="ascii")
    refusing.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = ask("export", "envoy", "--set", "region=westeurope", "--check-target", "--out", tmp_path / "envoy.yaml")
    assert (done.returncode, (tmp_path / "envoy.yaml").exists()) == (1, False)
    assert "error: envoy refuses it, nothing was written:\nit is wrong in line 7\n" in done.stderr
