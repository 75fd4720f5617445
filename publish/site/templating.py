"""Templates: text in, bytes out, and nothing that comes from a page ever becomes markup.

Everything is escaped, an unknown name is an error, and signs that nobody sees are shown as U+FFFD before they reach a
page; only the descriptions of a language keep those that it is written with.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import posixpath
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup, escape

from aks_egress_catalog.render.words import describe
from aks_egress_catalog.text.visible import visible
from publish.site.addresses.slugs import rule_path
from publish.site.content.questions import control_of, is_on
from publish.site.words import labels
from publish.site.words.glossary import destination_anchor, destination_words

STATIC: Final = Path(__file__).with_name("static")
_TEMPLATES: Final = Path(__file__).with_name("templates")
_HIDDEN: Final = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_IMPORT: Final = re.compile(r'^import .*?"(\.\.?/[a-z./-]+\.js)";$', re.MULTILINE)
_PLACEHOLDER: Final = re.compile(r"(\{[^}]*\})")
_FIRST: Final = "first.css"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{digest}'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'self'"
)


def prose(text: str) -> str:
    r"""Show characters that nobody would see or that would turn a text around; joiners and the like stay.

    >>> prose("a\u202eb"), prose("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645").count("\ufffd")
    ('a\ufffdb', 0)
    """
    return "".join(visible(one) if one in _TURNING or unicodedata.category(one) in _HIDDEN else one for one in text)


def host_markup(value: object) -> Markup:
    """Write a destination in its flat form, with each placeholder marked as one.

    >>> str(host_markup("*.hcp.{region}.azmk8s.io"))
    '*.hcp.<var>{region}</var>.azmk8s.io'
    """
    pieces = _PLACEHOLDER.split(visible(str(value)))
    marked = (
        Markup("<var>{}</var>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )
    return Markup().join(marked)


def parted(name: str) -> Markup:
    """Let a name such as AzureUSGovernment be broken between its words, where there is no room for it.

    >>> str(parted("AzureUSGovernment"))
    'Azure<wbr>US<wbr>Government'
    """
    return Markup("<wbr>").join(re.split(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", visible(name)))


def is_web(address: str) -> bool:
    """Whether an address of a page may be linked: anything but https stays text."""
    return re.fullmatch(r"https://[A-Za-z0-9.-]+(?:[/?#][!-~]*)?", address) is not None


@cache
def modules(script: str) -> tuple[str, ...]:
    """Every script that one makes a browser load, itself first: they are asked for at once and not one by one.

    >>> modules("site.js")
    ('site.js', 'dom.js')
    """
    found = [script]
    for name in found:
        named = _IMPORT.findall((STATIC / name).read_text(encoding="utf-8"))
        paths = [posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) for one in named]
        found += [one for one in dict.fromkeys(paths) if one not in found]
    return tuple(found)


def static_files() -> dict[str, bytes]:
    """What is served as it is, by path below ``static/``; the style sheets as one."""
    found = {file.relative_to(STATIC).as_posix(): file.read_bytes() for file in STATIC.rglob("*") if file.is_file()}
    first = found.pop(_FIRST)
    return dict(sorted((found | {"site.css": first + b"\n" + found["site.css"]}).items()))


@cache
def policy() -> str:
    """The Content-Security-Policy of every page: its own files, no inline script, and one inline style: that.

    >>> policy()[:46]
    "default-src 'none'; script-src 'self'; style-s"
    """
    style = _environment().get_template(_FIRST).render()
    return _POLICY.format(digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode())


def render(template: str, **values: object) -> bytes:
    """Fill a template of this package.

    Raises:
        jinja2.UndefinedError: the template uses a name that was not given.
    """
    return _environment().get_template(template).render(**values).encode()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_TEMPLATES, STATIC]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals |= {
        "policy": policy,
        "levels": labels.LEVELS,
        "former": labels.FORMER,
        "states": labels.STATES,
    }
    environment.filters |= {
        "host": host_markup,
        "parted": parted,
        "prose": lambda text: Markup("{}").format(prose(text)),
        "path": rule_path,
        "day": _day,
        "count": labels.count_text,
        "cloud_meaning": labels.cloud_meaning,
        "feature_title": labels.feature_title,
        "feature_meaning": labels.feature_meaning,
        "condition": labels.condition_text,
        "constraint": labels.constraint_text,
        "language": labels.language,
        "describe": describe,
        "destination_words": destination_words,
        "destination_anchor": destination_anchor,
        "control": control_of,
        "is_on": is_on,
        "modules": lambda script: modules(str(script)),
    }
    environment.tests |= {"web": is_web}
    return environment


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup | jinja2.Undefined) else visible(str(value))


def _day(day: dt.date) -> Markup:
    """A day, as a reader reads it and as a program does."""
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), labels.day_text(day))
