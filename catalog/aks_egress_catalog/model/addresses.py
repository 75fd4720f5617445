"""The one reader of address ranges: whatever gives one to a profile, a catalog or a firewall has passed here."""

from __future__ import annotations

import ipaddress


def network(text: object) -> str:
    r"""Read an address or a range, and write it as the range that it is: digits, dots, colons and one slash.

    Raises:
        ValueError: it is none. A scope (``fe80::1%eth0``) is refused: it may hold any character whatever, a line break
            too, and means nothing to a firewall.

    >>> network("192.0.2.7"), network("2001:DB8::/32")
    ('192.0.2.7/32', '2001:db8::/32')
    """
    if not isinstance(text, str):
        raise ValueError(f"{text!a} is a {type(text).__name__}, not the text of an address")  # noqa: TRY004  - as promised
    if "%" in text:
        raise ValueError(f"{text!a} has a scope, which no firewall rule can have")
    return str(ipaddress.ip_network(text))
