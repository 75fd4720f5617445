"""The four kinds of target: webhook, dispatch, issue, apprise. Secrets come from the environment, and are not shown."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from publish.github.client import API, Repository
from publish.github.managed_block import ManagedBlock
from publish.github.refusal import GitHubRefusedError
from publish.notices.notify.errors import SendError, UnconfiguredError
from publish.notices.notify.messages import Message
from publish.notices.notify.outbox import Delivery
from publish.notices.notify.subscribers import Subscriber
from publish.notices.notify.targets import AppriseTarget, Dispatch, IssueTarget, Target, Webhook, secret_name
from publish.notices.notify.webhook import SECONDS, resolve, send_webhook

_LARGEST: Final = 60_000
"""GitHub takes 64 kB of a dispatch."""


class Senders:
    """Sends a delivery the way its subscriber asks for. ``seconds`` is what a target has for its answer."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        now: Callable[[], dt.datetime],
        resolve: Callable[[str, int], Sequence[str]] = resolve,
        seconds: float = SECONDS,
    ) -> None:
        self._environment, self._now, self._resolve, self._seconds = environment, now, resolve, seconds

    def __call__(self, subscriber: Subscriber, delivery: Delivery) -> None:
        """Send a pending delivery.

        Raises:
            SendError: the target did not take it.
            UnconfiguredError: its secret is missing or unusable.
        """
        message = delivery.message
        if message is None:
            raise SendError("there is nothing left to send")
        match subscriber.target:
            case Webhook() as target:
                self._webhook(target, delivery.id, message)
            case Dispatch() as target:
                self._dispatch(target, delivery.id, message)
            case IssueTarget() as target:
                self._issue(target, delivery.id, message)
            case AppriseTarget() as target:
                self._chat(target, message)

    def _webhook(self, target: Webhook, name: str, message: Message) -> None:
        send_webhook(
            target,
            self._secret(target.secret_env),
            message_id=name,
            payload=message.payload,
            now=self._now(),
            resolve=self._resolve,
            seconds=self._seconds,
        )

    def _dispatch(self, target: Dispatch, name: str, message: Message) -> None:
        payload = client_payload(name, message.payload)
        try:
            self._repository(target.repository, target.token_env).dispatch(target.event_type, payload)
        except GitHubRefusedError as error:
            raise SendError(str(error)) from error

    def _issue(self, target: IssueTarget, name: str, message: Message) -> None:
        """An issue carries the id of its delivery, so one that was opened by a run that died is found again."""
        body = ManagedBlock(marks={"delivery": name}, text=message.markdown).within("")
        try:
            repository = self._repository(target.repository, target.token_env)
            blocks = [ManagedBlock.of(issue.body) for issue in repository.open_issues(target.label)]
            if not any(block and block.marks.get("delivery") == name for block in blocks):
                repository.open_issue(title=message.subject, body=body, label=target.label)
        except GitHubRefusedError as error:
            raise SendError(str(error)) from error

    def _chat(self, target: AppriseTarget, message: Message) -> None:
        from publish.notices.notify.chat import send_chat  # noqa: PLC0415  - apprise costs the others a while

        url = self._secret(target.url_env)
        try:
            send_chat(url, message)
        except UnconfiguredError as error:
            raise UnconfiguredError(f"{target.url_env}: {error}") from error

    def _repository(self, name: str, variable: str) -> Repository:
        token, api = self._secret(variable), self._environment.get("GITHUB_API_URL", API)
        return Repository(name, token=token, api=api, patience=self._seconds)

    def _secret(self, variable: str) -> str:
        if not (found := self._environment.get(variable)):
            raise UnconfiguredError(f"{variable} is not set in the environment")
        if found != found.strip() or not (found.isascii() and found.isprintable()):
            raise UnconfiguredError(f"{variable} has a blank at an end or a sign that no secret has: copy it again")
        return found


def missing_secret(target: Target, environment: Mapping[str, str]) -> str:
    """Name the variable that a target needs and the environment has not; empty where nothing is missing."""
    variable = secret_name(target)
    return "" if environment.get(variable) else variable


def client_payload(name: str, payload: str) -> dict[str, Any]:
    """Give a workflow the delivery's id and as much of the data as GitHub takes; ``left_out`` counts the rest."""
    content: dict[str, Any] = {"delivery": name, "left_out": 0} | json.loads(payload)["data"]
    while len(json.dumps(content)) > _LARGEST:
        longest = max(("changes", "add"), key=lambda key: len(json.dumps(content[key])))
        kept = content[longest][: len(content[longest]) // 2]
        content["left_out"] += len(content[longest]) - len(kept)
        content[longest] = kept
    return content
