"""Where a webhook may go: over TLS, to public addresses, to the one that was judged, and no further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import trustme
from standardwebhooks.webhooks import Webhook as Verifier

from publish.notices.notify.errors import SendError
from publish.notices.notify.targets import Webhook
from publish.notices.notify.webhook import allowed_addresses, resolve, send_webhook
from tests.publish.receivers import DRIP, Receiver, receiving

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def hook(url: str, **allowed: bool) -> Webhook:
    permissions = {"allow_http": True, "allow_private": True} | allowed
    return Webhook(url=url, secret_env="X", **permissions)


def send(target: Webhook, *addresses: str, seconds: float = 5) -> list[str]:
    """Send something; give the hosts that were looked up, which have these addresses."""
    looked_up: list[str] = []

    def look_up(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return addresses or resolve(host, port)

    now = dt.datetime.now(dt.UTC)
    send_webhook(target, SECRET, message_id="m", payload="{}", now=now, resolve=look_up, seconds=seconds)
    return looked_up


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate of a host with its key, and that of who vouches for it."""
    authority = trustme.CA()
    own, root = folder / "own.pem", folder / "root.pem"
    authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(own)
    authority.cert_pem.write_to_path(root)
    return own, root


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1",
        "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::", "100::1", "fec0::1", "3fff::1", "168.63.129.16", "::ffff:168.63.129.16",
        "2606:2800:220:1:0:5efe:127.0.0.1", "2606:2800:220:1:200:5efe:10.0.0.1",
    ],
)  # fmt: skip
def test_no_address_but_a_public_one_is_asked(address: str) -> None:
    with pytest.raises(SendError, match="no public address: refused unless allow_private = true"):
        allowed_addresses([address], host="x.example", allow_private=False)
    with pytest.raises(SendError, match="no public address"):
        allowed_addresses(["93.184.216.34", address], host="x.example", allow_private=False)
    assert allowed_addresses([address], host="x.example", allow_private=True) == [address]


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public_addresses_are_asked(address: str) -> None:
    assert allowed_addresses([address], host="x.example", allow_private=False) == [address]


def test_a_private_network_is_never_reached_without_being_allowed_by_name(receiver: Receiver) -> None:
    with pytest.raises(SendError, match=r"localhost is .*refused unless allow_private = true"):
        send(hook(receiver.url, allow_private=False))
    assert receiver.came == []


def test_a_name_is_looked_up_once_and_the_address_that_was_judged_is_asked(receiver: Receiver) -> None:
    """A name that has another address a moment later leads nowhere."""
    url = receiver.url.replace("localhost", "hooks.invalid")
    assert send(hook(url), "127.0.0.1") == ["hooks.invalid"]
    assert receiver.came[0].headers["host"] == f"hooks.invalid:{receiver.port}"


def test_an_address_that_does_not_answer_gives_way_to_the_next(receiver: Receiver) -> None:
    send(hook(receiver.url), "127.0.0.9", "127.0.0.1")
    assert len(receiver.came) == 1


def test_a_host_without_an_address_or_a_listener_is_a_failure(receiver: Receiver) -> None:
    with pytest.raises(SendError, match="no answer"):
        send(hook("http://no-such-host.invalid/"))
    with pytest.raises(SendError, match="no answer"):
        send(hook(receiver.url), "127.0.0.9")


# ---------------------------------------------------------------- TLS


def test_tls_is_checked_against_the_name_and_not_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, root = certificate(tmp_path, "hooks.invalid")
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    with receiving(certificate=own) as receiver:
        send(hook(receiver.url.replace("localhost", "hooks.invalid"), allow_http=False), "127.0.0.1")
        with pytest.raises(SendError, match="certificate verify failed"):
            send(hook(receiver.url, allow_http=False), "127.0.0.1")
        assert len(receiver.came) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    own, _ = certificate(tmp_path, "localhost")
    with receiving(certificate=own) as receiver:
        with pytest.raises(SendError, match="certificate verify failed"):
            send(hook(receiver.url))
        assert receiver.came == []


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused(receiver: Receiver, other: Receiver, status: int) -> None:
    receiver.replies = [(status, {"Location": other.url}, b"")]
    with pytest.raises(SendError, match=f"answered {status}: a redirect, refused unless allow_redirects = true"):
        send(hook(receiver.url))
    assert other.came == []


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_is_allowed_by_name_is_followed(receiver: Receiver, other: Receiver, status: int) -> None:
    receiver.replies = [(status, {"Location": other.url}, b"")]
    assert send(hook(receiver.url, allow_redirects=True)) == ["localhost", "localhost"]
    assert Verifier(SECRET).verify(other.came[0].body, other.came[0].headers) == {}


def test_a_redirect_leads_nowhere_where_the_address_itself_might_not_lead(receiver: Receiver) -> None:
    target = replace(hook(receiver.url, allow_redirects=True))
    for location in ("ftp://x.example/", "http://u:p@x.example/", "http://[/", "http://x.example:y/"):
        receiver.replies = [(307, {"Location": location}, b"")]
        with pytest.raises(SendError, match="the address that it redirects to"):
            send(target)


def test_a_redirect_to_plain_http_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    own, root = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    with receiving(certificate=own) as secure:
        secure.replies = [(307, {"Location": receiver.url}, b"")]
        with pytest.raises(SendError, match="redirects to is plain http"):
            send(hook(secure.url, allow_http=False, allow_redirects=True))
    assert receiver.came == []


def test_a_redirect_that_takes_no_post_is_refused(receiver: Receiver, other: Receiver) -> None:
    receiver.replies = [(303, {"Location": other.url}, b"")]
    with pytest.raises(SendError, match="takes no POST"):
        send(hook(receiver.url, allow_redirects=True))


def test_a_circle_of_redirects_ends(receiver: Receiver) -> None:
    receiver.script = lambda _: (307, {"Location": "/again"}, b"")
    with pytest.raises(SendError, match="answered 307"):
        send(hook(receiver.url, allow_redirects=True))
    assert [came.path for came in receiver.came] == ["/hook?of=us", "/again", "/again"]


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_good_answer_is_one(receiver: Receiver, status: int) -> None:
    receiver.replies = [status]
    send(hook(receiver.url))


def test_who_sends_a_byte_now_and_then_holds_nobody_up(receiver: Receiver) -> None:
    receiver.replies = [DRIP]
    with pytest.raises(SendError, match="no answer"):
        send(hook(receiver.url), seconds=0.3)


def test_who_speaks_no_http_is_told_of_without_controls(receiver: Receiver) -> None:
    receiver.replies = [(200, {"X": "y" * 70_000}, b"")]
    with pytest.raises(SendError, match="no answer"):
        send(hook(receiver.url))
