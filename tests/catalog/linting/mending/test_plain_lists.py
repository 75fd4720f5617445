"""One line more, or less, in a plain list, as the other lines are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from aks_egress_catalog.linting.mending.edits import edited
from aks_egress_catalog.linting.mending.plain_lists import Want, with_host, with_port, without_host
from aks_egress_catalog.linting.mending.words import CannotEditError
from tests.catalog.linting.mending.mended_files import EVERYTHING, fix, missing

WEB = Want("m.io", "TCP", 443, "HTTPS")


def spans(text: str) -> list[tuple[int, int]]:
    return sorted((text.index(host), text.index(host) + 4) for host in ("a.io", "b.io", "z.io") if host in text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("z.io\na.io\n", "z.io\na.io\nm.io\n"),
        ("a.io\nz.io\n", "a.io\nm.io\nz.io\n"),
        ("a.io\r\nz.io", "a.io\r\nm.io\r\nz.io"),
        ("z.io\r\na.io", "z.io\r\na.io\r\nm.io"),
        ("z.io", "z.io\nm.io"),
        ("z.io:443 # z\na.io:443\n# end\n", "z.io:443 # z\na.io:443\nm.io:443\n# end\n"),
        ("z.io:80\na.io:8080\nb.io\n", "z.io:80\na.io:8080\nb.io\nm.io:443\n"),
        ("z.io:443/tcp\n", "z.io:443/tcp\nm.io:443/tcp\n"),
        ("z.io:80/http\n", "z.io:80/http\nm.io:443/https\n"),
        ("z.io:80/TCP\n", "z.io:80/TCP\nm.io:443/TCP\n"),
        ("https://z.io\nhttp://a.io/\n", "https://z.io\nhttp://a.io/\nhttps://m.io/\n"),
        ("http://z.io/*\n", "http://z.io/*\nhttps://m.io/*\n"),
        ("https://z.io/a/path\n", "https://z.io/a/path\nhttps://m.io\n"),
        ('"z.io",\n"a.io", # a\n', '"z.io",\n"a.io", # a\n"m.io",\n'),
        ("  - z.io\n  - a.io\n", "  - z.io\n  - a.io\n  - m.io\n"),
        ("# one\na.io\n# two\nz.io\n", "# one\na.io\n# two\nz.io\nm.io\n"),
        ("a.io, b.io\nz.io\n", "a.io, b.io\nz.io\nm.io\n"),
    ],
)
def test_a_host_is_added_as_the_others_are_written(before: str, after: str) -> None:
    edit, _ = with_host(before, spans(before), WEB)
    assert edited(before, [edit]) == after


def test_a_host_on_udp_says_so_where_ports_are_written() -> None:
    edit, services = with_host("z.io:443\n", [(0, 4)], Want("m.io", "UDP", 123, ""))
    assert edit.text == "m.io:123/udp\n"
    assert [str(one) for one in services] == ["UDP 123"]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a.io b.io\n", WEB),
        ("host,port\na.io,443\n", WEB),
        ("a.io/tcp\n", WEB),
        ("https://a.io\n", Want("m.io", "UDP", 123, "")),
        ("a.io:443\n", Want("m.io", "", None, "")),
        ("a.io\n", Want("m.io\nevil.io", "TCP", 443, "HTTPS")),
        ("a.io\n", Want("m.io # x", "TCP", 443, "HTTPS")),
    ],
)
def test_what_has_no_line_to_follow_is_refused(text: str, want: Want) -> None:
    with pytest.raises(CannotEditError):
        with_host(text, spans(text), want)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a.io # a\nz.io\n", "z.io\n"),
        ("z.io\na.io", "z.io"),
        ("z.io\r\na.io:443\r\n", "z.io\r\n"),
        ("a.io, z.io\n", "z.io\n"),
    ],
)
def test_a_host_is_taken_out(before: str, after: str) -> None:
    at = before.index("a.io")
    assert edited(before, [without_host(before, at, at + 4)]) == after


def test_a_host_that_others_stand_before_is_left() -> None:
    with pytest.raises(CannotEditError):
        without_host("z.io a.io\n", 5, 9)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a.io:80", "a.io:443"),
        ("a.io:80/tcp # x", "a.io:443/tcp # x"),
        ("http://a.io/x", "https://a.io/x"),
        ("http://a.io:8080/", "https://a.io/"),
    ],
)
def test_a_port_is_corrected(before: str, after: str) -> None:
    at = before.index("a.io")
    assert edited(before, [with_port(before, at, at + 4, WEB)[0]]) == after


def test_a_list_of_hosts_is_completed(tmp_path: Path) -> None:
    hosts = ("*.hcp.westeurope.azmk8s.io:443", "mcr.microsoft.com:80", "gcr.io:443", "login.microsoftonline.co:443")
    text = "\n".join(("# ours", *hosts, "ours.example:22", ""))
    done = fix(tmp_path / "a", {"hosts.txt": text}, wishes=EVERYTHING)
    assert not missing(done.mended.found)
    kept = ("*.hcp.westeurope.azmk8s.io:443", "mcr.microsoft.com:443", "login.microsoftonline.com:443")
    assert done.text.startswith("\n".join(("# ours", *kept, "ours.example:22", "")))
    assert "packages.aks.azure.com:443\n" in done.text
    again = fix(tmp_path / "a", {"hosts.txt": done.text}, wishes=EVERYTHING)
    assert (again.text, again.mended.done) == (done.text, ())


def test_the_last_line_is_never_taken_out(tmp_path: Path) -> None:
    done = fix(tmp_path / "a", {"hosts.txt": "gcr.io\n*.cdn.mscr.io\n"}, wishes=EVERYTHING)
    assert done.text.startswith("gcr.io\n*.cdn.mscr.io\n")
    assert any("the list would be empty" in line for line in done.mended.left)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_stays(tmp_path: Path, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    text = "# für AKS\r\nmcr.microsoft.com:443"
    before = mark + text.encode(encoding)
    done = fix(tmp_path / "a", {"hosts.txt": before})
    after = (tmp_path / "a" / "hosts.txt").read_bytes()
    assert after.startswith(before)
    assert after.removeprefix(mark).decode(encoding).startswith(f"{text}\r\n")
    assert not after.removeprefix(mark).decode(encoding).endswith("\n")
    assert not missing(done.mended.found)[1:]
