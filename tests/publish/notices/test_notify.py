"""Deliveries to real receivers on loopback: at least once, never twice, nobody held up, and nowhere unasked."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.history.changes import Change, summarize
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.history.revisions import History, Release
from aks_egress_catalog.model import Condition, Effect, When
from aks_egress_catalog.text.codec import to_json
from publish.notices.notify.deliver import NOBODY, WAITS, Clock, Result, deliver, plan_deliveries
from publish.notices.notify.errors import SendError
from publish.notices.notify.outbox import JOURNAL, Delivery, Outbox, Stage
from publish.notices.notify.senders import Senders
from publish.notices.notify.subscribers import Subscriber
from publish.notices.notify.targets import Webhook
from tests.factories import catalog, day, history_of_pages, rule
from tests.publish.facts import added, eased, removed
from tests.publish.receivers import HANG, RESET, Hands, Receiver, receiving

ROOT: Final = Path(__file__).parents[3]
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENVIRONMENT: Final = {"ONE": SECRET, "TWO": SECRET}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def hook(name: str, receiver: Receiver, **allowed: bool) -> Subscriber:
    permissions = {"allow_http": True, "allow_private": True} | allowed
    return Subscriber(name=name, webhook=Webhook(url=receiver.url, secret_env=name.upper(), **permissions))


class Site:
    """A state folder and what a run needs; ``hands`` is its clock."""

    def __init__(self, folder: Path, *subscribers: Subscriber, environment: dict[str, str] | None = None) -> None:
        self.outbox, self.subscribers = Outbox(folder), subscribers
        self.environment = ENVIRONMENT if environment is None else environment
        self.hands = Hands()

    def run(self, *changes: Change, seconds: float = 5) -> dict[str, Result]:
        known = self.outbox.deliveries()
        now = self.hands.now()
        for delivery in plan_deliveries(changes, self.subscribers, texts={}, known=known, now=now):
            self.outbox.write(delivery)
        senders = Senders(self.environment, now=lambda: dt.datetime.now(dt.UTC), seconds=seconds)
        clock = Clock(now=self.hands.now, sleep=self.hands.sleep)
        results = deliver(self.outbox, self.subscribers, senders, clock=clock)
        return {result.delivery.subscriber: result for result in results}


# ---------------------------------------------------------------- who is told what


def test_each_subscriber_is_told_what_passes_their_filters_in_one_message(tmp_path: Path, receiver: Receiver) -> None:
    all_of_it = hook("one", receiver)
    gpu = replace(hook("two", receiver), features=("gpu",))
    china = replace(hook("three", receiver), clouds=("AzureChinaCloud",))
    planned = plan_deliveries(
        [added(), eased(), added(feature="gpu")], [all_of_it, gpu, china], texts={}, known=(), now=Hands().now()
    )
    assert {delivery.subscriber: len(delivery.changes) for delivery in planned} == {"one": 3, "two": 1}
    assert tmp_path.exists()


def test_a_second_run_sends_nothing_twice_and_only_what_is_new(tmp_path: Path, receiver: Receiver) -> None:
    site = Site(tmp_path, hook("one", receiver))
    assert site.run(added())["one"].delivery.stage is Stage.SENT
    assert site.run(added()) == {}
    assert site.run(added(), removed())["one"].delivery.stage is Stage.SENT
    assert len({came.id for came in receiver.came}) == len(receiver.came) == 2
    assert b"new.example" not in receiver.came[1].body


def test_a_subscriber_who_comes_later_is_told_of_now_and_the_others_nothing_twice(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    site = Site(tmp_path, hook("one", receiver))
    site.run(added())
    site.subscribers = (*site.subscribers, hook("two", other))
    site.run(added())
    assert (len(receiver.came), len(other.came)) == (1, 1)
    assert receiver.came[0].id != other.came[0].id


# ---------------------------------------------------------------- Standard Webhooks


def test_the_reference_library_verifies_what_comes(tmp_path: Path, receiver: Receiver) -> None:
    Site(tmp_path, hook("one", receiver)).run(added())
    (came,) = receiver.came
    content = Verifier(SECRET).verify(came.body, came.headers)
    assert content["type"] == "aks-egress.changed"
    assert content["data"]["add"] == ["AzureCloud: new.example TCP 443, required"]
    assert came.path == "/hook?of=us"
    assert came.headers["content-type"] == "application/json"


def test_it_refuses_a_body_an_id_a_time_or_a_secret_that_is_not_ours(tmp_path: Path, receiver: Receiver) -> None:
    Site(tmp_path, hook("one", receiver)).run(added())
    (came,) = receiver.came
    tampered = came.body.replace(b"new.example", b"evil.example")
    forged = [
        (tampered, came.headers, SECRET),
        (came.body, came.headers | {"webhook-id": "x"}, SECRET),
        (came.body, came.headers | {"webhook-timestamp": str(int(came.headers["webhook-timestamp"]) - 1)}, SECRET),
        (came.body, came.headers, "whsec_" + "A" * 32),
    ]
    for body, headers, secret in forged:
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(body, headers)


@pytest.mark.parametrize(("minutes", "reason"), [(-6, "too old"), (6, "too new")])
def test_it_refuses_what_is_replayed_later_or_comes_from_a_wrong_clock(
    tmp_path: Path, receiver: Receiver, minutes: int, reason: str
) -> None:
    site = Site(tmp_path, hook("one", receiver))
    for delivery in plan_deliveries([added()], site.subscribers, texts={}, known=(), now=site.hands.now()):
        site.outbox.write(delivery)
    skewed = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    senders = Senders(ENVIRONMENT, now=lambda: skewed)
    deliver(site.outbox, site.subscribers, senders, clock=Clock(now=site.hands.now, sleep=site.hands.sleep))
    with pytest.raises(WebhookVerificationError, match=reason):
        Verifier(SECRET).verify(receiver.came[0].body, receiver.came[0].headers)


def test_every_attempt_has_the_same_id_and_bytes_and_its_own_time(tmp_path: Path, receiver: Receiver) -> None:
    receiver.replies = [500]
    Site(tmp_path, hook("one", receiver)).run(added())
    first, second = receiver.came
    assert (first.id, first.body) == (second.id, second.body)
    for came in receiver.came:
        assert Verifier(SECRET).verify(came.body, came.headers)


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize("reply", [500, 503, 404, 429, RESET])
def test_a_flaky_receiver_gets_it_once_it_takes_it(tmp_path: Path, receiver: Receiver, reply: int | str) -> None:
    receiver.replies = [reply]
    site = Site(tmp_path, hook("one", receiver))
    result = site.run(added())["one"]
    assert (result.delivery.stage, result.delivery.attempts) == (Stage.SENT, 2)
    assert site.hands.slept == [WAITS[0].total_seconds()]
    assert site.run(added()) == {}
    assert len(receiver.came) == 2


def test_a_receiver_that_never_answers_is_left_after_a_while_and_tried_again(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.replies = [HANG]
    result = Site(tmp_path, hook("one", receiver)).run(added(), seconds=0.3)["one"]
    assert (result.delivery.stage, result.delivery.attempts) == (Stage.SENT, 2)


def test_what_still_fails_is_left_to_later_runs_with_longer_waits(tmp_path: Path, receiver: Receiver) -> None:
    receiver.script = lambda _: 500
    site = Site(tmp_path, hook("one", receiver))
    result = site.run(added())["one"]
    assert (result.delivery.stage, result.delivery.attempts, result.failed) == (Stage.PENDING, 2, False)
    assert result.delivery.fault == "answered 500"
    assert result.delivery.due == site.hands.now() + WAITS[1]
    site.run(added())
    assert len(receiver.came) == 2, "it is not due yet"
    site.hands.sleep(WAITS[1].total_seconds())
    site.run()
    assert len(receiver.came) == 3


def test_after_the_last_attempt_it_is_given_up_for_ever(tmp_path: Path, receiver: Receiver) -> None:
    receiver.script = lambda _: 500
    site = Site(tmp_path, hook("one", receiver))
    result = site.run(added())["one"]
    while result.delivery.stage is Stage.PENDING:
        site.hands.moment = max(site.hands.moment, result.delivery.due)
        result = site.run(added())["one"]
    assert (result.delivery.stage, result.failed) == (Stage.DEAD, True)
    assert result.delivery.attempts == len(receiver.came) == len(WAITS) + 1
    site.hands.sleep(10 * WAITS[-1].total_seconds())
    assert site.run(added()) == {}
    assert len({came.id for came in receiver.came}) == 1


def test_a_receiver_that_is_gone_for_good_is_given_up_at_once(tmp_path: Path, receiver: Receiver) -> None:
    receiver.replies = [410]
    site = Site(tmp_path, hook("one", receiver))
    result = site.run(added())["one"]
    assert (result.delivery.stage, result.delivery.attempts, result.failed) == (Stage.DEAD, 1, True)
    assert site.run(added()) == {}
    assert len(receiver.came) == 1


@pytest.mark.parametrize("reply", [500, 410, RESET, HANG])
def test_a_dead_target_holds_up_nobody(tmp_path: Path, receiver: Receiver, other: Receiver, reply: int | str) -> None:
    receiver.script = lambda _: reply
    found = Site(tmp_path, hook("one", receiver), hook("two", other)).run(added(), seconds=0.3)
    assert found["one"].delivery.stage is not Stage.SENT
    assert found["two"].delivery.stage is Stage.SENT
    assert len(other.came) == 1


def test_a_missing_secret_is_told_costs_no_attempt_and_holds_up_nobody(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    site = Site(tmp_path, hook("one", receiver), hook("two", other), environment={"TWO": SECRET})
    found = site.run(added())
    assert found["one"].blocked
    assert found["one"].failed
    assert found["one"].delivery.fault == "ONE is not set in the environment"
    assert found["two"].delivery.stage is Stage.SENT
    (waiting,) = (one for one in site.outbox.deliveries() if one.stage is Stage.PENDING)
    assert waiting.attempts == 0
    site.environment = ENVIRONMENT
    assert site.run(added())["one"].delivery.stage is Stage.SENT


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_not base64!", "hunter2"])
def test_a_secret_that_is_none_is_told_without_being_shown(tmp_path: Path, receiver: Receiver, secret: str) -> None:
    found = Site(tmp_path, hook("one", receiver), environment={"ONE": secret}).run(added())
    assert found["one"].blocked
    assert secret not in found["one"].delivery.fault
    assert receiver.came == []


def test_a_delivery_to_nobody_is_given_up(tmp_path: Path, receiver: Receiver) -> None:
    site = Site(tmp_path, hook("one", receiver), environment={})
    site.run(added())
    site.subscribers = ()
    result = site.run(added())["one"]
    assert (result.delivery.stage, result.delivery.fault) == (Stage.DEAD, NOBODY)


def test_what_a_target_answers_reaches_no_terminal() -> None:
    assert str(SendError("no answer (BadStatusLine: \x1b[2J\r\nx)")) == "no answer (BadStatusLine: \ufffd[2J x)"


# ---------------------------------------------------------------- a clock that was wrong


@pytest.mark.parametrize("ahead", [dt.timedelta(days=2), dt.timedelta(days=40000), dt.timedelta(days=-40000)])
def test_what_a_wrong_clock_planned_is_sent_by_the_next_run(
    tmp_path: Path, receiver: Receiver, ahead: dt.timedelta
) -> None:
    site = Site(tmp_path, hook("one", receiver))
    wrong = site.hands.now() + ahead
    for delivery in plan_deliveries([added()], site.subscribers, texts={}, known=(), now=wrong):
        site.outbox.write(delivery)
    assert site.run(added())["one"].delivery.stage is Stage.SENT
    assert site.hands.slept == []
    assert len(receiver.came) == 1


def test_what_has_to_wait_for_a_day_waits(tmp_path: Path, receiver: Receiver) -> None:
    site = Site(tmp_path, hook("one", receiver))
    (delivery,) = plan_deliveries([added()], site.subscribers, texts={}, known=(), now=site.hands.now())
    site.outbox.write(replace(delivery, attempts=9, due=site.hands.now() + WAITS[-1]))
    site.run(added())
    assert receiver.came == []


# ---------------------------------------------------------------- a run that finds nothing new


def test_a_run_that_sends_nothing_leaves_the_state_as_it_was(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    assert finished(start(tmp_path))[0] == 0
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in (tmp_path / "state").iterdir()}
    assert finished(start(tmp_path)) == (0, "there is nothing to deliver\n")
    assert {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in (tmp_path / "state").iterdir()} == before


def test_a_damaged_outbox_is_one_message_and_nothing_is_sent_or_lost(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    (tmp_path / "state").mkdir()
    journal = tmp_path / "state" / JOURNAL
    journal.write_bytes(b"x\n")
    command = [sys.executable, "-m", "publish", "notify", "--changes", "changes.json"]
    options = ["--subscribers", "subscribers.toml", "--state", "state"]
    done = subprocess.run(
        [*command, *options], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: state/{JOURNAL}, line 1: this line is damaged")
    assert receiver.came == []
    assert journal.read_bytes() == b"x\n"


# ---------------------------------------------------------------- killed between two deliveries


def command(folder: Path, *options: str) -> list[str]:
    files = ["--subscribers", f"{folder}/subscribers.toml"]
    return [sys.executable, "-m", "publish", "notify", *files, "--state", f"{folder}/state", *options]


def write_inputs(folder: Path, *receivers: Receiver) -> None:
    (folder / "changes.json").write_text(to_json(summarize([added(), removed()])), encoding="utf-8")
    tables = [
        f'[[subscriber]]\nname = "{name}"\n[subscriber.webhook]\nurl = "{one.url}"\nsecret_env = "{name.upper()}"\n'
        "allow_http = true\nallow_private = true\n"
        for name, one in zip(("one", "two"), receivers, strict=False)
    ]
    (folder / "subscribers.toml").write_text("\n".join(tables), encoding="utf-8")


def environment(**more: str) -> dict[str, str]:
    return os.environ | ENVIRONMENT | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'catalog'}"} | more


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Tell the changes in the folder."""
    return tell(folder, "--changes", f"{folder}/changes.json", *options)


