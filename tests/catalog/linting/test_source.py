"""Files found and decoded; what cannot be read is told, and nothing is read by halves."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from aks_egress_catalog.linting import source
from aks_egress_catalog.linting.source import Refused, Source, sources_in


def put(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def paths(found: list[Source | Refused]) -> list[str]:
    return [Path(one.path).name for one in found if isinstance(one, Source)]


def only(path: Path | str) -> Source | Refused:
    (found,) = sources_in([path])
    return found


def refusal(path: Path | str) -> str:
    found = only(path)
    assert isinstance(found, Refused), found
    return found.message


def test_a_folder_gives_what_may_be_a_list_sorted(tmp_path: Path) -> None:
    put(tmp_path, b_tf="", a__z_txt="", a__allowlist="", logo_png="", code_py="", README_md="", zone_conf="")
    assert paths(list(sources_in([tmp_path]))) == ["allowlist", "z.txt", "b.tf", "zone.conf"]


def test_hidden_folders_and_packages_of_others_are_passed_over(tmp_path: Path) -> None:
    for folder in (".git", ".terraform", "node_modules", "a/node_modules", "ok"):
        put(tmp_path / folder, x_tf="")
    put(tmp_path, _hidden="")
    assert [one.path for one in sources_in([tmp_path])] == [str(tmp_path / "ok/x.tf")]


def test_a_file_named_is_read_whatever_its_ending(tmp_path: Path) -> None:
    put(tmp_path, hosts_py="mcr.microsoft.com", other_py="")
    read = only(tmp_path / "hosts.py")
    assert isinstance(read, Source)
    assert read.named
    both = list(sources_in([tmp_path, tmp_path / "hosts.py"]))
    assert [(one.path, isinstance(one, Source) and one.named) for one in both] == [(str(tmp_path / "hosts.py"), True)]


def test_each_file_comes_once(tmp_path: Path) -> None:
    put(tmp_path, a_tf="", b_tf="")
    (tmp_path / "c.tf").symlink_to(tmp_path / "a.tf")
    found = list(sources_in([tmp_path / "b.tf", tmp_path, f"{tmp_path}/../{tmp_path.name}"]))
    assert paths(found) == ["b.tf", "a.tf"]


def test_links_that_lead_round_end(tmp_path: Path) -> None:
    put(tmp_path / "lists" / "deep", x_tf="")
    (tmp_path / "lists" / "deep" / "up").symlink_to(tmp_path / "lists")
    (tmp_path / "lists" / "root").symlink_to("/")
    (tmp_path / "lists" / "self.tf").symlink_to(tmp_path / "lists" / "self.tf")
    put(tmp_path / "shared", y_tf="")
    (tmp_path / "lists" / "shared").symlink_to(tmp_path / "shared")
    found = list(sources_in([tmp_path / "lists"]))
    assert paths(found) == ["x.tf", "y.tf"]
    assert [Path(one.path).name for one in found if isinstance(one, Refused)] == ["self.tf"]


def test_folders_may_be_deeply_nested(tmp_path: Path) -> None:
    folders = [str(tmp_path)]
    for _ in range(1500):
        folders.append(f"{folders[-1]}/d")
        os.mkdir(folders[-1])  # noqa: PTH102  - Path.mkdir(parents=True) recurses
    put(Path(folders[-1]), x_tf="")
    assert paths(list(sources_in([tmp_path]))) == ["x.tf"]
    os.unlink(f"{folders[-1]}/x.tf")  # noqa: PTH108  - as above
    for folder in reversed(folders[1:]):  # what pytest would take down by recursion
        os.rmdir(folder)  # noqa: PTH106  - as above


def test_what_is_not_there_is_told() -> None:
    assert refusal("no/such.tf") == "there is no such file or folder"
    assert "no name of a file" in refusal("a\0b")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    put(tmp_path, a_tf="", sub__b_tf="")
    (tmp_path / "a.tf").chmod(0)
    (tmp_path / "sub").chmod(0)
    messages = [one.message for one in sources_in([tmp_path]) if isinstance(one, Refused)]
    assert messages == ["it cannot be read: Permission denied", "this folder cannot be read: Permission denied"]


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("é.io\n".encode(), "utf-8", "é.io\n"),
        ("é.io\r\n".encode("utf-8-sig"), "utf-8-sig", "é.io\r\n"),
        ("é.io".encode("utf-16"), "utf-16", "é.io"),
        (b"\xfe\xff" + "é.io".encode("utf-16-be"), "utf-16", "é.io"),
        ("é.io".encode("utf-32"), "utf-32", "é.io"),
        ("# caf\xe9 \u2013 x".encode("cp1252"), "cp1252", "# caf\xe9 \u2013 x"),
        (b"", "utf-8", ""),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, encoding: str, text: str) -> None:
    put(tmp_path, a_txt=data)
    read = only(tmp_path / "a.txt")
    assert isinstance(read, Source)
    assert (read.encoding, read.text) == (encoding, text)


@pytest.mark.parametrize(
    "data", [b"mcr.microsoft.com\0", b"\xff\xfex", b"\x81\x8d", b"\x7fELF\x02", "a".encode("utf-16-le")]
)
def test_binary_files_are_refused_by_name_and_counted_in_folders(tmp_path: Path, data: bytes) -> None:
    put(tmp_path, a_txt=data, b_txt=data)
    assert "this is a binary file" in refusal(tmp_path / "a.txt")
    assert only(tmp_path) == Refused(str(tmp_path), "2 files are no text and passed over", 2)


def test_what_is_too_large_is_refused_with_the_number(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.truncate(source.LARGEST + 1)
    assert refusal(tmp_path / "a.txt") == "it has 50,000,001 bytes; a list of up to 50,000,000 bytes is read"
    assert "50,000,001" in refusal(tmp_path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"mcr.microsoft.com")))
    (read,) = sources_in(["-", "-"])
    assert read == Source("-", "mcr.microsoft.com")
    assert isinstance(read, Source)
    assert list(read.beside("*")) == []


def test_a_pipe_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = Thread(target=lambda: (tmp_path / "pipe").write_bytes(b"mcr.microsoft.com"))
    writer.start()
    read = only(tmp_path / "pipe")
    writer.join()
    assert isinstance(read, Source)
    assert read.text == "mcr.microsoft.com"


def test_what_lies_beside(tmp_path: Path) -> None:
    put(tmp_path, a_tf="1", c_tf="3", b_tf="2", d_tf=b"\0", x_tfvars="4", sub__e_tf="")
    beside = list(Source(str(tmp_path / "a.tf"), "1").beside("*.tf", "x.*"))
    assert [(Path(one.path).name, one.text, one.named) for one in beside] == [
        ("b.tf", "2", False),
        ("c.tf", "3", False),
        ("x.tfvars", "4", False),
    ]
    assert list(Source("nowhere.tf", "").beside("*")) == []


def test_what_lies_beside_is_read_again_when_it_changes(tmp_path: Path) -> None:
    put(tmp_path, a_tf="", b_tf="old")
    first = Source(str(tmp_path / "a.tf"), "")
    assert [one.text for one in first.beside("b.tf")] == ["old"]
    put(tmp_path, b_tf="newer")
    assert [one.text for one in first.beside("b.tf")] == ["newer"]


def test_places_count_characters() -> None:
    text = "é\n  ab\nc"
    place = Source("x", text).place(4, 6)
    assert (text[place.start : place.end], place.line, place.column, place.end_line, place.end_column) == (
        "ab", 2, 3, 2, 5,
    )  # fmt: skip


def test_lines_end_in_any_way() -> None:
    text = "a\nb\r\nc\rd"
    assert [(text[at : at + len(line)], line) for at, line in Source("x", text).lines()] == [(x, x) for x in "abcd"]
