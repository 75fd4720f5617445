"""The programs that can say whether a written file is one of theirs, where the machine has them: ``--check-target``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.export import Export

_ELSEWHERE: Final = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where daemons are that the search path of a user does not have."""
_SECONDS: Final = 120
_LONGEST: Final = 2_000
_NO_RIGHT: Final = "Operation not permitted"
_WRAPPER: Final = "check-target.conf"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A program and its arguments, which runs in a folder that holds the files of an export.

    ``wrapper`` is a whole configuration around the export, for programs that take no part of one. ``alone``: it asks
    the kernel, which only root may, unless in a network of its own.
    """

    program: str
    arguments: tuple[str, ...]
    wrapper: str = ""
    alone: bool = False


JUDGES: Final = {
    "az-script": (Judge(program="sh", arguments=("-n", "aks-egress.sh")),),
    "azure-firewall-terraform": (Judge(program="terraform", arguments=("fmt", "-check", "-diff", ".")),),
    "terraform-tfvars": (Judge(program="terraform", arguments=("fmt", "-check", "-diff", ".")),),
    "aws-suricata": (
        Judge(
            program="suricata",
            arguments=("-T", "-c", _WRAPPER, "-S", "aks-egress.rules", "-l", "."),
            wrapper="%YAML 1.1\n---\nvars:\n  address-groups:\n    HOME_NET: 10.0.0.0/8\n    EXTERNAL_NET: any\n",
        ),
    ),
    "envoy": (Judge(program="envoy", arguments=("--mode", "validate", "-c", "envoy.yaml")),),
    "haproxy": (Judge(program="haproxy", arguments=("-c", "-f", "haproxy.cfg")),),
    "squid": (
        Judge(
            program="squid",
            arguments=("-k", "parse", "-f", _WRAPPER),
            wrapper="http_port 127.0.0.1:3128\nvisible_hostname check.invalid\ninclude {folder}/aks-egress.conf\n",
        ),
    ),
    "nftables": (
        Judge(program="nft", arguments=("-c", "-f", "aks-egress.nft"), alone=True),
        Judge(program="dnsmasq", arguments=("--test", "-C", "dnsmasq.conf")),
    ),
    "rpz": (
        Judge(program="named-checkzone", arguments=("aks-egress", "aks-egress.rpz")),
        Judge(
            program="unbound-checkconf",
            arguments=(_WRAPPER,),
            wrapper='server:\n  chroot: ""\n  username: ""\n  directory: "{folder}"\n'
            '  module-config: "respip iterator"\nrpz:\n  name: aks-egress\n  zonefile: "{folder}/aks-egress.rpz"\n',
        ),
    ),
}
"""By format; each of them is asked."""


class Verdict(StrEnum):
    """What a program says of an export."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    ABSENT = "absent"
    """It is not on this machine, or may not be asked by this user."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One program, its verdict, and what it said where it did not accept."""

    program: str
    verdict: Verdict
    said: str = ""


def judge_export(form: str, export: Export) -> tuple[Judgement, ...]:
    """Ask every program that knows a format, before anything is written where somebody uses it.

    Raises:
        AksEgressError: no program knows the format.
    """
    if form not in JUDGES:
        raise AksEgressError(f"--check-target is for {', '.join(JUDGES)}: no program is known that checks {form}")
    return tuple(_judgements(JUDGES[form], export))


def _judgements(judges: tuple[Judge, ...], export: Export) -> Iterator[Judgement]:
    with TemporaryDirectory(prefix="aks-egress-") as name:
        folder = Path(name)
        for file, text in export.files.items():
            (folder / file).write_text(text, encoding="utf-8")
        for judge in judges:
            yield _judgement(judge, folder)


def _judgement(judge: Judge, folder: Path) -> Judgement:
    command = _command(judge)
    if not command:
        return Judgement(program=judge.program, verdict=Verdict.ABSENT, said="it is not on this machine")
    if judge.wrapper:
        (folder / _WRAPPER).write_text(judge.wrapper.format(folder=folder), encoding="utf-8")
    try:
        done = subprocess.run(  # noqa: S603  - a program of the table above, without a shell
            command, cwd=folder, capture_output=True, text=True, errors="replace", check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Judgement(program=judge.program, verdict=Verdict.ABSENT, said=f"it does not run here: {error}")
    said = (done.stdout + done.stderr).replace(str(folder), "").strip()[-_LONGEST:]
    if done.returncode == 0:
        return Judgement(program=judge.program, verdict=Verdict.ACCEPTS)
    if judge.alone and _NO_RIGHT in said:
        return Judgement(program=judge.program, verdict=Verdict.ABSENT, said="only root may ask it here")
    return Judgement(program=judge.program, verdict=Verdict.REFUSES, said=said)


def _command(judge: Judge) -> list[str]:
    """The command line of a judge; empty where its program is not on this machine."""
    program = _find(judge.program)
    if not program:
        return []
    unshare = _find("unshare") if judge.alone and os.geteuid() != 0 else ""
    return [*((unshare, "--map-root-user", "--net") if unshare else ()), program, *judge.arguments]


def _find(program: str) -> str:
    return shutil.which(program) or shutil.which(program, path=_ELSEWHERE) or ""
