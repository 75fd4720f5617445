"""The words of the page's tables in every language that Learn serves it in: facts, no logic.

Column headers seen on real pages come first in each row; the others are the dictionary's words for the
languages whose pages were not seen. A header that stands nowhere here is reported, never guessed.
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
    word.casefold()
    for word in (
        "Destination Endpoint",
        "Zielendpunkt",
        "Point de terminaison de destination",
        "Punto de conexión de destino",
        "Endpoint di destinazione",
        "Ponto de extremidade de destino",
        "Ponto final de destino",
        "送信先エンドポイント",
        "宛先エンドポイント",
        "대상 끝점",
        "대상 엔드포인트",
        "目标终结点",
        "目的地端點",
        "Конечная точка назначения",
        "Целевая конечная точка",
        "Docelowy punkt końcowy",
        "Cílový koncový bod",
        "Doeleindpunt",
        "Målslutpunkt",
        "Célvégpont",
        "Hedef Uç Nokta",
        "Крайна точка на местоназначението",
    )
)
"""Headers of a destination column whose rows are network rules."""

FQDN_HEADERS: Final = frozenset(
    word.casefold()
    for word in (
        "FQDN",
        "Destination FQDN",
        "Endpoint",
        "Ziel-FQDN",
        "Vollqualifizierter Domänenname",
        "Endpunkt",
        "FQDN de destination",
        "Nom de domaine complet",
        "Point de terminaison",
        "FQDN de destino",
        "Punto de conexión",
        "FQDN di destinazione",
        "Nome di dominio completo",
        "Ponto de extremidade",
        "Ponto final",
        "送信先 FQDN",
        "宛先 FQDN",
        "エンドポイント",
        "대상 FQDN",
        "엔드포인트",
        "目标 FQDN",
        "终结点",
        "目的地 FQDN",
        "端點",
        "Полное доменное имя",
        "Полное доменное имя назначения",
        "Целевое полное доменное имя",
        "Конечная точка",
        "Nazwa FQDN",
        "Docelowa nazwa FQDN",
        "Punkt końcowy",
        "Plně kvalifikovaný název domény",
        "Cílový plně kvalifikovaný název domény",
        "Cílový FQDN",
        "Koncový bod",
        "Doel-FQDN",
        "Eindpunt",
        "Målets FQDN",
        "Mål-FQDN",
        "Slutpunkt",
        "Cél FQDN",
        "Teljes tartománynév",
        "Végpont",
        "Hedef FQDN",
        "Uç Nokta",
        "Крайна точка",
    )
)
"""Headers of a destination column whose rows are application rules."""

_HEADERS: Final[dict[Column, tuple[str, ...]]] = {
    Column.PROTOCOL: (
        "Protocol",
        "Protokoll",
        "Protocole",
        "Protocolo",
        "Protocollo",
        "プロトコル",
        "프로토콜",
        "协议",
        "通訊協定",
        "Протокол",
        "Protokół",
        "Protokol",
        "Protokoll",
        "İletişim Kuralı",
    ),
    Column.PORT: (
        "Port",
        "Puerto",
        "Porta",
        "ポート",
        "포트",
        "端口",
        "連接埠",
        "埠",
        "Порт",
        "Poort",
        "Bağlantı Noktası",
        "Ports",
    ),
    Column.USE: (
        "Use",
        "Purpose",
        "Zweck",
        "Verwendung",
        "Verwendungszweck",
        "Utilisation",
        "Objectif",
        "Usage",
        "Uso",
        "Propósito",
        "Finalidad",
        "Scopo",
        "Utilização",
        "Finalidade",
        "用途",
        "目的",
        "使用",
        "사용",
        "용도",
        "목적",
        "使用方式",
        "Использование",
        "Назначение",
        "Применение",
        "Zastosowanie",
        "Eksploatacja",
        "Użycie",
        "Przeznaczenie",
        "Cel",
        "Použití",
        "Účel",
        "Gebruik",
        "Gebruiken",
        "Doel",
        "Användning",
        "Syfte",
        "Használat",
        "Használja",
        "Cél",
        "Kullanım",
        "Amaç",
        "Употреба",
        "Предназначение",
        "Цел",
    ),
}

HEADERS: Final[dict[str, Column]] = {
    word.casefold(): column for column, words in _HEADERS.items() for word in words
} | dict.fromkeys(NETWORK_HEADERS | FQDN_HEADERS, Column.DESTINATION)
"""Canonical column by casefolded header."""

OR_WORDS: Final = frozenset(
    (
        "or", "oder", "o", "ou", "oppure", "または", "또는", "或", "或者", "или", "lub", "oraz", "nebo", "of",
        "eller", "vagy", "veya",
    )
)  # fmt: skip
"""Words between alternatives. Machine translation into Polish wrote "and" (``Oraz``) for it."""

CLOUD_NOTES: Final[dict[str, Cloud]] = {
    note.casefold(): cloud
    for cloud, notes in {
        Cloud.US_GOVERNMENT: (
            "Azure 政府", "Azure 美国政府", "Azure für US-Behörden", "Azure für Behörden", "Azure US-Regierung",
            "Azure pour le gouvernement", "Azure para gobierno", "Azure para el gobierno", "Azure per enti pubblici",
            "Azure para administração pública", "Azure Governamental", "Azure 정부",
            "Azure для государственных организаций", "Azure dla instytucji rządowych", "Azure pro státní správu",
            "Azure voor de overheid", "Azure för myndigheter", "Azure Kamu",
        ),
        Cloud.CHINA: (
            "21Vianet が運営する Azure", "21Vianet によって運営される Azure", "Azure 中国", "由世纪互联运营的 Azure",
            "世纪互联运营的 Azure", "由 21Vianet 營運的 Azure", "von 21Vianet betriebenes Azure",
            "Azure betrieben von 21Vianet",
            "Azure exploité par 21Vianet", "Azure operado por 21Vianet", "Azure gestito da 21Vianet",
            "Azure operada pela 21Vianet", "21Vianet에서 운영하는 Azure", "Azure, управляемый 21Vianet",
            "Platforma Azure obsługiwana przez firmę 21Vianet", "Azure provozovaný společností 21Vianet",
            "Azure beheerd door 21Vianet", "Azure drivs av 21Vianet", "21Vianet tarafından işletilen Azure",
        ),
        Cloud.PUBLIC: (
            "Öffentliche Azure-Cloud", "Cloud public Azure", "Nube pública de Azure", "Cloud pubblico di Azure",
            "Nuvem pública do Azure", "Azure パブリック クラウド", "Azure 공용 클라우드",
            "Azure 公有云", "Azure 公用雲端",
        ),
    }.items()
    for note in notes
}  # fmt: skip
"""Whole notes that name a cloud, as they are translated. Part of one decides nothing: the rest may turn it round."""
