"""Any text as a code span of Markdown, where nothing in it is live: no mention, no link, no image and no HTML."""

from __future__ import annotations

import re

from aks_egress_catalog.text.visible import visible


def code(text: str) -> str:
    """Quote a text as a code span of one line; controls, direction marks and other unseen characters are shown.

    >>> print(code("*.x.io"), code("a`b"), code("@team"))
    `*.x.io` ``a`b`` `@team`
    """
    line = " ".join(visible(text).split()) or " "
    fence = "`" * (max(map(len, re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
