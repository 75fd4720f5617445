"""FortiOS: policies in their order, what names stand for, whose TLS is opened, and URL filters."""

from __future__ import annotations

import pytest

from aks_egress_catalog.linting.entry import Form, Reading
from tests.catalog.linting.readers.readings import hosts, reading, shown

OBJECTS = """\
#config-version=FGVM64
config firewall address
    edit "mcr"
        set type fqdn
        set fqdn "mcr.microsoft.com"
        set comment "two
    lines, and a \\"quote\\""
    next
    edit "hcp"
        set type wildcard-fqdn
        set wildcard-fqdn "*.hcp.westeurope.azmk8s.io"
    next
    edit "net"
        set subnet 10.0.0.0 255.255.0.0
    next
    edit "range"
        set type iprange
        set start-ip 192.0.2.1
        set end-ip 192.0.2.9
    next
    edit "country"
        set type geography
        set country "NL"
    next
end
config firewall addrgrp
    edit "aks"
        set member "mcr" "hcp"
    next
end
config firewall service custom
    edit "tunnel"
        set tcp-portrange 9000 22:1024-65535
        set udp-portrange 1194
    next
end
config firewall service group
    edit "both"
        set member "tunnel" "NTP"
    next
end
"""


def forti(text: str) -> Reading:
    return reading("fortigate", OBJECTS + text)


def policy(number: int = 1, /, **given: str) -> str:
    lines = {"action": "accept", "service": '"ALL"', **given}
    inner = "".join(f"set {key.replace('_', '-')} {value}\n" for key, value in lines.items() if value)
    return f"config firewall policy\nedit {number}\n{inner}next\nend\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"dstaddr": '"aks"', "service": '"HTTPS"'},
            ["mcr.microsoft.com TCP 443", "*.hcp.westeurope.azmk8s.io TCP 443"],
        ),
        ({"dstaddr": '"mcr"', "service": '"both"'}, ["mcr.microsoft.com TCP 9000, TCP 22, UDP 1194, TCP and UDP 123"]),
        ({"dstaddr": '"net" "range"'}, ["10.0.0.0/16 ANY", "192.0.2.1-192.0.2.9 ANY"]),
        ({"dstaddr": '"all"', "service": '"HTTP" "HTTPS"'}, ["* TCP 80, TCP 443"]),
        ({"dstaddr": '"mcr"', "action": ""}, ["-mcr.microsoft.com ANY"]),
        ({"dstaddr": '"mcr"', "status": "disable"}, []),
        ({"dstaddr": '"none"'}, []),
    ],
)
def test_a_policy(given: dict[str, str], expected: list[str]) -> None:
    assert shown(forti(policy(**given))) == expected


def test_sources_and_order() -> None:
    found = forti(
        policy(7, dstaddr='"mcr"', srcaddr='"net"') + policy(2, dstaddr='"all"', srcaddr='"all"', action="deny")
    )
    assert hosts(found) == ["mcr.microsoft.com", "-*"]
    assert [entry.rule.sources for entry in found.entries] == [("10.0.0.0/16",), ()]
    assert found.entries[0].rule.order < found.entries[1].rule.order


def test_what_is_kept_elsewhere_or_unknown() -> None:
    found = forti(policy(dstaddr='"country" "gone"') + policy(2, internet_service_name='"Microsoft-Azure"', service=""))
    assert [(entry.form, entry.pattern) for entry in found.entries] == [
        (Form.ELSEWHERE, "country"),
        (Form.ELSEWHERE, "Microsoft-Azure"),
    ]
    assert [one.message for one in found.unread] == ["nothing in the file says what 'gone' stands for"]


def test_all_but_some_is_not_evaluated() -> None:
    found = forti(policy(dstaddr='"mcr"', dstaddr_negate="enable"))
    assert not found.entries
    assert found.unread[0].may_allow


PROFILE = """\
config firewall ssl-ssh-profile
    edit "mine"
        config https
            set status deep-inspection
        end
        config ssl-exempt
            edit 1
                set type wildcard-fqdn
                set wildcard-fqdn "hcp"
            next
        end
    next
    edit "light"
        config https
            set status certificate-inspection
        end
    next
end
"""


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("mine", {"mcr.microsoft.com": True, "*.hcp.westeurope.azmk8s.io": False}),
        ("light", {"mcr.microsoft.com": False, "*.hcp.westeurope.azmk8s.io": False}),
        ("deep-inspection", {"mcr.microsoft.com": True, "*.hcp.westeurope.azmk8s.io": True}),
        ("certificate-inspection", {"mcr.microsoft.com": False, "*.hcp.westeurope.azmk8s.io": False}),
    ],
)
def test_whose_tls_is_opened(profile: str, expected: dict[str, bool]) -> None:
    found = forti(PROFILE + policy(dstaddr='"aks"', ssl_ssh_profile=f'"{profile}"'))
    assert {entry.pattern: entry.rule.inspects for entry in found.entries} == expected


FILTER = """\
config webfilter urlfilter
    edit 3
        config entries
            edit 1
                set url "bad.io"
                set action block
            next
            edit 2
                set url "*.good.io"
                set type wildcard
                set action allow
            next
            edit 3
                set url "(a+)+"
                set type regex
                set action allow
            next
        end
    next
end
config webfilter profile
    edit "web"
        config web
            set urlfilter-table 3
        end
    next
end
"""


def test_a_url_filter_goes_before_the_rest_of_its_policy() -> None:
    found = forti(FILTER + policy(dstaddr='"all"', webfilter_profile='"web"'))
    assert hosts(found) == ["-bad.io", "*.good.io", "*"]
    assert [entry.rule.order for entry in found.entries] == sorted(entry.rule.order for entry in found.entries)
    assert "is not evaluated" in found.unread[0].message
    assert hosts(forti(FILTER + policy(dstaddr='"mcr"'))) == ["mcr.microsoft.com"]


def test_objects_alone_are_what_somebody_allows() -> None:
    found = forti(FILTER)
    assert hosts(found) == [
        "mcr.microsoft.com",
        "*.hcp.westeurope.azmk8s.io",
        "10.0.0.0/16",
        "192.0.2.1-192.0.2.9",
        "country",
        "*.good.io",
    ]


def test_virtual_firewalls_are_apart() -> None:
    allowed = policy(dstaddr='"mcr"')
    text = f"config vdom\nedit root\n{OBJECTS}{allowed}next\nedit other\n{allowed}end\n"
    found = reading("fortigate", text)
    assert [entry.rule.policy for entry in found.entries] == ["list root"]
    assert [one.policy for one in found.unread] == ["list other"]


def test_a_wildcard_that_is_none() -> None:
    (entry,) = reading("fortigate", 'config firewall address\nedit a\nset type fqdn\nset fqdn "*..x.io"\nend\n').entries
    assert entry.fault == "it has an empty label"


@pytest.mark.parametrize(
    "text", ["config firewall policy\n" * 5000, "end\n" * 1000, '"' * 9999, 'config "a\nb" c\nedit\nset\n']
)
def test_broken_text_ends(text: str) -> None:
    assert not reading("fortigate", text).entries
