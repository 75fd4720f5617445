"""One run of the pipeline as far as the state goes: pull, tell two subscribers, push. Also as a process to be killed.

As a program it reads lines ``<folder> <repository> <moment>`` and makes each run in a fork of its own, which kills
itself right before the n-th thing that it does to the disk or the network; at 0 it lives. It answers with how the run
ended. Forks, because importing all this takes longer than the run.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from pathlib import Path
from typing import Final

from aks_egress_catalog.store import load
from publish.commands.github import MERGES
from publish.github.client import Repository
from publish.github.state_branch import pull_state, push_state
from publish.notices.notify.deliver import Clock, deliver, plan_deliveries
from publish.notices.notify.outbox import Outbox, change_id
from publish.notices.notify.senders import Senders
from publish.notices.notify.subscribers import Subscriber
from publish.notices.notify.targets import IssueTarget, Webhook
from publish.status.heartbeat import beat
from tests.publish.facts import added, removed
from tests.publish.receivers import Hands

CHANGES: Final = (added(), removed())
VERSION: Final = "2026.8.1"
LABEL: Final = "egress"
SECONDS: Final = 1.5
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_TOUCHES: Final = frozenset({"http.client.send", "os.rename", "os.remove", "os.truncate"})


def run(hub: Repository, folder: Path, *, token: str, api: str, webhook: str) -> None:
    """What the jobs of update.yml do with the state, one after the other."""
    hook = Webhook(url=webhook, secret_env="SECRET", allow_http=True, allow_private=True)
    issues = IssueTarget(repository=hub.name, token_env="TOKEN", label=LABEL)
    subscribers = [Subscriber(name="hook", webhook=hook), Subscriber(name="issues", issue=issues)]
    hands = Hands()
    pull_state(hub, folder, merges=MERGES)
    beat(folder, now=hands.now(), catalog=load())
    outbox = Outbox(folder)
    for one in plan_deliveries(CHANGES, subscribers, texts={}, known=outbox.deliveries(), now=hands.now()):
        outbox.write(one)
    outbox.mark(VERSION)
    environment = {"SECRET": SECRET, "TOKEN": token, "GITHUB_API_URL": api}
    senders = Senders(environment, now=lambda: dt.datetime.now(dt.UTC), seconds=SECONDS)
    deliver(outbox, subscribers, senders, clock=Clock(now=hands.now, sleep=hands.sleep))
    outbox.tidy(now=hands.now(), current=map(change_id, CHANGES))
    push_state(hub, folder, merges=MERGES)


def _die_at(moment: int, folder: Path) -> None:
    """Let this process kill itself right before it touches the disk or the network for the n-th time."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        writes = event == "open" and str(arguments[0]).startswith(str(folder)) and arguments[1] not in {"r", "rb"}
        if event in _TOUCHES or writes:
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _main(token: str, api: str, webhook: str) -> None:
    for line in sys.stdin:
        folder, name, moment = line.split()
        child = os.fork()
        if not child:
            _die_at(int(moment), Path(folder))
            hub = Repository(name, token=token, api=api, patience=SECONDS)
            run(hub, Path(folder), token=token, api=api, webhook=webhook)
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
