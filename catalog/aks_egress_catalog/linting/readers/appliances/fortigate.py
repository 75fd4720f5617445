"""FortiOS: a configuration as ``show`` prints it, or a part of one.

    config firewall address      config firewall policy
        edit "mcr"                   edit 1
            set type fqdn                set dstaddr "mcr"
            set fqdn "mcr.microsoft.com" set service "HTTPS"
        next                             set action accept

Policies count in the order in which they stand: the first that matches decides, and one without ``accept`` denies.
A wildcard address holds the addresses of names that the firewall saw in DNS: of any depth. Where no policy stands in
the file, its objects are taken as allowed. Lists of ``webfilter urlfilter`` count for the policies that use them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Action, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.appliances.fortigate_objects import Edit, Objects, edits_of, is_exempt
from aks_egress_catalog.linting.readers.appliances.target import Target
from aks_egress_catalog.linting.readers.words import Draft, parted, short
from aks_egress_catalog.linting.source import Source

NAME: Final = "fortigate"
_SIGN: Final = re.compile(
    r"^[ \t]*config[ \t]+(?:firewall[ \t]+(?:address6?|addrgrp6?|policy|wildcard-fqdn[ \t]+\w+|service[ \t]+\w+)"
    r"|webfilter[ \t]+urlfilter)[ \t\r]*$",
    re.MULTILINE,
)


def recognises(source: Source) -> bool:
    """Say whether a file configures objects or policies of FortiOS."""
    return _SIGN.search(source.text) is not None


def read(source: Source) -> Reading:
    r"""Read a configuration.

    >>> text = 'config firewall address\nedit "a"\nset type fqdn\nset fqdn "mcr.microsoft.com"\nnext\nend\n'
    >>> [entry.pattern for entry in read(Source("a.conf", text)).entries]
    ['mcr.microsoft.com']
    """
    draft = Draft(source, NAME)
    edits = list(edits_of(source, draft))
    by_vdom: dict[str, list[Edit]] = {}
    for edit in edits:
        by_vdom.setdefault(edit.vdom, []).append(edit)
    for vdom, group in by_vdom.items():
        _Reader(Objects(group), f"{source.path} {vdom}".strip(), draft).read(group)
    return draft.reading


class _Reader:
    """The policies of one virtual firewall."""

    def __init__(self, objects: Objects, policy: str, draft: Draft) -> None:
        self.objects = objects
        self.policy = policy
        self.draft = draft

    def read(self, edits: list[Edit]) -> None:
        policies = [edit for edit in edits if edit.path == "firewall policy"]
        for number, edit in enumerate(policies):
            if edit.text("status") == "disable":
                self.draft.reading.skipped += 1
            else:
                self._read_policy(edit, number)
        if not policies:
            for target in self.objects.all_targets():
                rule = ListRule(name=target.owner, place=target.word.place, policy=self.policy, order=(0,))
                self.draft.entry(target.word, target.form, target.pattern, rule, target.fault)

    def _read_policy(self, edit: Edit, number: int) -> None:
        action = Action.ALLOW if edit.text("action") == "accept" else Action.DENY
        services = self._services(edit)
        if services is None and action is Action.DENY:
            return
        targets = list(self._targets(edit))
        exempt = self.objects.inspection(edit.text("ssl-ssh-profile"))
        filtered = self._filtered(edit, targets) if action is Action.ALLOW else []
        for place, (how, group) in enumerate((*filtered, (action, targets))):
            for inspects, part in parted(group, lambda one: exempt is not None and not is_exempt(one, exempt)):
                rule = self._rule(edit, how, services or EVERY_SERVICE, (number, place), inspects=inspects)
                for target in part:
                    self.draft.entry(target.word, target.form, target.pattern, rule, target.fault)

    def _rule(
        self, edit: Edit, action: Action, services: tuple[Service, ...], order: tuple[int, ...], *, inspects: bool
    ) -> ListRule:
        return ListRule(
            name=edit.text("name") or edit.name.text,
            place=edit.name.place,
            action=action,
            services=services,
            sources=tuple(self._sources(edit)),
            sources_known=edit.text("srcaddr-negate") != "enable",
            policy=self.policy,
            order=order,
            inspects=inspects,
        )

    def _sources(self, edit: Edit) -> Iterator[str]:
        for word in (*edit.of("srcaddr"), *edit.of("srcaddr6")):
            if word.text != "all":
                found = [target.pattern for target in self.objects.destination(word)]
                yield from found or [word.text]

    def _services(self, edit: Edit) -> tuple[Service, ...] | None:
        found: list[Service] = []
        named = edit.of("service")
        for word in named:
            services = list(self.objects.services(word))
            if not services:
                message = f"nothing in the file says what the service {short(word.text)} is"
                self.draft.unread(word, message, may_allow=False)
            found.extend(services)
        return None if named and not found else tuple(dict.fromkeys(found)) or EVERY_SERVICE

    def _targets(self, edit: Edit) -> Iterator[Target]:
        for name in ("internet-service-name", "internet-service-id", "internet-service-group"):
            for word in edit.of(name):
                yield Target(word=word, form=Form.ELSEWHERE, pattern=word.text, owner=word.text)
        if edit.text("dstaddr-negate") == "enable":
            self.draft.unread(
                edit.name, "this policy is for all but its destinations: not evaluated", policy=self.policy
            )
            return
        for word in (*edit.of("dstaddr"), *edit.of("dstaddr6")):
            found = list(self.objects.destination(word))
            if not found and word.text != "none":
                message = f"nothing in the file says what {short(word.text)} stands for"
                self.draft.unread(word, message, policy=self.policy)
            yield from found

    def _filtered(self, edit: Edit, targets: list[Target]) -> list[tuple[Action, list[Target]]]:
        """Return what the URL filter of a policy blocks and lets pass, in its order; the rest passes after it."""
        profile = edit.text("webfilter-profile")
        if not profile:
            return []
        found: list[tuple[Action, list[Target]]] = []
        anywhere = all(target.form is Form.ANY for target in targets)
        for word, target, blocks in self.objects.url_filter(profile):
            if target is None:
                self.draft.unread(word, f"{short(word.text)} of a URL filter is not evaluated", policy=self.policy)
            elif blocks or anywhere:
                found.append((Action.DENY if blocks else Action.ALLOW, [target]))
        return found
