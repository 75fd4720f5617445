"""A year of the pipeline: GitHub, upstream, a reviewer, subscribers and a clock, and the workflows between them.

The pages are stored revisions of the article, each served from the day of its commit on. The workflows run as written
(:mod:`tests.publish.steps`); whoever is a person in real life is a method here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.history.history_file import history_json, load_history
from aks_egress_catalog.model import Origin
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json
from publish.github.client import Repository
from publish.github.values import Issue, Pull
from publish.plan.proposal import CHANGELOG, DATA_FOLDER
from publish.plan.sentences import REVIEWED
from tests.github.fixtures import Site
from tests.publish.receivers import Receiver
from tests.publish.steps import Runner

FIRST_DAY: Final = "2024-07-01"
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_BRANCH: Final = "catalog-update"


@dataclass
class Year:
    """The state of the world; ``page`` and ``twin`` are what Learn serves now."""

    site: Site
    corpus: Path
    checkout: Path
    begins: int
    page: str = ""
    twin: str | None = None
    receivers: dict[str, Receiver] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hub = Repository(self.site.full_name, token=self.site.token, api=self.site.url)
        self.runner = Runner(self.checkout, self.site)
        self.runner.environment |= {f"SECRET_{name.upper()}": SECRET for name in self.receivers}
        self.runner.instead |= {"Fetch": self._fetch, "Write the site": lambda: None}
        # The article alone: what its translations are worth is tested elsewhere.
        pages = self.checkout / "scraper" / "pages.toml"
        head, _, rest = pages.read_text(encoding="utf-8").partition("locales = [")
        pages.write_text(f'{head}locales = ["en-us"]{rest.partition("]")[2]}', encoding="utf-8")
        self._subscribe()
        known = load_history()
        history = replace(known, events=known.events[: self.begins], releases=(), rules={})
        shutil.rmtree(self.checkout / DATA_FOLDER / "texts")
        catalog = replace(load(as_of=FIRST_DAY), origin=Origin.SNAPSHOT)
        files = {"catalog.json": to_json(catalog), "history.json": history_json(history)}
        for name, text in files.items():
            (self.checkout / DATA_FOLDER / name).write_text(text, encoding="utf-8")
        reviewed = (self.checkout / REVIEWED).read_text(encoding="utf-8")
        self.commit("Begin", {f"{DATA_FOLDER}/{name}": text for name, text in files.items()} | {REVIEWED: reviewed})

    # ------------------------------------------------------------ upstream

    def serve(self, revision: str, day: str = "", change: Callable[[str], str] = str) -> None:
        """Let Learn serve a stored revision, from a day on: that of its commit where none is given."""
        (file,) = (self.corpus / "en-us" / "outbound").glob(f"*_{revision}.html")
        self.page = change(file.read_text(encoding="utf-8"))
        self.twin = change(file.with_suffix(".md").read_text(encoding="utf-8"))
        self.at(day or file.name[:10])

    def at(self, day: str) -> None:
        """Let a day come; it is late in the evening, UTC."""
        self.runner.environment["NOW"] = f"{day}T23:30:00+00:00"

    def _fetch(self) -> None:
        pages = self.checkout / "build" / "pages"
        pages.mkdir(parents=True)
        (pages / "en-us.html").write_text(self.page, encoding="utf-8")
        if self.twin is not None:
            (pages / "en-us.md").write_text(self.twin, encoding="utf-8")
        else:
            missed = {"en-us.md": "https://learn.example/en-us answers 404"}
            (pages / "missed.json").write_text(json.dumps(missed), encoding="utf-8")

    # ------------------------------------------------------------ the workflows

    def update(self, *, fails: str = "") -> None:
        """The scheduled look at the article; only the job that ``fails`` names may fail."""
        self._run("update.yml", fails)

    def notify(self, *, fails: str = "") -> None:
        """The scheduled messages."""
        self._run("notify.yml", fails)

    def release(self) -> None:
        """What a merge starts, and what a person may start again."""
        self.runner.environment["GITHUB_SHA"] = self.main
        self._run("release.yml", "")

    def _run(self, file: str, fails: str) -> None:
        results = self.runner.run(file)
        failed = {job for job, result in results.items() if result == "failure"}
        assert failed == ({fails} if fails else set()), f"{results}\n{self.runner.said}"

    # ------------------------------------------------------------ people

    @property
    def main(self) -> str:
        head = self.hub.head("main")
        assert head
        return head

    def commit(self, message: str, files: dict[str, str], branch: str = "main") -> None:
        """A person's commit."""
        parent = self.hub.head(branch)
        assert parent
        content = {path: text.encode() for path, text in files.items()}
        self.hub.move(branch, self.hub.write_commit(content, parent=self.hub.commit(parent), message=message))
        if branch == "main":
            self.pull_main()

    def pull_main(self) -> None:
        """Bring the checkout to the data that main has, as actions/checkout does."""
        for path, blob in self.hub.blobs(self.hub.commit(self.main).tree).items():
            if path.startswith(DATA_FOLDER) or path in (CHANGELOG, REVIEWED):
                place = self.checkout / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self.hub.blob(blob))

    def merge(self, *, method: str = "merge", release: bool = True) -> None:
        """Merge the open pull request, and let the release come of it."""
        self.site.repository().pull_request(self.pull.number).merge(merge_method=method)
        self.pull_main()
        if release:
            self.release()

    def settle(self) -> None:
        """Merge what is open, if there is anything."""
        if self.pulls:
            self.merge()

    def close(self, body: str | None = None) -> None:
        """Close the open pull request without a merge."""
        pull = self.pull
        self.hub.update_pull(pull.number, title=pull.title, body=pull.body if body is None else body, close=True)

    # ------------------------------------------------------------ what is to be seen

    @property
    def pulls(self) -> list[Pull]:
        """The open pull requests."""
        return [pull for pull in self.hub.pulls(_BRANCH, "main") if pull.open]

    @property
    def pull(self) -> Pull:
        """The one that is open."""
        (found,) = self.pulls
        return found

    @property
    def issues(self) -> list[Issue]:
        return self.hub.open_issues("pipeline")

    @property
    def tags(self) -> list[str]:
        """The published releases, oldest first."""
        return [one.tag for one in reversed(self.hub.releases()) if not one.draft]

    def heard(self, name: str) -> list[str]:
        """Everything that a subscriber took, a line a change: its day, kind and rule."""
        messages = {came.id: json.loads(came.body) for came in self.receivers[name].came}  # a receiver takes an id once
        changes = [change for message in messages.values() for change in reversed(message["data"]["changes"])]
        return [_line(change) for change in changes]

    def released(self, name: str) -> str:
        """A file of the newest release."""
        found = next(one for one in self.hub.releases() if one.tag == self.tags[-1])
        asset = next(asset for asset in found.assets if asset.name == name)
        return self.hub.download(asset).decode()

    def files(self) -> dict[str, str]:
        """The data that the checkout has, by path."""
        data = (self.checkout / DATA_FOLDER).rglob("*.json")
        found = {file.relative_to(self.checkout).as_posix(): file.read_text(encoding="utf-8") for file in data}
        return found | {CHANGELOG: (self.checkout / CHANGELOG).read_text(encoding="utf-8")}

    def state(self, name: str) -> str:
        """A file of the state branch."""
        head = self.hub.head("state")
        assert head
        return self.hub.blob(self.hub.blobs(self.hub.commit(head).tree)[name]).decode()

    def keep(self, name: str, text: str) -> None:
        """Somebody writes a file of the state branch by hand."""
        self.commit("By hand", {name: text}, branch="state")

    def _subscribe(self) -> None:
        severities = dict(zip(self.receivers, ('["breaking", "relaxing"]', "[]"), strict=True))
        tables = [
            f'[[subscriber]]\nname = "{name}"\nseverities = {severities[name]}\n[subscriber.webhook]\n'
            f'url = "{receiver.url}"\nsecret_env = "SECRET_{name.upper()}"\nallow_http = true\nallow_private = true\n'
            for name, receiver in self.receivers.items()
        ]
        (self.checkout / "publish" / "subscribers.toml").write_text("\n".join(tables), encoding="utf-8")


def _line(change: dict[str, Any]) -> str:
    return f"{change['date']} {change['kind']} {change['rule']}"
