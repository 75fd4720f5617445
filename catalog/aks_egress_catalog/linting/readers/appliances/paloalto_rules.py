"""The rules of PAN-OS as entries, in their order: the first that matches decides.

A rule with a URL category has an entry for each URL; one that is disabled or has no action has none. Where no rule
stands in a file or beside it, its objects are taken as allowed: another file says how.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Action, Form, ListRule, Service
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.linting.readers.appliances.paloalto_objects import Config, PanRule
from aks_egress_catalog.linting.readers.appliances.paloalto_services import services_of
from aks_egress_catalog.linting.readers.appliances.target import Target
from aks_egress_catalog.linting.readers.words import Draft, parted, short

_ACTIONS: Final = {
    "allow": Action.ALLOW,
    **dict.fromkeys(("deny", "drop", "reset-client", "reset-server", "reset-both"), Action.DENY),
}


def read_objects(config: Config, draft: Draft) -> None:
    """Where no rule says anything of the objects: one rule allows each of them."""
    for target in config.all_targets():
        rule = ListRule(name=target.owner, place=target.word.place, policy=draft.source.path)
        draft.entry(target.word, target.form, target.pattern, rule, target.fault)


def read_rules(config: Config, draft: Draft) -> None:
    """Add what the security rules of a configuration allow and deny, and whose TLS its decryption rules open."""
    draft.reading.included += config.take_lists(draft.source)
    decryption = [(rule, list(_targets(rule, config, draft))) for rule in config.decryption()]
    for number, rule in enumerate(config.in_order()):
        action = _ACTIONS.get(rule.action.text) if rule.action else None
        if rule.is_disabled or action is None:
            draft.reading.skipped += 1
            continue
        targets = list(_targets(rule, config, draft))
        services = services_of(rule, config, draft)
        if services is None and action is Action.DENY:
            continue
        for inspects, group in parted(targets, lambda target: _is_decrypted(target, decryption)):
            made = _list_rule(rule, action, services or EVERY_SERVICE, draft, number, inspects=inspects)
            for target in group:
                draft.entry(target.word, target.form, target.pattern, made, target.fault)


def policy_of(rule: PanRule, draft: Draft) -> str:
    """Name what a rule belongs to: the file, and the device group or virtual system in it."""
    return f"{draft.source.path} {rule.location}".strip()


def _list_rule(
    rule: PanRule, action: Action, services: tuple[Service, ...], draft: Draft, number: int, *, inspects: bool
) -> ListRule:
    sources = tuple(word.text for word in rule.of("source") if word.text != "any")
    return ListRule(
        name=rule.name.text,
        place=rule.name.place,
        action=action,
        services=services,
        sources=sources,
        sources_known=not rule.is_set("negate-source", "yes"),
        policy=policy_of(rule, draft),
        order=(rule.phase, number),
        inspects=inspects,
    )


def _targets(rule: PanRule, config: Config, draft: Draft) -> Iterator[Target]:
    """Yield where a rule leads to: the URLs of its categories, else its destinations, else anywhere."""
    if rule.is_set("negate-destination", "yes"):
        draft.unread(rule.name, f"rule {short(rule.name.text)} is for all but its destinations: not evaluated")
        return
    for profile in rule.of("profile-setting"):
        if profile.text not in ("profiles", "group") and rule.is_under("url-filtering", profile):
            draft.unread(profile, f"the URL filtering {short(profile.text)} is not evaluated", may_allow=False)
    named = False
    for setting, find in (("category", config.category), ("destination", config.destination)):
        members = [word for word in rule.of(setting) if word.text != "any"]
        for word in members:
            found = list(find(word, rule.location))
            if not found and not config.is_known(word.text):
                message = f"nothing among the files says what {short(word.text)} stands for"
                draft.unread(word, message, policy=policy_of(rule, draft))
            yield from found
        named = named or bool(members)
        if named:
            return
    anywhere = next(iter(rule.of("destination")), rule.name)
    yield Target(word=anywhere, form=Form.ANY, pattern="*", owner=rule.name.text)


def _is_decrypted(target: Target, decryption: list[tuple[PanRule, list[Target]]]) -> bool:
    """Say whether the first decryption rule that takes a target in opens its TLS."""
    for rule, targets in decryption:
        if any(_takes_in(one, target) for one in targets):
            return rule.is_set("action", "decrypt")
    return False


def _takes_in(wide: Target, narrow: Target) -> bool:
    if wide.form is Form.ANY or wide.pattern == narrow.pattern:
        return True
    return wide.form is narrow.form is Form.NAME and lets_through(wide.pattern, narrow.pattern)
