"""Conditions and constraints from the English text of a row, a note or a line of prose.

The article states circumstances in a handful of sentence forms. Each form is read on its own; a sentence that
speaks of a circumstance in a form that is not known yields nothing and is told, never guessed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aks_egress_catalog.model import Condition, Constraint, Effect, When

_WHENS: Final = (
    (When.PRIVATE_CLUSTER, r"private (?:aks )?clusters?"),
    (When.KONNECTIVITY_AGENT, r"konnectivity(?:-| )agent|konnectivity enabled"),
    (When.CUSTOM_DNS, r"custom dns"),
    (
        When.PODS_USE_API_SERVER_IP,
        r"pods?(?:/deployments?)?\b[^.;]{0,60}?\b(?:access(?:ing)?|us(?:e|ing)|talk(?:ing)? to)\b"
        r"[^.;]{0,20}\bapi server",
    ),
    (When.PODS_USE_API_SERVER_IP, r"app(?: or solution)? that needs to talk to the api server"),
    (When.AZURE_FIREWALL_NETWORK_RULES, r"azure firewall network rules?"),
    (When.CLUSTER_EXISTS, r"after (?:the )?cluster (?:creation|is created)"),
    (When.NODES_AFTER_2021_03, r"nodes? (?:that were )?(?:provisioned|created) after march 2021"),
    (When.NETWORK_ISOLATED, r"network[- ]isolated (?:aks )?clusters?"),
    (When.PRIVATE_ENDPOINT, r"private endpoints?|private link"),
)
_NEGATION: Final = r"(?:n['’]t|n?not|no longer)\s+(?:be\s+)?(?:required|needed|necessary)"
_NOT_REQUIRED: Final = re.compile(_NEGATION)
_TARGETS: Final = re.compile(rf"{_NEGATION}\s+((?:for|in|on|if|when|with)\b.*?)(?:\bbecause\b|\bas\b|\bsince\b|[.;]|$)")
_LEADING: Final = re.compile(rf"^((?:for|on|in|if|when|with)\b[^,]*),.*{_NEGATION}")
_BACK_REFERENCE: Final = re.compile(
    r"^(?:however|therefore|so|thus),?\s+(?:then )?(?:this|that|it|the)\b(?: (?:rule|port|address|endpoint))?"
    rf"[^,]*?{_NEGATION}"
)
_SUBJECT: Final = re.compile(r"^([^,.]*?\b(?:clusters?|endpoints?|nodes?|servers?))\b")
_TARGET_WORDS: Final = re.compile(
    r"\b(?:for|in|on|if|when|with|the|a|an|your|you're|you|are|is|be|to|use|uses|using|used|have|has|that|there"
    r"|only|run|running|known|clusters?|nodes?|servers?|enabled|feature|add-on)\b|[^\w']"
)
_PODS_SAID: Final = (
    r"pods?(?:/deployments?)?(?:,? (?:like|such as) [\w ]{1,40},)?(?: that| which| directly)*"
    r" (?:access(?:ing)?|us(?:e|ing)|talk(?:ing)? to) (?:the )?api server"
    r"(?: (?:by|at|through) its (?:public )?(?:ip address|address|ip))?"
    r"(?: ?\((?:like|such as) [\w ]{1,40}\))?"
    r"(?:, (?:those|the) pods?(?:/deployments?)? (?:would |will )?use the api (?:server )?ip(?: address)?)?"
)
"""All that a sentence may say of pods without narrowing or turning them: ``whens_in`` would pass over more."""
_ONLY_IF: Final = re.compile(r"^(.*?)\b(?:required|needed|necessary)\s+(?:only\s+)?((?:if|when)\b.*)$")
_SUBJECT_OF_ONLY_IF: Final = re.compile(
    r"(?:(?:this|that|the|it|they)(?:['’]s)?(?: (?:rule|port|address|endpoint|fqdn|host|domain)s?)?"
    r"(?: is| are)?(?: only)?|only"
    r"|(?:tcp|udp) (?:port \d+(?: for dns)?|\[ipaddrofyourapiserver\]: ?\d+) is(?: also| only)?)? ?"
)
"""Who is required. "Also" adds to what is required anyway, except where the subject is another port than the row's."""
_IF_MUST: Final = re.compile(r"^((?:if|when)\b[^,]*),(.*\b(?:must|required|need(?:ed|s)?|have to)\b.*)$")
_THIS: Final = r"(?:this|it|that|them|(?:this|the|that) (?:rule|port|address|endpoint|fqdn|host))"
_MUST_ALLOW: Final = re.compile(
    rf"(?:you|(?:the |your )?(?:cluster )?nodes|(?:the |your )?clusters?) (?:must|needs? to|have to|has to)"
    rf" (?:open|allow|permit|reach|access) {_THIS}(?: here)?"
    r"|you (?:must|need to|have to) (?:ensure|make sure) (?:that )?(?:they|it|this)(?:['’]re|['’]s| is| are)"
    r" (?:accessible|reachable|allowed) (?:by|from|for) (?:the |your )?(?:cluster )?nodes"
    rf"|{_THIS} (?:is|are) (?:required|needed|necessary)|{_THIS} must be (?:open|opened|allowed|reachable|accessible)"
)
"""What follows from the circumstance has to be that this very endpoint is let through, and nothing else."""
_NOTE_IF: Final = re.compile(r"^((?:if|when|only)\b.*)$")
_CIRCUMSTANCE: Final = re.compile(
    r"\b(?:if|when|whenever|where|while|once|unless|until|except|only|otherwise|provided|as long as|in case)\b"
)
_OPENS_WITH_CIRCUMSTANCE: Final = re.compile(r"^(?:for|in|on|with)\b")
_REQUIRES: Final = re.compile(r"\b(?:required?|requires|needed|needs?|necessary|must|have to|allow|open|keep)\b")
_AGAIN: Final = re.compile(
    rf"{_CIRCUMSTANCE.pattern}|\b(?:however|but|yet|still|again|nevertheless|though|although)\b"
    r"|\b(?:for|in|on|with)\b.{0,60}\b(?:clusters?|nodes|pools?|fqdns?)\b"
)
_REQUIRED_FOR: Final = re.compile(r"\b(?:required|needed|necessary)\b(.*)")
_TURNED: Final = re.compile(
    r"\bunless\b|\bexcept\b|\bother than\b|\bnon-|\bwithout\b|\bdisabled\b|\bnot\b|n['’]t\b|\bpublic\b"
)
_DENIED: Final = re.compile(r"n['’]t\b|\bnot\b|\bnever\b|\bno longer\b")
_OR: Final = re.compile(r"\bor\b")
_ALPN: Final = re.compile(r"\balpn\b|application-layer protocol negotiation")
_ALPN_KEPT: Final = re.compile(r"\b(?:block|rewrit|strip|remov|alter|modif|inspect|must|uses?\b|relies)")
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
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|\n")


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

    ``of_rule`` says that the text describes a rule: there, more sentences may well mean a condition than in prose.

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
        if _WATCHED.search(lowered) or (of_rule and not found and not kept and _SPEAKS.search(lowered)):
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
        return _only_if(only.group(2), stated=_names_whom(only.group(1)))
    must = _IF_MUST.match(sentence)
    if must:
        return _only_if(must.group(1), stated=bool(_MUST_ALLOW.fullmatch(must.group(2).strip(" ."))))
    stressed = _REQUIRED_FOR.search(sentence)
    if stressed and not _TURNED.search(stressed.group(1)) and not _DENIED.search(sentence[: stressed.start()]):
        return [Condition(effect=Effect.REQUIRED_IF, when=when) for when in whens_in(stressed.group(1))]
    return []


