"""Files, folders, archives and standard input: streamed, in any encoding, and none of them can break the reading."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.lines import Text
from aks_egress_catalog.logs.read import read
from aks_egress_catalog.logs.source import sources
from tests.catalog.logs.made import made

LINES = list(made("squid", 40, denied=1.0))
TEXT = "\n".join(LINES) + "\n"


def hosts(*paths: str | Path, context: Context | None = None, **options: int) -> list[str]:
    found = read(sources(paths, **options), context or Context())
    return [one.host for one in found if isinstance(one, Flow)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "access.log"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
@pytest.mark.parametrize("name", ["access.log.gz", "access.log"])
def test_packed_files_are_known_by_their_first_bytes(tmp_path: Path, pack: type[bytes], name: str, log: Path) -> None:
    packed = tmp_path / "packed" / name
    packed.parent.mkdir()
    packed.write_bytes(pack(TEXT.encode()))
    assert hosts(packed) == hosts(log)
    assert len(hosts(packed)) == 40


def test_members_of_an_archive_are_sources(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/access.log", TEXT)
        archive.writestr("a.log", TEXT)
        archive.writestr("c/inner.gz", gzip.compress(TEXT.encode()))
    context = Context()
    assert len(hosts(tmp_path / "logs.zip", context=context)) == 80
    assert context.refused == {
        f"{tmp_path}/logs.zip:c/inner.gz": "compressed twice, or an archive in an archive; unpack it first"
    }


def test_folder_is_read_to_its_depth_in_order(tmp_path: Path, log: Path) -> None:
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "deep" / "deeper" / "z.log").write_text(TEXT)
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    assert [source.name for source in sources([tmp_path])] == [str(log), str(tmp_path / "deep" / "deeper" / "z.log")]
    assert len(hosts(tmp_path)) == 80


def test_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        hosts(tmp_path / "absent.log")


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_standard_input(pack: type[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(pack(TEXT.encode()))))
    assert len(hosts("-")) == 40


def test_lines_of_a_pipe_are_flows_as_they_come() -> None:
    program = (
        "from aks_egress_catalog.logs.source import sources; from aks_egress_catalog.logs.read import read;"
        "from aks_egress_catalog.logs.context import Context;"
        "[print(one.host, flush=True) for one in read(sources('-'), Context())]"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as run:
        assert run.stdin
        assert run.stdout
        for line in LINES[:3]:
            run.stdin.write(line + "\n")
            run.stdin.flush()
            assert run.stdout.readline().strip() in line
        run.stdin.close()
    assert run.returncode == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    (tmp_path / "a.log").write_bytes((mark + TEXT.replace("\n", "\r\n")).encode(encoding))
    context = Context()
    assert len(hosts(tmp_path / "a.log", context=context)) == 40
    assert context.lines == 40


def test_bytes_that_are_no_text_are_replaced_and_noted(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(TEXT.replace("text/html", "t\u00e9xt").encode("latin-1"))
    context = Context()
    assert len(hosts(tmp_path / "a.log", context=context)) == 40
    assert context.notes == (f"{tmp_path}/a.log has bytes that are no UTF-8; they were replaced",)


def test_half_a_character_is_replaced() -> None:
    assert Text().feed(rb'"\ud83d\ude00 \ud83d \ude00x"', last=True) == r'"\ud83d\ude00 \ufffd \ufffdx"'


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x7fELF\x02\x01\x00\x00" * 100, "binary"),
        (TEXT.encode("utf-16-le"), "byte order mark"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd"),
        (b"Obj\x01\x04\x16avro", "Avro"),
        (b"PAR1\x15\x04", "Parquet"),
        (gzip.compress(gzip.compress(TEXT.encode(), mtime=0), mtime=0), "compressed twice"),
    ],
)
def test_binary_files_are_refused_with_a_word_and_the_others_read(
    tmp_path: Path, content: bytes, word: str, log: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(content)
    context = Context()
    assert len(hosts(tmp_path / "a.bin", log, context=context)) == 40
    assert word in context.refused[f"{tmp_path}/a.bin"]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TEXT.encode())[:-20],
        gzip.compress(TEXT.encode())[:-8] + b"\0" * 8,
        gzip.compress(TEXT.encode()) + b"garbage",
        bz2.compress(TEXT.encode())[:-5],
        lzma.compress(TEXT.encode())[:-5],
        b"PK\x03\x04 no archive",
    ],
    ids=("cut", "wrong sum", "garbage behind", "cut bz2", "cut xz", "no archive"),
)
def test_damaged_files_are_told_and_what_was_read_counts(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gz").write_bytes(content)
    context = Context()
    found = hosts(tmp_path / "a.gz", context=context)
    (why,) = context.refused.values()
    assert "what was read until then counts" in why
    assert len(found) in (0, 38, 39, 40)


def test_empty_files_have_no_lines(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\xef\xbb\xbf", b"x"):
        (tmp_path / "a.log").write_bytes(content)
        context = Context()
        assert not hosts(tmp_path / "a.log", context=context)
        assert not context.refused


def test_bomb_ends_with_a_word_and_what_was_read_counts(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.gz", "wb") as stream:
        stream.write(TEXT.encode())
        for _ in range(64):
            stream.write(bytes(1 << 20).replace(b"\0", b"x"))
    context = Context()
    assert len(hosts(tmp_path / "bomb.gz", context=context, most_unpacked=20_000_000)) == 40
    assert "becomes more than 20,000,000 bytes" in context.refused[f"{tmp_path}/bomb.gz"]


def test_members_of_an_archive_share_the_limit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.log", TEXT)
    context = Context()
    hosts(tmp_path / "logs.zip", context=context, most_unpacked=2 * len(TEXT))
    assert len(context.refused) == 3


def test_line_beyond_any_measure_is_one_unreadable_line_and_costs_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.log").open("w") as stream:
        stream.write(LINES[0] + "\n")
        for _ in range(120):
            stream.write("x" * 1_000_000)
        stream.write("\n" + LINES[1] + "\n" + "y" * 11_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    context = Context()
    found = list(read(sources([tmp_path / "a.log"]), context))
    assert [type(one) for one in found] == [Flow, Flow, Skipped, Skipped]
    assert (context.lines, context.unreadable) == (4, 2)
    assert all(len(one.line) == 300 for one in found if isinstance(one, Skipped))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
