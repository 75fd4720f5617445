"""The address of a rule's page: made from its id alone, so that it stays as long as the id does.

Cloud and feature are folders, the endpoint is the file. Three signs of an id are not welcome in addresses or file
names, and are written so that a person still reads them: ``*`` as ``~``, ``{region}`` as ``~region~`` and ``:`` as
``_``. An id that could not be read back from that (none on the page today) gets a digest at its end.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")
_WRITTEN: Final = re.compile(r"~([a-z]+)~|~")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.~_-]+")
_LONGEST: Final = 150
_DIGITS: Final = 12


def rule_path(name: str) -> str:
    """Give the path of a rule's page within the site, by the rule's id. No two ids share one.

    >>> rule_path("AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443")
    'rules/AzureCloud/core/~.hcp.~region~.azmk8s.io_tcp-443.html'
    """
    cloud, feature, endpoint = name.split("/", 2)
    plain = _PLACEHOLDER.sub(r"~\1~", endpoint.replace("*", "~")).replace(":", "_")
    if _UNSAFE.search(plain) or len(plain) > _LONGEST or _endpoint(plain) != endpoint:
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
        plain = f"{_UNSAFE.sub('-', plain)[:_LONGEST]}~~{digest}"
    return f"rules/{cloud}/{feature}/{plain}.html"


def _endpoint(plain: str) -> str:
    """Read the endpoint back from how it is written in an address."""
    return _WRITTEN.sub(lambda sign: f"{{{sign[1]}}}" if sign[1] else "*", plain.replace("_", ":"))