def released(folder: Path, *versions: str) -> History:
    """What ``publish released`` writes where these versions of four were released: each brings a host."""
    four = ("2026.8.1", "2026.8.2", "2026.8.3", "2026.8.4")
    pages = [(f"2026-08-0{place}", [rule(f"{host}.example") for host in "abcd"[:place]]) for place in range(1, 5)]
    known = versions or four
    history = history_of_pages(*pages[: four.index(known[-1]) + 1])
    releases = [Release(version=name, day=day(f"2026-08-0{name[-1]}"), events=four.index(name) + 1) for name in known]
    history = replace(history, releases=tuple(releases), rules={})
    place = folder / "build" / "released"
    place.mkdir(parents=True, exist_ok=True)
    (place / "versions.json").write_text(to_json(sorted(known)), encoding="utf-8")
    (place / "history.json").write_text(history_json(history), encoding="utf-8")
    (place / "catalog.json").write_text(to_json(catalog(*pages[-1][1])), encoding="utf-8")
    return history


def hosts(receiver: Receiver) -> list[list[str]]:
    """The hosts of the changes that came, message by message."""
    return [[one["endpoint"] for one in json.loads(came.body)["data"]["changes"]] for came in receiver.came]


def tell(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Tell what was released, as the folder has it."""
    return subprocess.Popen(
        command(folder, *options),
        env=environment(),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    told, _ = process.communicate(timeout=30)
    return process.returncode, told


def kill(process: subprocess.Popen[str]) -> Callable[[object], int]:
    """A script that kills the sender instead of answering it."""

    def script(_: object) -> int:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return 204

    return script


def test_killed_between_two_deliveries_it_goes_on_with_the_second(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    write_inputs(tmp_path, receiver, other)
    process = start(tmp_path)
    other.script = kill(process)
    assert finished(process)[0] == -signal.SIGKILL
    other.script = lambda _: 204
    code, told = finished(start(tmp_path))
    assert code == 0, told
    assert len(receiver.came) == 1, "the first was delivered before, and is not sent again"
    assert [came.id for came in other.came] == [other.came[0].id] * 2, "at least once, with the same id"
    assert other.came[0].body == other.came[1].body
    assert finished(start(tmp_path)) == (0, "there is nothing to deliver\n")
    assert (len(receiver.came), len(other.came)) == (1, 2)


def test_killed_before_the_first_answer_it_delivers_everything_in_the_next_run(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    write_inputs(tmp_path, receiver, other)
    process = start(tmp_path)
    receiver.script = kill(process)
    assert finished(process)[0] == -signal.SIGKILL
    receiver.script = lambda _: 204
    assert finished(start(tmp_path))[0] == 0
    assert (len({came.id for came in receiver.came}), len(other.came)) == (1, 1)


# ---------------------------------------------------------------- the command


def test_a_dry_run_says_what_would_be_sent_to_whom_and_why_and_does_nothing(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    write_inputs(tmp_path, receiver, other)
    file = tmp_path / "subscribers.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"two"', '"two"\nclouds = ["AzureChinaCloud"]'), encoding="utf-8")
    code, told = finished(start(tmp_path, "--dry-run"))
    assert code == 0
    assert f"one (webhook localhost:{receiver.port}), in en-us: 2 of 2 changes pass clouds: any; features: any" in told
    assert "would be sent as delivery " in told
    assert "| Lines to add:\n  |   AzureCloud: new.example TCP 443, required" in told
    assert "in en-us: 0 of 2 changes pass clouds: AzureChinaCloud;" in told
    assert SECRET not in told
    assert receiver.came == other.came == []
    assert not (tmp_path / "state").exists()


def test_a_dry_run_says_what_was_told_already_and_what_waits(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    write_inputs(tmp_path, receiver, other)
    other.replies = [410]
    assert finished(start(tmp_path))[0] == 1
    told = finished(start(tmp_path, "--dry-run"))[1]
    assert told.count("was sent or planned already") == 2


def test_a_file_at_fault_sends_nothing_to_anybody(tmp_path: Path, receiver: Receiver, other: Receiver) -> None:
    write_inputs(tmp_path, receiver, other)
    with (tmp_path / "subscribers.toml").open("a", encoding="utf-8") as stream:
        stream.write("allow_everything = true\n")
    code, told = finished(start(tmp_path))
    assert code != 0
    assert "line 16: subscriber 'two', webhook.allow_everything: unknown key" in told
    assert receiver.came == other.came == []
    assert not (tmp_path / "state").exists()


def test_what_was_given_up_is_told_once_and_fails_the_run_once(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    receiver.replies = [410]
    code, told = finished(start(tmp_path))
    assert code == 1
    assert "given up after 1 attempts: answered 410: it is gone for good" in told
    assert finished(start(tmp_path)) == (0, "there is nothing to deliver\n")


def test_since_a_version_everything_is_told_that_was_released_after_it(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    released(tmp_path)
    code, told = finished(tell(tmp_path, "--since", "2026.8.2", "--dry-run"))
    assert code == 0
    assert "2 of 2 changes pass" in told
    assert "AzureCloud: d.example TCP 443, required" in told
    assert finished(start(tmp_path, "--since", "2026.8.2"))[0] == 2


def test_without_what_was_released_nothing_is_told_and_the_command_to_run_is_named(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A merge is no release: what main says has no message before its release exists."""
    write_inputs(tmp_path, receiver)
    code, told = finished(tell(tmp_path))
    assert code == 2
    assert "run python -m publish released --out build first" in " ".join(told.split())
    assert receiver.came == []


def test_before_the_first_release_there_is_nothing_to_tell(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    released(tmp_path)
    (tmp_path / "build" / "released" / "history.json").unlink()
    assert finished(tell(tmp_path)) == (0, "there is nothing to deliver\n")
    assert not (tmp_path / "state" / "told.json").exists()


def test_what_was_told_last_is_remembered_and_told_to_nobody_again(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    released(tmp_path, "2026.8.1", "2026.8.2")
    outbox = Outbox(tmp_path / "state")
    outbox.mark("2026.8.1")
    code, told = finished(tell(tmp_path))
    assert (code, hosts(receiver)) == (0, [["b.example TCP 443"]]), told
    assert outbox.announced_up_to() == "2026.8.2"
    assert finished(tell(tmp_path)) == (0, "there is nothing to deliver\n")
    released(tmp_path)
    assert finished(tell(tmp_path))[0] == 0
    assert hosts(receiver)[1:] == [["d.example TCP 443", "c.example TCP 443"]], "both releases since, newest first"
    assert outbox.announced_up_to() == "2026.8.4"


def test_where_it_was_lost_what_was_told_the_newest_version_is_told(tmp_path: Path, receiver: Receiver) -> None:
    write_inputs(tmp_path, receiver)
    released(tmp_path)
    assert finished(tell(tmp_path))[0] == 0
    assert hosts(receiver) == [["d.example TCP 443"]]
    assert Outbox(tmp_path / "state").announced_up_to() == "2026.8.4"


@pytest.mark.parametrize("memory", ['{"version": "20', '{"version": "2026.8.2.7"}', ""])
def test_a_damaged_memory_is_made_anew_from_the_releases_and_loses_nothing(
    tmp_path: Path, receiver: Receiver, memory: str
) -> None:
    """Two releases were made since: both are told, and what was told before is not told again."""
    write_inputs(tmp_path, receiver)
    released(tmp_path, "2026.8.1", "2026.8.2")
    assert finished(tell(tmp_path))[0] == 0
    (tmp_path / "state" / "told.json").write_text(memory, encoding="utf-8")
    released(tmp_path)
    code, written = finished(tell(tmp_path))
    assert code == 0
    assert "made anew, from the releases" in written
    assert hosts(receiver) == [["b.example TCP 443"], ["d.example TCP 443", "c.example TCP 443"]]
    assert Outbox(tmp_path / "state").announced_up_to() == "2026.8.4"


def test_a_release_that_only_moved_conditions_or_a_day_is_told_to_who_asked_for_that(
    tmp_path: Path, receiver: Receiver, other: Receiver
) -> None:
    write_inputs(tmp_path, receiver, other)
    file = tmp_path / "subscribers.toml"
    text = file.read_text(encoding="utf-8")
    severities = 'severities = ["informational"]'
    file.write_text(text.replace('"two"', f'"two"\n{severities}\nclouds = ["AzureCloud"]'), encoding="utf-8")
    stressed = Condition(effect=Effect.REQUIRED_IF, when=When.PRIVATE_ENDPOINT)
    history = history_of_pages(
        ("2026-08-01", [rule("a.example", conditions=(stressed,), cloud_stated=False)]), ("2026-08-02", [rule()])
    )
    named = NamedDate(date=day("2027-03-01"), cloud="AzureCloud", feature="", heading="h")
    first, second = history.events
    history = replace(
        released(tmp_path),
        events=(first, replace(second, dates=(named,))),
        releases=(
            Release(version="2026.8.1", day=first.day, events=1),
            Release(version="2026.8.2", day=second.day, events=2),
        ),
        rules={},
    )
    (tmp_path / "build" / "released" / "history.json").write_text(history_json(history), encoding="utf-8")
    code, told = finished(tell(tmp_path, "--since", "2026.8.1"))
    assert code == 0, told
    (message,) = other.came
    changes = json.loads(message.body)["data"]["changes"]
    assert [(one["kind"], one["cloud"], one["details"]) for one in changes] == [
        ("date", "AzureCloud", ["the article names a day: 2027-03-01, AzureCloud / every cluster, told under #h"])
    ]
    assert hosts(receiver) == [["a.example TCP 443"]], "what is relaxing is told to who did not ask for less"


def test_a_delivery_names_its_subscriber_and_nothing_secret(tmp_path: Path, receiver: Receiver) -> None:
    site = Site(tmp_path, hook("one", receiver), environment={})
    site.run(added())
    (waiting,) = site.outbox.deliveries()
    assert isinstance(waiting, Delivery)
    written = (tmp_path / JOURNAL).read_text(encoding="utf-8")
    assert receiver.url not in written
    assert SECRET not in written


def test_a_surprise_at_one_target_holds_up_nobody_and_shows_nothing(tmp_path: Path) -> None:
    outbox, hands = Outbox(tmp_path), Hands()
    clock = Clock(now=hands.now, sleep=hands.sleep)
    subscribers = [Subscriber(name=name, webhook=Webhook(url="https://x.example", secret_env="X")) for name in "ab"]
    for one in plan_deliveries([added()], subscribers, texts={}, known=(), now=clock.now()):
        outbox.write(one)

    def send(subscriber: Subscriber, _: Delivery) -> None:
        if subscriber.name == "a":
            raise ValueError(SECRET)

    first, second = deliver(outbox, subscribers, send, clock=clock, patience=dt.timedelta())
    assert (first.delivery.stage, first.delivery.fault) == (Stage.PENDING, "an unexpected ValueError")
    assert second.delivery.stage is Stage.SENT


def test_a_correction_goes_to_whoever_was_told_the_wrong_thing_though_it_is_not_breaking(receiver: Receiver) -> None:
    wrong = added()
    correction = replace(removed(), before=wrong.after, corrects="two letters were swapped")
    breaking = replace(hook("told", receiver), severities=("breaking",))
    other = replace(breaking, name="elsewhere", features=("gpu",))

    def planned(change: Change, earlier: list[Change]) -> list[str]:
        found = plan_deliveries([change], [breaking, other], texts={}, known=(), now=Hands().now(), earlier=earlier)
        return [delivery.subscriber for delivery in found]

    assert planned(correction, [wrong]) == ["told"]
    assert planned(correction, []) == []
    assert planned(replace(correction, corrects=""), [wrong]) == []
