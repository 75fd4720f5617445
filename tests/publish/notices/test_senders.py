"""The ways out besides webhooks, for real: GitHub at its stateful stand-in, mail at an SMTP server on loopback."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import socket
import urllib.request
import warnings
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any, Final

import apprise
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from apprise.plugins.custom_json import NotifyJSON

from aks_egress_catalog.history.changes import Change
from publish.github.managed_block import ManagedBlock
from publish.notices.entries import shown
from publish.notices.notify.chat import masked, send_chat
from publish.notices.notify.deliver import plan_deliveries
from publish.notices.notify.errors import SendError, UnconfiguredError
from publish.notices.notify.messages import Message, compose
from publish.notices.notify.outbox import Delivery
from publish.notices.notify.senders import Senders, client_payload, missing_secret
from publish.notices.notify.subscribers import Subscriber
from publish.notices.notify.targets import AppriseTarget, Dispatch, IssueTarget
from tests.github.fixtures import Site
from tests.publish.facts import HOSTILE, added, hostile_change
from tests.publish.receivers import Came, Receiver, Reply, receiving

NOW: Final = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
_REFUSED: Final = "nobody@example.com"


def delivery(subscriber: Subscriber, *changes: Change) -> Delivery:
    (planned,) = plan_deliveries(changes or [added()], [subscriber], texts={}, known=(), now=NOW)
    return planned


def senders(**environment: str) -> Senders:
    return Senders(environment, now=lambda: NOW, seconds=5)


# ---------------------------------------------------------------- GitHub: an issue


def issue_in(github: Site) -> Subscriber:
    return Subscriber(name="one", issue=IssueTarget(repository=github.full_name, token_env="TOKEN"))


def issues(github: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = github.proxy.upstream.list(f"/repos/{github.full_name}/issues?state=all")
    return found


def test_an_issue_is_opened_once_however_often_it_is_sent(github: Site) -> None:
    subscriber = issue_in(github)
    send, planned = senders(TOKEN=github.token, GITHUB_API_URL=github.url), delivery(subscriber)
    send(subscriber, planned)
    send(subscriber, planned)  # as after a crash between the sending and the mark
    (issue,) = issues(github)
    assert issue["title"] == "AKS egress requirements of 2026-08-01: 1 added (breaking)"
    assert [label["name"] for label in issue["labels"]] == ["aks-egress"]
    block = ManagedBlock.of(issue["body"])
    assert block
    assert block.marks == {"delivery": planned.id}
    assert "- `AzureCloud: new.example TCP 443, required`" in block.text
    assert not github.proxy.violations


def test_another_message_is_another_issue(github: Site) -> None:
    subscriber = issue_in(github)
    send = senders(TOKEN=github.token, GITHUB_API_URL=github.url)
    send(subscriber, delivery(subscriber))
    send(subscriber, delivery(subscriber, added("other.example")))
    assert len(issues(github)) == 2


def test_hostile_page_text_ends_no_block_and_calls_nobody(github: Site) -> None:
    subscriber = issue_in(github)
    planned = delivery(subscriber, replace(hostile_change(), locale=""))
    if planned.message is None:
        pytest.fail("a planned delivery has a message")
    senders(TOKEN=github.token, GITHUB_API_URL=github.url)(subscriber, planned)
    block = ManagedBlock.of(issues(github)[0]["body"])
    assert block
    assert block.marks == {"delivery": planned.id}
    assert shown(HOSTILE).replace("<!--", "< !--") in block.text


@pytest.mark.parametrize(("token", "status"), [("wrong-token", "401")])
def test_a_refusal_is_told_without_the_token(github: Site, token: str, status: str) -> None:
    subscriber = issue_in(github)
    with pytest.raises(SendError, match=status) as refused:
        senders(TOKEN=token, GITHUB_API_URL=github.url)(subscriber, delivery(subscriber))
    assert token not in str(refused.value)


# ---------------------------------------------------------------- GitHub: a dispatch


@pytest.fixture
def relay(github: Site) -> Iterator[Receiver]:
    """GitHub with the one call that its stand-in has not: a dispatch answers 204 and nothing else."""
    with receiving() as found:
        ours = f"http://localhost:{found.port}".encode()

        def script(came: Came) -> Reply:
            if came.path.endswith("/dispatches"):
                return 204
            headers = {"authorization": f"token {github.token}"}
            request = urllib.request.Request(f"{github.url}{came.path}", headers=headers)
            with urllib.request.urlopen(request) as answer:
                body = answer.read().replace(github.url.encode(), ours)
            return (200, {"Content-Type": "application/json; charset=utf-8"}, body)

        found.script = script
        yield found


def test_a_dispatch_runs_workflows_with_the_delivery_and_its_data(github: Site, relay: Receiver) -> None:
    target = Dispatch(repository=github.full_name, token_env="TOKEN")
    subscriber = Subscriber(name="one", dispatch=target)
    planned = delivery(subscriber)
    senders(TOKEN=github.token, GITHUB_API_URL=f"http://localhost:{relay.port}")(subscriber, planned)
    came = relay.came[-1]
    assert (came.method, came.path) == ("POST", f"/repos/{github.full_name}/dispatches")
    assert github.token in came.headers["authorization"]
    told = json.loads(came.body)
    assert told["event_type"] == "aks-egress-changed"
    assert told["client_payload"]["delivery"] == planned.id
    assert told["client_payload"]["add"] == ["AzureCloud: new.example TCP 443, required"]
    assert len(told["client_payload"]) <= 10, "GitHub takes no more"


def test_a_dispatch_that_is_refused_is_a_failure_that_says_so(github: Site, relay: Receiver) -> None:
    serve = relay.script
    relay.script = lambda came: (422, {}, b'{"message": "too big"}') if came.method == "POST" else serve(came)
    target = Dispatch(repository=github.full_name, token_env="TOKEN")
    subscriber = Subscriber(name="one", dispatch=target)
    send = senders(TOKEN=github.token, GITHUB_API_URL=f"http://localhost:{relay.port}")
    with pytest.raises(SendError, match="dispatching aks-egress-changed: GitHub answered 422"):
        send(subscriber, delivery(subscriber))


def test_a_dispatch_has_as_much_as_github_takes_and_says_what_is_left_out() -> None:
    many = compose([added(f"h{number}.example") for number in range(2000)], locale="en-us", texts={})
    payload = client_payload("d", many.payload)
    assert len(json.dumps(payload)) <= 60_000
    assert payload["left_out"] == 4000 - len(payload["changes"]) - len(payload["add"])
    assert client_payload("d", compose([added()], locale="en-us", texts={}).payload)["left_out"] == 0


# ---------------------------------------------------------------- mail, by apprise


class Mailbox:
    """What an SMTP server took; it knows nobody by one address."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802  - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == _REFUSED:
            return "550 \x1b[31mno such user hunter2-secret"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  - as above
        content = envelope.original_content or b""
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def url(port: int, to: str = "team@example.com") -> str:
    return f"mailto://127.0.0.1:{port}?from=robot@example.com&to={to}&mode=insecure"


