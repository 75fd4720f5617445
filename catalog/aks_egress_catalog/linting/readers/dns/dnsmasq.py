"""dnsmasq.conf: the names whose addresses it puts into sets of a filter (``nftset=/…/``, ``ipset=/…/``).

``/x/`` is ``x`` and all names below it. What a set is for, the filter says: the sets of our own exports are named after
the port (``tcp_443_4``), and any other is taken for every port.
"""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "dnsmasq"
_LINE: Final = re.compile(r"^[ \t]*(?:nftset|ipset)[ \t]*=[ \t]*(?P<names>/[^#\n]*/)(?P<sets>[^\n]*)$", re.MULTILINE)
_SET: Final = re.compile(r"(?:^|#)(tcp|udp)_(\d{1,5})_[46]\b")


def recognises(source: Source) -> bool:
    r"""Say whether a file has lines that fill sets.

    >>> recognises(Source("dnsmasq.conf", "nftset=/x.io/4#inet#t#s\n"))
    True
    """
    return _LINE.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read the lines that fill sets; each is a rule."""
    draft = Draft(source, NAME)
    for line in _LINE.finditer(source.text):
        services = {(one[1].upper(), int(one[2])) for one in _SET.finditer(line["sets"])}
        rule = ListRule(
            name=line[0].strip()[:80],
            place=source.place(*line.span()),
            services=tuple(Service(protocol=name, first=port, last=port) for name, port in sorted(services))
            or EVERY_SERVICE,
            names_below=True,
        )
        for found in re.finditer(r"[^/]+", line["names"]):
            word = Word(found[0], line.start("names") + found.start(), line.start("names") + found.end(), source)
            any_name = found[0] == "#"
            draft.entry(word, Form.ANY if any_name else Form.NAME, "*" if any_name else f".{found[0].lower()}", rule)
    return draft.reading
