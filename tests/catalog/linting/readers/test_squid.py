"""squid.conf: which requests pass, by the lines that decide; what nobody can evaluate is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

import aks_egress_catalog as aec
from aks_egress_catalog.linting.entry import Form, Reading
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.formats import recognise
from aks_egress_catalog.linting.source import Source
from tests import base
from tests.catalog.calls.test_same_set import profiles
from tests.catalog.linting.readers.readings import hosts, reading, shown

LISTS = "acl a dstdomain a.io\nacl b dstdomain .b.io\nacl ab dstdomain a.io .b.io c.io\nacl net src 10.0.0.0/8\n"
WAYS = "acl SSL_ports port 443\nacl Safe_ports port 80 443 1025-65535\nacl CONNECT method CONNECT\n"


def squid(text: str) -> Reading:
    return reading("squid", LISTS + WAYS + text)


def told(found: Reading) -> list[str]:
    return [one.message for one in found.unread]


def test_the_configuration_that_squid_comes_with_lets_nobody_else_through() -> None:
    text = (
        "http_access deny !Safe_ports\nhttp_access deny CONNECT !SSL_ports\nhttp_access allow localhost manager\n"
        "http_access deny manager\nhttp_access deny to_localhost\nhttp_access allow net ab\n"
        "http_access allow localhost\n"
        "http_access deny all\nhttp_port 3128\nrefresh_pattern . 0 20% 4320\n"
    )
    found = squid(text)
    assert hosts(found) == ["a.io", ".b.io", "c.io", "*"]
    assert shown(found)[0] == "a.io HTTPS 443, HTTP 80, HTTP 443, HTTP 1025-65535"
    assert [entry.rule.sources for entry in found.entries] == [("10.0.0.0/8",)] * 3 + [("127.0.0.1", "::1")]
    assert not found.unread


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("allow CONNECT a", "a.io HTTPS 0-65535"),
        ("allow !CONNECT a", "a.io HTTP 0-65535"),
        ("allow SSL_ports a", "a.io TCP 443"),
        ("allow CONNECT SSL_ports a", "a.io HTTPS 443"),
        ("allow a !SSL_ports", "a.io TCP 0-442, TCP 444-65535"),
        ("allow plain a", "a.io HTTP 0-65535"),
    ],
)
def test_methods_and_ports_of_a_line(line: str, expected: str) -> None:
    found = squid(f"acl plain proto HTTP\nhttp_access {line}\nhttp_access deny all\n")
    assert shown(found) == [expected.replace("0-65535", "any port")]


def test_all_acls_of_a_line_have_to_hold() -> None:
    assert hosts(squid("acl c dstdomain .io\nhttp_access allow a c\nhttp_access allow a b\n")) == ["a.io"]


def test_what_a_line_leaves_out_is_not_allowed_by_it() -> None:
    found = squid("http_access allow ab !a\nhttp_access deny all\n")
    assert hosts(found) == ["-a.io", ".b.io", "c.io"]
    assert told(found) == ["what this line leaves out, a line below may allow"]
    assert hosts(squid("http_access deny net !Safe_ports\nhttp_access allow !a\n")) == ["-*", "-a.io", "*"]


def test_the_first_line_that_matches_decides() -> None:
    found = squid("http_access deny b\nhttp_access allow ab\nhttp_access deny all\n")
    assert hosts(found) == ["-.b.io", "a.io", ".b.io", "c.io"]
    orders = [entry.rule.order for entry in found.entries]
    assert orders == sorted(orders)
    assert orders[0] < orders[1]


def test_what_stands_below_a_denial_of_all_lets_nothing_through() -> None:
    found = squid("http_access allow a\nhttp_access deny all\nhttp_access allow b\n")
    assert hosts(found) == ["a.io"]
    (dead,) = (entry for entry in found.entries if entry.fault)
    assert (dead.value, dead.fault) == (".b.io", "it is never reached: line 9 and those above deny the rest")


def test_denials_of_all_but_some_bound_what_follows() -> None:
    assert hosts(squid("http_access deny !a !b\nhttp_access allow ab\n")) == ["a.io", ".b.io"]
    assert hosts(squid("http_access deny !ab\nhttp_access allow net\n")) == ["a.io", ".b.io", "c.io"]
    found = squid("http_access deny CONNECT !a\nhttp_access allow ab\n")
    assert shown(found) == [
        "a.io HTTPS any port",
        "a.io HTTP any port",
        ".b.io HTTP any port",
        "c.io HTTP any port",
    ]


def test_without_a_last_word_the_opposite_of_the_last_line_holds() -> None:
    assert hosts(squid("http_port 3128\nhttp_access deny a\n")) == ["-a.io", "*"]
    assert hosts(squid("http_access deny a\n")) == ["-a.io"], "a part of a configuration says nothing of the rest"


@pytest.mark.parametrize(
    ("acl", "may_allow"),
    [("x url_regex -i azure", True), ("x any-of a net", True), ("y time 09:00-17:00", True), ("x all-of a net", True)],
)
def test_a_line_that_nobody_can_evaluate_allows_nothing(acl: str, *, may_allow: bool) -> None:
    found = squid(f"acl {acl}\nhttp_access allow x\nhttp_access deny all\n")
    assert not found.entries
    assert [one.may_allow for one in found.unread] == [may_allow]


def test_a_condition_is_taken_as_met_where_it_allows_and_not_where_it_denies() -> None:
    found = squid("acl hours time 09:00-17:00\nhttp_access deny hours a\nhttp_access allow hours ab\n")
    assert hosts(found) == ["a.io", ".b.io", "c.io"]
    assert [one.may_allow for one in found.unread] == [False, False]


def test_groups_add_up() -> None:
    assert hosts(squid("acl x any-of a b\nhttp_access allow x\n")) == ["a.io", ".b.io"]


def test_lines_go_on_and_comments_end_them() -> None:
    assert hosts(
        squid("acl x dstdomain \\\n   x.io \\\n y.io # why\n# acl x dstdomain z.io\nhttp_access allow x\n")
    ) == [
        "x.io",
        "y.io",
    ]


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        (r"^([^.]+\.)+x\.io$", "*.x.io"),
        (r"\.x\.io$", "*.x.io"),
        (r"(^|\.)x\.io$", ".x.io"),
        (r"^md-[^.]+\.blob\.x\.io$", "md-{*}.blob.x.io"),
        ("^(a|b)x$", "/^(a|b)x$/"),
    ],
)
def test_expressions_become_patterns(value: str, pattern: str) -> None:
    assert hosts(squid(f"acl x dstdom_regex -i {value}\nhttp_access allow x\n")) == [pattern]


@pytest.mark.parametrize("value", ["(a+)+$", "((a*)*)*b", "(x|xx)*y", "[[:alnum:]]+", "(", "a" * 2000, r"(a)\1"])
def test_an_expression_that_python_should_not_try_is_told(value: str) -> None:
    found = squid(f"acl x dstdom_regex {value}\nhttp_access allow x\nhttp_access deny all\n")
    assert not found.entries
    assert "it may take in any host" in told(found)[0]


@pytest.mark.parametrize("value", ["*.x.io", "x..io", "-x.io", "a" * 64 + ".io"])
def test_a_name_that_never_occurs_has_a_fault(value: str) -> None:
    (entry,) = squid(f"acl x dstdomain {value}\nhttp_access allow x\n").entries
    assert entry.fault


@pytest.mark.parametrize(
    ("value", "form", "pattern"),
    [
        ("192.0.2.0/24", Form.ADDRESS, "192.0.2.0/24"),
        ("192.0.2.0/255.255.255.0", Form.ADDRESS, "192.0.2.0/24"),
        ("192.0.2.1-192.0.2.9", Form.ADDRESS, "192.0.2.1-192.0.2.9"),
        ("mcr.microsoft.com", Form.NAME, "mcr.microsoft.com"),
        ("all", Form.ANY, "*"),
    ],
)
def test_addresses(value: str, form: Form, pattern: str) -> None:
    (entry,) = squid(f"acl x dst -n {value}\nhttp_access allow x\n").entries
    assert (entry.form, entry.pattern) == (form, pattern)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ssl_bump peek step1\nssl_bump splice a\nssl_bump bump all\n", [False, True, True]),
        ("ssl_bump bump !a\n", [False, True, True]),
        ("ssl_bump stare step1\nssl_bump splice b\n", [True, False, True]),
        ("http_port 3128\nssl_bump bump all\n", [False, False, False]),
        ("http_port 3128 ssl-bump\nssl_bump bump all\n", [True, True, True]),
    ],
)
def test_whose_tls_is_opened(lines: str, expected: list[bool]) -> None:
    found = squid(f"{lines}http_access allow ab\nhttp_access deny all\n")
    by_host = {entry.pattern: entry.rule.inspects for entry in found.entries}
    assert [by_host[host] for host in ("a.io", ".b.io", "c.io")] == expected


def test_tunnels_that_are_cut_off_are_not_allowed() -> None:
    text = "ssl_bump peek step1\nssl_bump splice a\nssl_bump terminate all\nhttp_access allow CONNECT net\n"
    assert hosts(squid(text)) == ["a.io"]
    assert hosts(squid("ssl_bump terminate b\nssl_bump splice all\nhttp_access allow CONNECT ab\n"))[0] == "-.b.io"


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_files_that_it_names_are_parts_of_it(tmp_path: Path) -> None:
    put(
        tmp_path,
        squid_conf='include /etc/squid/conf.d/*.conf\nacl no dstdomain "/etc/squid/lists/no.txt"\n'
        'acl a dstdomain "yes.txt"\nhttp_access deny no\nhttp_access allow a\nhttp_access allow b\n',
        conf_d__b_conf="acl b dstdomain b.io\n",
        other_conf="acl zone dstdomain z.io\nhttp_access allow zone\n",
        lists__no_txt="blocked.io\n",
        yes_txt="# ours\nmcr.microsoft.com # the registry\n",
        apart_txt="apart.io\n",
    )
    found = {Path(one.path).name: one for one in read_lists([str(tmp_path / "squid.conf"), str(tmp_path)]).readings}
    assert hosts(found["squid.conf"]) == ["-blocked.io", "mcr.microsoft.com", "b.io"]
    assert [Path(entry.place.path).name for entry in found["squid.conf"].entries] == ["no.txt", "yes.txt", "b.conf"]
    assert "no.txt" not in found
    assert "yes.txt" not in found
    assert hosts(found["apart.txt"]) == ["apart.io"]
    assert hosts(found["other.conf"]) == ["z.io"]


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    put(tmp_path, a_conf="include b.conf\nhttp_access allow x\n", b_conf="include a.conf\nacl x dstdomain x.io\n")
    (found,) = read_lists([str(tmp_path)]).readings
    assert hosts(found) == ["x.io"]
    assert "leads back to itself" in told(found)[0]


def test_a_file_that_is_not_there_may_hold_hosts(tmp_path: Path) -> None:
    put(tmp_path, a_conf='acl x dstdomain "/etc/passwd" "../secret.txt"\nhttp_access allow x\nhttp_access deny all\n')
    put(tmp_path.parent, secret_txt="s.io\n")
    (found,) = read_lists([str(tmp_path)]).readings
    assert not found.entries
    assert [one.may_allow for one in found.unread] == [True, True]


@given(profiles())
@settings(max_examples=25, deadline=None)
def test_every_host_of_our_own_export_is_an_entry(profile: aec.Profile) -> None:
    (text,) = aec.export("squid", profile, catalog=base.CATALOG).files.values()
    assert recognise(Source("x", text)) == "squid"
    found = reading("squid", text)
    stated = [line.split() for line in text.splitlines() if line.startswith("acl ")]
    assert len(found.entries) == sum(words[2] in ("dstdomain", "dstdom_regex", "dst") for words in stated)
    assert not found.unread
    assert not [entry for entry in found.entries if entry.fault or entry.pattern.startswith("/")]