def mail_to(port: int, to: str = "team@example.com") -> tuple[Subscriber, Senders]:
    subscriber = Subscriber(name="mail", apprise=AppriseTarget(url_env="MAIL"))
    return subscriber, senders(MAIL=url(port, to))


def test_a_mail_arrives(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    subscriber, send = mail_to(port)
    send(subscriber, delivery(subscriber))
    (mail,) = box.mails
    assert mail["subject"] == "AKS egress requirements of 2026-08-01: 1 added (breaking)"
    assert "team@example.com" in mail["to"]
    body = mail.get_body(("html",))
    assert body
    assert "<code>AzureCloud: new.example TCP 443, required</code>" in body.get_content()


def test_hostile_page_text_is_text_in_a_mail(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    subscriber, send = mail_to(port)
    send(subscriber, delivery(subscriber, replace(hostile_change(), locale="")))
    (mail,) = box.mails
    body = mail.get_body(("html",))
    assert body
    content = body.get_content()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert not any(live in content for live in ("<script", "<img", "href=", "\x1b"))
    assert {"attendee", "bcc", "cc"} & {name.lower() for name in mail} == set()


def test_a_mail_that_is_refused_is_a_failure_without_a_secret(mailbox: tuple[Mailbox, int]) -> None:
    _, port = mailbox
    subscriber, send = mail_to(port, _REFUSED)
    with pytest.raises(SendError, match="the service did not take it") as refused:
        send(subscriber, delivery(subscriber))
    assert "nobody" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_mail_server_that_is_not_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    subscriber, send = mail_to(port)
    with pytest.raises(SendError, match="the service did not take it"):
        send(subscriber, delivery(subscriber))


def test_an_address_that_apprise_does_not_know_is_a_fault_of_the_configuration() -> None:
    subscriber = Subscriber(name="chat", apprise=AppriseTarget(url_env="CHAT"))
    with pytest.raises(UnconfiguredError, match="CHAT: it holds no address that apprise knows") as refused:
        senders(CHAT="nosuchservice://hunter2-secret")(subscriber, delivery(subscriber))
    assert "hunter2" not in str(refused.value)


def test_every_part_of_an_address_is_masked() -> None:
    address = "mailtos://robot:p%40ssword@mail.example?to=team@example.com"
    told = masked("535 robot p@ssword p%40ssword at mail.example refuses team", address)
    assert not any(part in told for part in ("robot", "ssword", "mail.example", "team"))


@pytest.mark.parametrize(
    "address",
    [
        "mailtos://robot:secret@mail.example.com?to=team@example.com",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#egress",
        "workflows://prod-1.westeurope.logic.azure.com:443/643e69f83c8944/signature/",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    ],
)
def test_mail_slack_teams_and_others_are_known_to_apprise(address: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert apprise.Apprise.instantiate(address) is not None


def test_a_long_message_is_split_and_a_service_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifyJSON, "body_maxlen", 1000)
    long = Message(subject="s", text="t", markdown="`word` " * 1000, payload="{}")
    with receiving() as receiver:
        send_chat(f"json://localhost:{receiver.port}/", long)
        assert len(receiver.came) > 6
        receiver.script = lambda _: 500
        with pytest.raises(SendError, match="the service did not take it"):
            send_chat(f"json://localhost:{receiver.port}/", long)


SECRETIVE: Final = [
    Subscriber(name="a", apprise=AppriseTarget(url_env="VARIABLE")),
    Subscriber(name="a", dispatch=Dispatch(repository="a/b", token_env="VARIABLE")),
    Subscriber(name="a", issue=IssueTarget(repository="a/b", token_env="VARIABLE")),
]


@pytest.mark.parametrize("subscriber", SECRETIVE)
@pytest.mark.parametrize("secret", ["ghp_x\n", " ghp_x", "ghp\x00x", "ghp_\u2026"])
def test_a_secret_that_nothing_can_carry_is_named_and_not_shown(subscriber: Subscriber, secret: str) -> None:
    with pytest.raises(UnconfiguredError, match="VARIABLE has a blank at an end or a sign that no secret has") as told:
        senders(VARIABLE=secret)(subscriber, delivery(subscriber))
    assert "ghp" not in str(told.value)


@pytest.mark.parametrize("subscriber", SECRETIVE)
def test_a_missing_secret_is_named(subscriber: Subscriber) -> None:
    assert missing_secret(subscriber.target, {}) == "VARIABLE"
    assert missing_secret(subscriber.target, {"VARIABLE": "x"}) == ""
    with pytest.raises(UnconfiguredError, match="VARIABLE is not set in the environment"):
        senders()(subscriber, delivery(subscriber))
