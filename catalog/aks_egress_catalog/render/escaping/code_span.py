"""Any text as a span or a block of code in Markdown, where nothing in it is live: no mention, link, image or HTML."""

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


def fenced(text: str) -> str:
    r"""Quote lines as a block of code, within a fence that is longer than any in them.

    >>> print(fenced("a: 1\n"))
    ```
    a: 1
    ```
    """
    lines = [visible(line) for line in text.splitlines()]
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0))
    return "\n".join((fence, *lines, fence))
