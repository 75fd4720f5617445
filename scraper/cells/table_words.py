"""The words of the page's tables in every language in which a page was seen: facts, no logic.

A header that is not listed here is reported, never guessed. A translated page with such a header takes the columns
of the en-us table in the same place (``witnesses/machine_rows.py``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from aks_egress_catalog.model import Cloud


class Column(StrEnum):
    """The canonical columns."""

    DESTINATION = "destination"
    PROTOCOL = "protocol"
    PORT = "port"
    USE = "use"


NETWORK_HEADERS: Final = frozenset(
    (
        "destination endpoint", "zielendpunkt", "punto de conexión de destino", "endpoint di destinazione",
        "送信先エンドポイント", "대상 끝점", "目标终结点", "docelowy punkt końcowy", "cílový koncový bod",
    )
)  # fmt: skip
"""Headers of a destination column whose rows are network rules, casefolded as all headers here."""

FQDN_HEADERS: Final = frozenset(
    (
        "fqdn", "destination fqdn", "endpoint", "ziel-fqdn", "endpunkt", "fqdn de destino", "fqdn di destinazione",
        "nome di dominio completo", "送信先 fqdn", "エンドポイント", "대상 fqdn", "目标 fqdn", "终结点", "nazwa fqdn",
        "docelowa nazwa fqdn", "plně kvalifikovaný název domény", "cílový plně kvalifikovaný název domény",
    )
)  # fmt: skip
"""Headers of a destination column whose rows are application rules."""

_PROTOCOL_HEADERS: Final = (
    "protocol", "protokoll", "protocolo", "protocollo", "プロトコル", "프로토콜", "协议", "protokół", "protokol",
)  # fmt: skip
_PORT_HEADERS: Final = ("port", "porta", "ポート", "포트", "端口")
_USE_HEADERS: Final = (
    "use", "purpose", "zweck", "verwendung", "utilisation", "uso", "用途", "目的", "사용", "zastosowanie",
    "eksploatacja", "použití",
)  # fmt: skip

HEADERS: Final[dict[str, Column]] = (
    dict.fromkeys(NETWORK_HEADERS | FQDN_HEADERS, Column.DESTINATION)
    | dict.fromkeys(_PROTOCOL_HEADERS, Column.PROTOCOL)
    | dict.fromkeys(_PORT_HEADERS, Column.PORT)
    | dict.fromkeys(_USE_HEADERS, Column.USE)
)
"""Canonical column by casefolded header."""

OR_WORDS: Final = frozenset(("or", "oder", "o", "または", "또는", "或", "lub", "oraz", "nebo"))
"""Words between alternatives. Machine translation into Polish wrote "and" (``Oraz``) for it."""

CLOUD_NOTES: Final[dict[str, Cloud]] = {
    "azure 政府": Cloud.US_GOVERNMENT,
    "21vianet が運営する azure": Cloud.CHINA,
    "由世纪互联运营的 azure": Cloud.CHINA,
    "von 21vianet betriebenes azure": Cloud.CHINA,
}
"""Whole notes that name a cloud, as they are translated. Part of one decides nothing: the rest may turn it round."""
