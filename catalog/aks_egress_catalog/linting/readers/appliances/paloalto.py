"""PAN-OS: ``set`` commands and XML configurations. Both become settings: the path to a value, word by word.

    set address A fqdn x.io                                      address A fqdn x.io
    <address><entry name="A"><fqdn>x.io</fqdn></entry></address>  address A fqdn x.io

:mod:`.paloalto_objects` makes objects and rules of them. Here the rules become entries, in their order: the first that
matches decides. A rule with a URL category has an entry for each URL; one that is disabled or has no action has none.
Where no rule stands in a file or beside it, its objects are taken as allowed: another file says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import EVERY_SERVICE, Action, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.appliances.paloalto_objects import Config, PanRule, Target
from aks_egress_catalog.linting.readers.appliances.paloalto_services import services_of
from aks_egress_catalog.linting.readers.appliances.paloalto_xml import is_configuration, xml_settings
from aks_egress_catalog.linting.readers.declared import declared
from aks_egress_catalog.linting.readers.words import Draft, Word, parted, short, words
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.linting.source import Source

NAME: Final = "paloalto"
_SIGN: Final = re.compile(
    r"^[ \t]*set[ \t]+(?:(?:shared|(?:device-group|vsys|template)[ \t]+\S+|config|devices[ \t]+\S+)[ \t]+)*"
    r"(?:address(?:-group)?|service(?:-group)?|external-list|profiles[ \t]+custom-url-category|application-group"
    r"|(?:pre-|post-)?rulebase[ \t]+(?:security|decryption))[ \t]",
    re.MULTILINE,
)
_ACTIONS: Final = {
    "allow": Action.ALLOW,
    **dict.fromkeys(("deny", "drop", "reset-client", "reset-server", "reset-both"), Action.DENY),
}
_CHANGES: Final = ("delete", "move", "rename", "copy")
_BESIDE: Final = ("*.txt", "*.set", "*.conf", "*.cfg", "*.xml")


def recognises(path: str, text: str) -> bool:  # noqa: ARG001  - what every reader offers
    """Say whether a text has ``set`` commands of objects or rules, or is a configuration in XML."""
    return _SIGN.search(text) is not None or is_configuration(text)


def read(source: Source) -> Reading:
    """Read commands or a configuration.

    >>> read(Source("a.txt", "set profiles custom-url-category C list [ *.x.io/ y.io/ ]")).entries[0].pattern
    '*.x.io'
    """
    draft = Draft(source, NAME)
    config = Config()
    config.add_all(_settings(source, draft))
    comments = (text.strip()[1:].strip() for _, text in source.lines() if text.lstrip().startswith("#"))
    draft.reading.declared = declared(comments, ours=" aks-egress" in source.text)
    if config.rules or config.beginnings:
        _with_objects_beside(config, source)
        _read_rules(config, draft)
    elif source.named or not _rules_beside(source):
        _read_objects(config, draft)
    draft.reading.skipped += config.skipped
    return draft.reading


def _settings(source: Source, draft: Draft | None = None) -> Iterator[list[Word]]:
    """Yield the settings of a text in either form; what takes something back is told to the draft."""
    if is_configuration(source.text):
        yield from xml_settings(source)
        return
    for at, text in source.lines():
        line = list(words(source, at, text))
        if line and line[0].text == "set":
            yield line[1:]
        elif line and draft and line[0].text in _CHANGES:
            draft.unread(line[0], f"{line[0].text} is not evaluated: write what the firewall has", may_allow=False)
        elif line and draft:
            draft.reading.skipped += 1


def _beside(source: Source) -> Iterator[Config]:
    """Yield what other files of the folder set; those that cannot be read are told where they themselves are."""
    for other in source.beside(*_BESIDE):
        if recognises(other.path, other.text):
            config = Config()
            try:
                config.add_all(_settings(other))
            except InputError:
                continue
            yield config


def _with_objects_beside(config: Config, source: Source) -> None:
    if config.lacks_objects():
        for other in _beside(source):
            config.take_objects(other)


def _rules_beside(source: Source) -> bool:
    return any(rule.action for other in _beside(source) for rule in other.rules.values())


def _read_objects(config: Config, draft: Draft) -> None:
    """Where no rule says anything of the objects: one rule allows each of them."""
    for target in config.all_targets():
        services = EVERY_SERVICE
        rule = ListRule(
            name=target.owner, place=target.word.place, services=services, policy=draft.source.path, order=(0,)
        )
        draft.entry(target.word, target.form, target.pattern, rule, target.fault)


def _read_rules(config: Config, draft: Draft) -> None:
    decryption = [(rule, list(_targets(rule, config, draft))) for rule in config.decryption()]
    for number, rule in enumerate(config.in_order()):
        action = _ACTIONS.get(rule.action.text) if rule.action else None
        if rule.is_disabled or action is None:
            draft.reading.skipped += 1
            continue
        targets = list(_targets(rule, config, draft))
        services = services_of(rule, config, draft)
        if services is None:
            continue
        for inspects, group in parted(targets, lambda target: _is_decrypted(target, decryption)):
            made = _list_rule(rule, action, services, draft, number, inspects=inspects)
            for target in group:
                draft.entry(target.word, target.form, target.pattern, made, target.fault)


def _list_rule(
    rule: PanRule, action: Action, services: tuple[Service, ...], draft: Draft, number: int, *, inspects: bool
) -> ListRule:
    sources = tuple(word.text for word in rule.of("source") if word.text != "any")
    policy = f"{draft.source.path} {rule.location}".strip()
    return ListRule(
        name=rule.name.text,
        place=rule.name.place,
        action=action,
        services=services,
        sources=sources,
        sources_known=not rule.is_set("negate-source", "yes"),
        policy=policy,
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
            yield from find(word, rule.location)
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
