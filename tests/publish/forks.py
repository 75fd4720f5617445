"""Commands of a checkout without their start: each runs in a fork of one process that has imported everything.

``.venv/bin/python`` of the checkout hands its arguments, environment, folder and streams to that process, and ends as
the fork ends. Importing takes longer than most commands do, and a year of the pipeline has four hundred of them. The
clock of a fork is that of ``NOW`` in its environment.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import runpy
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final

import time_machine

_PACKAGES: Final = ("aks_egress_catalog", "publish", "scraper")
_STREAMS: Final = (0, 1, 2)
_PYTHON: Final = """#!{python} -IS
import json, os, socket, sys

assert sys.argv[1] == "-m", sys.argv
with socket.socket(socket.AF_UNIX) as server:
    server.connect({place!r})
    socket.send_fds(server, [b"-"], {streams})
    server.sendall(json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]).encode())
    server.shutdown(socket.SHUT_WR)
    code = server.recv(9)
sys.exit(int(code))
"""


@contextmanager
def forking(checkout: Path) -> Iterator[None]:
    """Let ``.venv/bin/python -m`` of a checkout be quick."""
    with tempfile.TemporaryDirectory() as folder:  # the place of a socket may have no more than 107 characters
        place = f"{folder}/socket"
        program = checkout / ".venv" / "bin" / "python"
        program.parent.mkdir(parents=True)
        program.write_text(_PYTHON.format(python=sys.executable, place=place, streams=_STREAMS), encoding="utf-8")
        program.chmod(0o755)
        paths = f"{checkout}/catalog:{checkout}"
        command = [sys.executable, __file__, place]
        with subprocess.Popen(
            command, env=os.environ | {"PYTHONPATH": paths}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
            yield  # then its input is closed, and it ends


def _main(place: str) -> None:
    sys.path.remove(str(Path(__file__).parent))  # a program's own folder comes first there
    for name in _PACKAGES:
        for found in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                import_module(found.name)
    gc.freeze()  # what is never looked at again is never copied
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        server.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            caller, _ = server.accept()
            with caller:
                _, streams, _, _ = socket.recv_fds(caller, 1, len(_STREAMS))
                with caller.makefile() as said:
                    arguments, environment, folder = json.load(said)
                child = os.fork()
                if not child:
                    os._exit(_become(arguments, environment, folder, streams))  # to tidy up would copy all memory
                for stream in streams:
                    os.close(stream)
                code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                caller.sendall(str(code).encode())


def _become(arguments: list[str], environment: dict[str, str], folder: str, streams: list[int]) -> int:
    """Be the process that a shell would have started; gives the code that it ends with."""
    for number, stream in zip(_STREAMS, streams, strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if "NOW" in environment:
        time_machine.travel(environment["NOW"]).start()
    sys.argv = ["", *arguments[1:]]
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    _main(sys.argv[1])
