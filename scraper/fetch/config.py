"""The settings of ``fetch``, read from ``pages.toml``: which pages, from where, and how gently."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from aks_egress_catalog.errors import AksEgressError

PAGES_TOML: Final = Path(__file__).parents[1] / "pages.toml"
AUTHORITY: Final = "en-us"
"""The locale that is fetched as Markdown too: the second witness of the facts."""

_STRICT = ConfigDict(extra="forbid", strict=True)

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z]{4})?-[a-z]{2}$")]


class ConfigError(AksEgressError):
    """The configuration cannot be used as it stands. ``path`` is the file at fault."""

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class Form(StrEnum):
    """The forms in which Learn serves the article; the value is the ending of its file."""

    HTML = "html"
    MARKDOWN = "md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """One file to fetch: one locale of the article in one form, and where Learn serves it."""

    locale: str
    form: Form
    url: str

    @property
    def file_name(self) -> str:
        """The name of its file: ``de-de.html``, ``en-us.md``."""
        return f"{self.locale}.{self.form}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a run may cost the host and us. ``pages.toml`` says what each one bounds."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    concurrency: Count
    connect_seconds: Seconds
    read_seconds: Seconds
    page_seconds: Seconds
    page_bytes: Count
    attempts: Count
    redirects: Annotated[int, Field(ge=0)]
    first_wait_seconds: Seconds
    longest_wait_seconds: Seconds
    longest_retry_after_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]

    def __post_init__(self) -> None:
        if self.longest_retry_after_seconds >= self.page_seconds:
            raise ValueError("longest_retry_after_seconds must be below page_seconds, which counts the waits too")


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchConfig:
    """Where the article is, in which locales, and how we introduce ourselves."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    # Whoever can change a page on its way can open a firewall: nothing but https in pages.toml.
    base_url: Annotated[str, Field(pattern=r"^https://[^/?#@]+$")]
    article: Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]
    user_agent: Annotated[str, Field(pattern=r"^[a-z][a-z-]+[ /].*\(\+https://.+\)$")]
    locales: Annotated[tuple[Locale, ...], Field(min_length=1)]
    limits: Limits

    def __post_init__(self) -> None:
        if len(set(self.locales)) < len(self.locales):
            raise ValueError("locales names one twice")

    @property
    def robot_name(self) -> str:
        """What robots.txt calls us: RFC 9309's product token.

        The whole user agent would also match a group for the host of its contact address.
        """
        return self.user_agent.split("/")[0].split()[0]

    def copies(self, locales: Sequence[str] = ()) -> tuple[Copy, ...]:
        """What to fetch for the given locales, or for all.

        Raises:
            ConfigError: a locale is none of the configured ones.
        """
        if unknown := sorted(set(locales) - set(self.locales)):
            raise ConfigError(
                f"locales has no {', '.join(unknown)}. Add it, or choose from {', '.join(self.locales)}.",
                path=PAGES_TOML,
            )
        chosen = dict.fromkeys(locales or self.locales)
        forms = [(locale, Form.HTML) for locale in chosen]
        if AUTHORITY in chosen:
            forms.append((AUTHORITY, Form.MARKDOWN))
        return tuple(Copy(locale=locale, form=form, url=self._url(locale, form)) for locale, form in forms)

    def _url(self, locale: str, form: Form) -> str:
        query = {Form.HTML: "", Form.MARKDOWN: "?accept=text/markdown"}[form]
        return f"{self.base_url}/{locale}/{self.article}{query}"


def read_config(path: Path = PAGES_TOML) -> FetchConfig:
    """The configuration in ``path``.

    Raises:
        ConfigError: the file is absent, no TOML, or has unknown keys or wrong values; all are named.
    """
    try:
        with path.open("rb") as file:
            written = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read as TOML: {error}. Mend the file, or name another.", path=path) from error
    try:
        # By way of JSON, because pydantic's strict mode takes an object for a dataclass and an array for a
        # tuple only from there; strict, because "4" or true is no number of attempts.
        return TypeAdapter(FetchConfig).validate_json(json.dumps(written, default=str))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}" for fault in error.errors()]
        raise ConfigError(f"{'; '.join(faults)}. Mend what is named.", path=path) from error
