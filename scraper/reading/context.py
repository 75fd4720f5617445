"""Where on the page a rule stands: the headings and labels above a table, read as feature, cloud and level."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from aks_egress_catalog.model import Feature, Level
from scraper.findings import Reporter
from scraper.language.headings import NOT_RULES, Words, is_cloud_like, plain, read_words, slug, without
from scraper.page.marks import WITHDRAWN, words_of
from scraper.page.page import Heading, Section

_ADD_ON: Final = re.compile(r"\badd ?ons?\b")
_Fault = tuple[str, str, str]
"""Severity, code and message of what a heading leaves open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What the headings above a table mean for every row in it.

    ``feature`` and ``cloud`` are a known name or a provisional slug; ``cloud`` is empty where no heading
    names one. ``faults`` are reported only when a rule stands here: an unknown heading above plain prose is none.
    """

    feature: str = ""
    cloud: str = ""
    level: Level = Level.REQUIRED
    about_rules: bool = True
    network_only: bool = False
    fqdn_only: bool = False
    own_words: frozenset[str] = frozenset()
    faults: tuple[_Fault, ...] = ()

    def report_faults(self, report: Reporter) -> None:
        """Report what the headings leave open."""
        for severity, code, message in self.faults:
            (report.error if severity == "error" else report.hold)(code, message)


def context_of(section: Section, *, english: bool) -> Context:
    """Read the trail of a section, outermost heading first. The article's title names no feature."""
    trail = tuple(heading for heading in (*section.trail, section.heading) if heading.level > 1)
    return _context_under(trail, english)


@lru_cache(maxsize=1024)
def _context_under(trail: tuple[Heading, ...], english: bool) -> Context:  # noqa: FBT001  - the cache's key
    if not trail:
        return Context()
    above, heading = _context_under(trail[:-1], english), trail[-1]
    inside = _enter(above, _words_of(heading, english=english), heading.text, slug_of(heading))
    return replace(inside, faults=(*inside.faults, *_withdrawn(heading.text)))


def labelled(context: Context, label: str) -> Context:
    """Go under a label of a table: a tab, a fold, a caption or a line above it. It names a cloud, or it is held."""
    words = read_words(label)
    cloud, doubt = _cloud(context, words, label)
    rest = without(words.rest, context.own_words)
    if rest or words.level or set(words.features) - {context.feature}:
        doubt = (*doubt, _unknown(label, rest or label))
        if not cloud and is_cloud_like(rest or label, within=label):
            cloud = slug(rest or label)
    return replace(context, cloud=cloud, faults=(*context.faults, *doubt, *_withdrawn(label)))


def slug_of(heading: Heading) -> str:
    """The heading's id is the provisional slug; a page without ids falls back on the words."""
    return heading.id if re.fullmatch(r"[a-z0-9]+(-+[a-z0-9]+)*", heading.id) else slug(heading.text)


def _words_of(heading: Heading, *, english: bool) -> Words:
    """Translated headings keep English ids; the one that leaves fewer words over is used."""
    words = read_words(heading.text)
    if english:
        return words
    by_id = read_words(re.sub(r"-\d+\Z", "", heading.id).replace("-", " "))
    return min(by_id, words, key=lambda read: (len(read.rest), not read.clouds))


def _enter(context: Context, words: Words, text: str, name: str) -> Context:
    rest = without(words.rest, context.own_words)
    cloud, doubt = _cloud(context, words, text)
    context = replace(
        context,
        cloud=cloud,
        level=words.level or context.level,
        faults=(*context.faults, *doubt),
        network_only=words.network_only,
        fqdn_only=words.fqdn_only,
        about_rules=context.about_rules and plain(text) not in NOT_RULES,
    )
    if words.container:
        return replace(context, feature="", own_words=frozenset())
    return _enter_feature(context, words, text, name, rest) if rest or words.features else context


def _cloud(context: Context, words: Words, text: str) -> tuple[str, tuple[_Fault, ...]]:
    """A heading within one that names a cloud may repeat that cloud, not name another."""
    clouds = sorted(words.clouds | ({context.cloud} if context.cloud and words.clouds else set()))
    if len(clouds) > 1:
        message = f"{text!r} puts its rules into {' and '.join(clouds)}; which of them?"
        return context.cloud, (("error", "two-clouds", message),)
    return (str(clouds[0]) if clouds else context.cloud), ()


def _enter_feature(context: Context, words: Words, text: str, name: str, rest: str) -> Context:
    if len(words.features) > 1:
        fault = ("hold", "two-features", f"{text!r} names {' and '.join(words.features)}")
        return _provisional(context, name, words, fault)
    if not rest:
        feature = str(words.features[0])
        doubt = _nested(context.feature, feature, text) if context.feature not in ("", Feature.CORE, feature) else ()
        own = frozenset(plain(text).split())
        return replace(context, feature=feature, own_words=own, faults=(*context.faults, *doubt))
    fault = _unknown(text, rest)
    if words.clouds and context.feature:
        return replace(context, faults=(*context.faults, fault))
    if words.features or not context.feature or _ADD_ON.search(plain(text)):
        return _provisional(context, name, words, fault)
    # Under a feature that we know, the page names clouds and features in one form ("X required FQDN rules").
    # Filing these rows under the parent's feature or under AzureCloud would both be guesses.
    return _provisional(replace(context, cloud=slug(rest)), name, words, fault)


def _provisional(context: Context, name: str, words: Words, fault: _Fault) -> Context:
    own = frozenset(words.rest.split())
    return replace(context, feature=name, own_words=own, faults=(*context.faults, fault))


def _withdrawn(text: str) -> tuple[_Fault, ...]:
    if WITHDRAWN not in text:
        return ()
    return (("hold", "withdrawn-text", f"words of {words_of(text)!r} are struck out or hidden; do they still hold?"),)


def _nested(outer: str, inner: str, text: str) -> tuple[_Fault, ...]:
    return (("hold", "nested-feature", f"{text!r} names {inner!r} inside the section of {outer!r}"),)


def _unknown(text: str, rest: str) -> _Fault:
    return ("hold", "unknown-heading", f"{rest!r} in {text!r} is neither a feature nor a cloud that is known")
