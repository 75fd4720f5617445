"""The ``ssl_bump`` lines of squid.conf: which hosts are inspected, and which are cut off."""

from __future__ import annotations

from typing import Final

from aks_egress_catalog.linting.entry import Form
from aks_egress_catalog.linting.readers.proxies.squid_acls import Acl, Value
from aks_egress_catalog.linting.readers.proxies.squid_lines import Line, covers, line_of
from aks_egress_catalog.linting.readers.words import Draft, Word

_BUMP: Final = frozenset(("bump", "server-first", "client-first", "allow"))
_SPLICE: Final = frozenset(("splice", "none", "deny"))


class Bumping:
    """What becomes of TLS: the first line that matches and is no mere look decides.

    ``ended`` are lists of hosts whose connections are cut off.
    """

    def __init__(self, lines: list[list[Word]], acls: dict[str, Acl], draft: Draft) -> None:
        listening = [line for line in lines if line[0].text in ("http_port", "https_port")]
        is_on = not listening or any("ssl-bump" in (word.text for word in line) for line in listening)
        bumping = [line for line in lines if line[0].text == "ssl_bump" and len(line) > 1] if is_on else []
        read = [(line[1].text, line_of(line, acls)) for line in bumping]
        self._lines = [(action, line) for action, line in read if not line.conditions and not line.elsewhere]
        self._stares = any(action == "stare" for action, _ in read)
        for action, line in read:
            for word, what in (*line.conditions, *line.elsewhere):
                draft.unread(word, f"{what} is not evaluated, nor is the {action} of this line", may_allow=False)
        self.ended = [values for action, line in self._lines if action == "terminate" for values in line.within]
        self.held_to = self._held_to()

    def inspects(self, value: Value) -> bool:
        """Say whether the TLS of a host is opened on the way."""
        for action, line in self._lines:
            if action in _BUMP | _SPLICE and _matches(line, value):
                return action in _BUMP
        return self._stares

    def _held_to(self) -> list[Value] | None:
        """The hosts that tunnels are held to, where the lines end whatever others do not name; ``None``: to none."""
        passed: list[Value] = []
        for action, line in self._lines:
            if action == "terminate" and not line.within:
                return [*passed, *(value for values in line.but for value in values)]
            if action in _BUMP | _SPLICE:
                if not line.within:
                    return None
                passed.extend(line.within[0])
        return None


def _matches(line: Line, value: Value) -> bool:
    if line.never:
        return False
    if value.form is Form.ANY:
        return not line.within
    named = all(any(covers(one, value) for one in values) for values in line.within)
    return named and not any(covers(one, value) for values in line.but for one in values)
