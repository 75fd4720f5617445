"""A repository of one's own at GitHub's stand-in, for every test that asks for ``github``."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest
from github3 import GitHub
from github3.repos.repo import Repository
from github3.session import GitHubSession

from tests import npm_packages
from tests.github import server
from tests.github.conformance import Description
from tests.github.proxy import Proxy, serving

OWNER: Final = "admin"  # whom emulate knows
_numbers: Final = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Site:
    """GitHub with one repository, whose branch ``main`` has one commit, and the token that may write to it."""

    url: str
    token: str
    owner: str
    name: str
    proxy: Proxy
    _sessions: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def session(self, *, token: str | None = None, patience: float = 5.0) -> GitHubSession:
        """A session that the fixture closes; it waits ``patience`` seconds for an answer."""
        session = GitHubSession(default_read_timeout=patience)
        session.base_url = self.url
        session.trust_env = False  # a proxy of the machine has no business on loopback
        session.token_auth(token or self.token)
        self._sessions.enter_context(session)
        return session

    def repository(self, *, token: str | None = None, patience: float = 5.0) -> Repository:
        """The repository as github3 reads it, which is one call."""
        return GitHub(session=self.session(token=token, patience=patience)).repository(self.owner, self.name)


@dataclass(frozen=True, kw_only=True)
class Emulated:
    """Emulate where it runs, and GitHub's description of what it should do."""

    port: int
    description: Description


@pytest.fixture(scope="session")
def emulated(request: pytest.FixtureRequest) -> Iterator[Emulated]:
    """Emulate for the whole run; skips where node or npm are absent."""
    if reason := npm_packages.absent():
        pytest.skip(reason)
    packages = server.install(request.config.cache.mkdir("github"))
    with server.running(packages) as port:
        yield Emulated(port=port, description=Description(server.description(packages)))


@contextlib.contextmanager
def fresh(emulated: Emulated) -> Iterator[Site]:
    """A fresh repository behind a proxy of its own: no test sees the calls, faults or tokens of another."""
    number = next(_numbers)
    name, token = f"catalog-{number}", f"token-{number}"
    with (
        serving(emulated.port, server.ORIGIN, token, emulated.description) as proxy,
        contextlib.ExitStack() as sessions,
    ):
        proxy.upstream.say("POST", "/user/repos", name=name, auto_init=True)
        yield Site(url=proxy.url, token=token, owner=OWNER, name=name, proxy=proxy, _sessions=sessions)


@pytest.fixture
def github(emulated: Emulated) -> Iterator[Site]:
    """A fresh repository for one test."""
    with fresh(emulated) as site:
        yield site


@pytest.fixture
def repository(github: Site) -> Repository:
    return github.repository()
