"""Conditions and constraints from the English text of a row, a note or a line of prose.

The article states circumstances in a handful of sentence forms. Each form is read on its own; a sentence that
speaks of a circumstance in an unknown form yields nothing and is reported, never guessed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aks_egress_catalog.model import Condition, Constraint, Effect, When

_PODS: Final = (
    r"pods(?:/deployments)?(?:, like [\w ]{1,40},)?(?: that| directly)? access(?:ing)? the api server"
    r"(?: by its (?:ip )?address)?(?: \(like [\w ]{1,40}\))?(?:, those pods?/deployments would use the api ip)?"
)
_WHENS: Final = (
    (When.PRIVATE_CLUSTER, r"private clusters?"),
    (When.KONNECTIVITY_AGENT, r"konnectivity-agent"),
    (When.CUSTOM_DNS, r"custom dns"),
    (When.PODS_USE_API_SERVER_IP, _PODS),
    (When.PODS_USE_API_SERVER_IP, r"app(?: or solution)? that needs to talk to the api server"),
    (When.AZURE_FIREWALL_NETWORK_RULES, r"azure firewall network rules"),
    (When.CLUSTER_EXISTS, r"after (?:the )?cluster (?:creation|is created)"),
    (When.NODES_AFTER_2021_03, r"nodes (?:provisioned|created) after march 2021"),
)
_NEGATION: Final = r"(?:n['’]t|n?not|no longer)\s+(?:be\s+)?(?:required|needed|necessary)"
_NOT_REQUIRED: Final = re.compile(_NEGATION)
_EXCUSED: Final = r"(?:n['’]t|not)\s+(?:required|needed)"
_TARGETS: Final = re.compile(rf"{_EXCUSED}\s+((?:for|on)\b.*?)(?:[.;]|$)")
_LEADING: Final = re.compile(rf"^(for\b[^,]*),.*{_EXCUSED}")
_BACK_REFERENCE: Final = re.compile(rf"^however, (?:this rule|then it)\b[^,]*?{_EXCUSED}")
_SUBJECT: Final = re.compile(r"^([^,.]*?\bclusters?)\b")
_TARGET_WORDS: Final = re.compile(
    r"\b(?:for|in|on|if|when|with|the|an?|your|you're|you|are|to|use|using|have|there|only|run|running|known"
    r"|clusters?|servers?|enabled)\b|[^\w']"
)
_ONLY_IF: Final = re.compile(r"^(.*?)\b(?:required|needed)\s+(if\b.*)$")
_SUBJECT_OF_ONLY_IF: Final = re.compile(r"(?:udp port \d+ for dns is also |tcp \[ipaddrofyourapiserver\]:\d+ is )?")
"""Who is required. "Also" adds to what is required anyway, except where the subject is another port than the row's."""
_IF_MUST: Final = re.compile(r"^(if\b[^,]*),(.*\b(?:must|have to)\b.*)$")
_MUST_ALLOW: Final = re.compile(
    r"(?:the )?nodes (?:have to|must) reach them(?: here)?|you must ensure they['’]re accessible by the cluster nodes"
)
"""What follows from the circumstance has to be that this very endpoint is let through, and nothing else."""
_NOTE_IF: Final = re.compile(r"^((?:if|when|only)\b.*)$")
_CIRCUMSTANCE: Final = re.compile(
    r"\b(?:if|when|whenever|where|while|once|unless|until|except|only|otherwise|provided|as long as|in case)\b"
)
_FURTHER: Final = re.compile(
    r"^(?:for|in|on|with)\b.*,|network[- ]isolated|private (?:endpoint|link)|konnectivity (?:agent|enabled)|\bpods?\b"
)
"""A further circumstance around an excuse, in words that give no condition."""
_REQUIRES: Final = re.compile(r"\b(?:required?|requires|needed|needs?|necessary|must|have to|allow|open|keep)\b")
_AGAIN: Final = re.compile(
    rf"{_CIRCUMSTANCE.pattern}|\b(?:however|but|yet|still|again|nevertheless|though|although)\b"
    r"|\b(?:for|in|on|with)\b.{0,60}\b(?:clusters?|nodes|pools?|fqdns?)\b"
)
_REQUIRED_FOR: Final = re.compile(r"\b(?:required|needed)\b(.*)")
_TURNED: Final = re.compile(
    r"\bunless\b|\bexcept\b|\bother than\b|\bnon-|\bwithout\b|\bdisabled\b|\bnot\b|n['’]t\b|\bpublic\b"
)
_DENIED: Final = re.compile(r"n['’]t\b|\bnot\b|\bnever\b|\bno longer\b")
_OR: Final = re.compile(r"\bor\b")
_ALPN: Final = re.compile(r"\balpn\b|application-layer protocol negotiation")
_ALPN_KEPT: Final = re.compile(r"\b(?:block|strip|uses?\b)")
_WATCHED: Final = re.compile(
    r"private (?:aks )?clusters?|konnectivity|custom dns"
    r"|api server['’]?s?(?: public)? ip|ip (?:address )?of (?:the|your) api server"
    r"|network[- ]isolated|private (?:endpoint|link)"
    r"|\bdeprecated\b|\bunless\b|\b(?:is|are) optional\b|^optional\."
    rf"|\balpn\b|protocol negotiation|{_NEGATION}"
)
_SPEAKS: Final = re.compile(
    r"\b(?:requires?|required|needs?|needed|necessary|must|ignore|skip|omit|close|applies|apply|used?)\b[^;]{0,80}"
    r"\b(?:if|when|unless|only)\b[^;]{0,80}\b(?:private|public|pods?|clusters?|nodes?|endpoints?|api server|dns)\b"
    r"|\bonly\b[^;]{0,80}\b(?:private|public|clusters?|nodes?)\b[^;]{0,80}\b(?:requires?|needs?|uses?|reach)\b"
    r"|(?:n['’]t|not|never|no) (?:require|need|use|apply|longer used)\b|\bno need\b"
    r"|\b(?:private|public) clusters? only\b|\b(?:retired|phased out|superseded)\b"
)
"""A sentence about a rule that gave no condition and may well have meant one."""
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a text states. ``unread`` is the sentences that speak of circumstances in a form not known."""

    conditions: tuple[Condition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    watched: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def read_meaning(text: str, *, of_rule: bool = False) -> Meaning:
    """Read the conditions and constraints that an English text states, sentence by sentence.

    ``of_rule``: the text describes a rule. There, more sentences may well mean a condition than in prose.

    >>> [str(c) for c in read_meaning("This isn't required for private clusters.").conditions]
    ['not-if:private-cluster']
    """
    conditions: set[Condition] = set()
    constraints: set[Constraint] = set()
    watched: list[str] = []
    unread: list[str] = []
    before = ""
    sentences = [(sentence, " ".join(sentence.lower().split())) for sentence in _SENTENCES.split(text)]
    last_requirement = max((n for n, (_, lowered) in enumerate(sentences) if _requires_again(lowered)), default=0)
    for number, (sentence, lowered) in enumerate(sentences):
        found = set(_read_sentence(lowered, before))
        if number < last_requirement:  # whoever was excused may be among those whom a later sentence requires it of
            found = {condition for condition in found if condition.effect is not Effect.NOT_IF}
        kept = {Constraint.PRESERVE_ALPN} if _ALPN.search(lowered) and _ALPN_KEPT.search(lowered) else set()
        doubtful = of_rule and not found and not kept and (whens_in(lowered) or _SPEAKS.search(lowered))
        if doubtful or _WATCHED.search(lowered):
            watched.append(sentence)
            if not found and not kept:
                unread.append(sentence)
        conditions |= found
        constraints |= kept
        before = lowered
    unread = [sentence for sentence in unread if not _taken_up(sentence, text, conditions)]
    return Meaning(
        conditions=tuple(sorted(conditions, key=str)),
        constraints=tuple(sorted(constraints)),
        watched=tuple(watched),
        unread=tuple(unread),
    )


@lru_cache(maxsize=1024)
def read_note(note: str) -> tuple[Condition, ...]:
    """Read a note beside a destination, such as ``if using custom DNS servers``.

    >>> [str(c) for c in read_note("only known after cluster creation")]
    ['only-if:cluster-exists']
    """
    clause = _NOTE_IF.match(" ".join(note.lower().split()))
    return tuple(sorted(_only_if(clause.group(1)), key=str)) if clause else ()


def _read_sentence(sentence: str, before: str) -> Iterable[Condition]:
    if _NOT_REQUIRED.search(sentence):
        return [Condition(effect=Effect.NOT_IF, when=when) for when in _excused(sentence, before)]
    only = _ONLY_IF.match(sentence)
    if only:
        return _only_if(only.group(2), stated=bool(_SUBJECT_OF_ONLY_IF.fullmatch(only.group(1))))
    must = _IF_MUST.match(sentence)
    if must:
        return _only_if(must.group(1), stated=bool(_MUST_ALLOW.fullmatch(must.group(2).strip(" ."))))
    stressed = _REQUIRED_FOR.search(sentence)
    if not stressed or _DENIED.search(sentence[: stressed.start()]):
        return []
    clause = stressed.group(1)
    if _TURNED.search(clause) or _CIRCUMSTANCE.search(clause):
        return []
    return [Condition(effect=Effect.REQUIRED_IF, when=when) for when in whens_in(clause)]


def _only_if(clause: str, *, stated: bool = True) -> list[Condition]:
    """Only a clause whose every word is known may take a rule away; ``stated`` says so of the words around it."""
    if _TURNED.search(clause):
        return []
    whens = whens_in(clause)
    if len(whens) > 1 or _OR.search(clause):
        # After "if A or B", two only-ifs would drop a rule that is needed: then the article merely stresses it.
        return [Condition(effect=Effect.REQUIRED_IF, when=when) for when in whens]
    if not stated or not _says_nothing_else(clause):
        return []
    return [Condition(effect=Effect.ONLY_IF, when=when) for when in whens]


def _excused(sentence: str, before: str) -> set[When]:
    """Whom "isn't required" excuses: those after it, those before its comma, or the subject just spoken of.

    Where a sentence speaks of a further circumstance, both may have to meet: then nobody is excused.
    """
    for form in (_TARGETS, _LEADING):
        clause = form.search(sentence)
        if clause and whens_in(clause.group(1)):
            found = _listed(clause.group(1))
            around = (sentence[: clause.start(1)], sentence[clause.end(1) :])
            return found if found == whens_in(sentence) and not any(map(_excepts, around)) else set()
    subject = _SUBJECT.match(before)
    found = _listed(subject.group(1)) if subject and _BACK_REFERENCE.search(sentence) else set()
    return found if found == whens_in(before) and not _excepts(sentence) else set()


def _excepts(clause: str) -> bool:
    """Whether the words around an excuse may take it back or narrow it."""
    return bool(_CIRCUMSTANCE.search(clause) or _FURTHER.search(clause))


def _requires_again(sentence: str) -> bool:
    """Whether a sentence requires the rule of somebody after all."""
    if _NOT_REQUIRED.search(sentence):
        return False
    return bool(re.match(r"(?:unless|except)\b", sentence) or (_REQUIRES.search(sentence) and _AGAIN.search(sentence)))


def _listed(clause: str) -> set[When]:
    """The circumstances that a clause lists with "or"; none where any further word narrows or turns one."""
    parts = [part for part in re.split(r",|\bor\b", clause) if part.strip()]
    found = [whens_in(part) for part in parts]
    if all(len(whens) == 1 and _says_nothing_else(part) for part, whens in zip(parts, found, strict=True)):
        return set().union(*found)
    return set()


def _says_nothing_else(clause: str) -> bool:
    for _, phrase in _WHENS:
        clause = re.sub(rf"\b(?:{phrase})", " ", clause)
    link = r"\[[^\]]*\]"  # [private clusters][aks-private-clusters] of the page of 2020
    return not _TARGET_WORDS.sub("", re.sub(link, " ", clause)).strip()


def whens_in(text: str) -> set[When]:
    """Name the circumstances that a lower-case text speaks of."""
    return {when for when, phrase in _WHENS if re.search(rf"\b(?:{phrase})", text)}


def _taken_up(sentence: str, text: str, conditions: set[Condition]) -> bool:
    """Whether the next sentence's "However, … not required" took up what this one speaks of."""
    rest = text[text.index(sentence) + len(sentence) :].strip().lower()
    return bool(_BACK_REFERENCE.search(rest)) and any(
        condition.when in whens_in(sentence.lower()) for condition in conditions
    )


def digests(sentences: Iterable[str]) -> tuple[str, ...]:
    """Fingerprint sentences, so that a reworded one is seen without keeping its text."""
    folded = {" ".join(sentence.lower().split()) for sentence in sentences}
    return tuple(sorted(hashlib.sha256(sentence.encode()).hexdigest()[:16] for sentence in folded))