def _names_whom(subject: str) -> bool:
    """Say whether what stands before "required if" is a description and this endpoint, and adds to nothing."""
    *told, whom = re.split(r"[;:](?: |\Z)", subject.strip())
    return bool(_SUBJECT_OF_ONLY_IF.fullmatch(whom)) and not any(map(_narrows, told))


def _narrows(clause: str) -> bool:
    clause = clause.strip()
    return bool(_CIRCUMSTANCE.search(clause) or _OPENS_WITH_CIRCUMSTANCE.search(clause) or whens_in(clause))


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
    """Say whether the words around an excuse may take it back or narrow it."""
    return bool(_CIRCUMSTANCE.search(clause) or re.search(r"^(?:for|in|on|with)\b.*,", clause))


def _requires_again(sentence: str) -> bool:
    """Say whether a sentence requires the rule of somebody after all."""
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
        said = _PODS_SAID if phrase.startswith("pods") else phrase
        clause = re.sub(rf"\b(?:{said})", " ", clause)
    return not _TARGET_WORDS.sub("", re.sub(r"\[[^\]]*\]|[\[\]]", " ", clause)).strip()


def whens_in(text: str) -> set[When]:
    """Name the circumstances that a lower-case text speaks of."""
    return {when for when, phrase in _WHENS if re.search(rf"\b(?:{phrase})", text)}


def _taken_up(sentence: str, text: str, conditions: set[Condition]) -> bool:
    """Say whether the next sentence's "However, … not required" took up what this one speaks of."""
    rest = text[text.index(sentence) + len(sentence) :].strip().lower()
    return bool(_BACK_REFERENCE.search(rest)) and any(
        condition.when in whens_in(sentence.lower()) for condition in conditions
    )


def digests(sentences: Iterable[str]) -> tuple[str, ...]:
    """Fingerprint sentences, so that a reworded one is seen without keeping its text."""
    folded = {" ".join(sentence.lower().split()) for sentence in sentences}
    return tuple(sorted(hashlib.sha256(sentence.encode()).hexdigest()[:16] for sentence in folded))
