r"""The first half of each query: from a table of a firewall to denied endpoints, each once.

Out come ``Host`` (lower case, no port, no dot at its end; ``@sni`` where a client named none), ``Port`` (0: untold),
``Protocol`` (``TCP``, ``UDP`` or empty), ``Hits``, ``First``, ``Last``, ``Sources`` (twenty, in one text) and
``SourceCount``. What no allow list decides is left out: threat intelligence, IDPS, TLS errors, failed resolution.

There is no filter on the time: that is the picker's, or the ``timespan`` of the API.
"""

from __future__ import annotations

from typing import Final

_DENIALS: Final = '"Deny", "Denied", "Drop", "Dropped", "Reject", "Block"'
_NO_ALLOW_LIST: Final = (
    r"(?i)threat[ _-]?intel|\bid(p|s|ps)\b|intrusion|signature|resolv|resolution|dns"
    r"|\b(tls|ssl)\b|certificate|handshake|decrypt"
)
"""In the reason of a denial: something else than an allow list decided. The decoders of ``explain`` say the same."""
_NO_SNI: Final = r"(?i)\bSNI\b"
"""In the reason of a denial: a TLS handshake named no host. That is for an allow list to decide."""
IPV4: Final = r"^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.|$)){4}$"
NAME: Final = r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?([.][a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$"
"""A host name, as ``hosts.endpoint`` has it."""
_URL_HOST: Final = r"^([^:/?#]+://)?([^/?#@]*@)?([^/?#:]+)"

_APPLICATION: Final = rf"""
| where Action in~ ({_DENIALS})
| extend NoSni = ActionReason matches regex @"{_NO_SNI}"
| where NoSni or not(ActionReason matches regex @"{_NO_ALLOW_LIST}")
| extend Host = case(NoSni, "@sni", isempty(Fqdn), extract(@"{_URL_HOST}", 3, TargetUrl), Fqdn),
  Port = coalesce(DestinationPort, 0), Protocol = "TCP", Source = SourceIp"""
_NETWORK: Final = rf"""
| where Action in~ ({_DENIALS})
| where not(ActionReason matches regex @"{_NO_ALLOW_LIST}")
| extend Host = DestinationIp, Port = coalesce(DestinationPort, 0), Source = SourceIp,
  Protocol = iff(toupper(Protocol) in ("TCP", "UDP"), toupper(Protocol), "")"""
_SENTENCE: Final = (
    r"^\s*([A-Za-z]+(?: Type=\d+)?)\s+request from (\S+?)(?: to (\S+?))?\.? (?:Url: (\S*) )?Action: (\w+)\.?((?s:.*))"
)
"""Protocol, source, destination, URL, action and the rest, in all shapes of the legacy message."""
_OTHERS: Final = r"ThreatIntel:|\b(Signature|IDS): |Failed to resolve"
_DIAGNOSTICS: Final = rf"""
| where Category startswith "AzureFirewall" and msg_s has "request from"
| extend Action = extract(sentence, 5, msg_s), Why = extract(sentence, 6, msg_s), To = extract(sentence, 3, msg_s)
| where Action in~ ({_DENIALS})
| extend Why = iff(Why matches regex @"^\s*No rule matched|\bRule: " and not(Why matches regex @"{_OTHERS}"), "", Why)
| extend NoSni = Why matches regex @"{_NO_SNI}"
| where NoSni or not(Why matches regex @"{_NO_ALLOW_LIST}")
| extend Protocol = toupper(extract(sentence, 1, msg_s)), Source = extract(sentence, 2, msg_s)
| extend Protocol = case(Protocol in ("TCP", "UDP"), Protocol, Protocol in ("HTTP", "HTTPS", "MSSQL"), "TCP", ""),
  Host = iff(isempty(To), extract(@"{_URL_HOST}", 3, extract(sentence, 4, msg_s)), To)
| extend Host = iff(NoSni or isempty(Host), "@sni", Host), Port = coalesce(toint(extract(@":(\d+)$", 1, To)), 0),
  Source = replace_regex(Source, @"^(.+):\d+$", @"\1")"""
_BOTH: Final = r"""
| extend Host = tolower(trim(@"\s+", Host))
| extend Host = replace_regex(replace_regex(Host, @"^([^:]*):\d*$", @"\1"), @"[.]+$", "")"""
_SUMS: Final = """
| summarize Hits = count(), First = min(TimeGenerated), Last = max(TimeGenerated), Sources = make_set(Source, 20),
  SourceCount = dcount(Source)"""
TABLES: Final = {
    "AZFWApplicationRule": _APPLICATION,
    "AZFWNetworkRule": _NETWORK,
    "AzureDiagnostics": _DIAGNOSTICS,
}
"""The tables of Azure Firewall, the structured ones and the old one, and how each is read."""
SETTINGS: Final = {"AzureDiagnostics": f'let sentence = @"{_SENTENCE}";\n'}
"""What stands before a query, because reading the table needs it several times."""


def denied(table: str, *, filtered: str = "", sums: str = "", by: str = "") -> str:
    """Write the first half of the query for a table.

    ``filtered`` are lines that see each row, with ``Source`` as the address that it came from; ``sums`` and ``by`` are
    further columns of an endpoint, each with a comma before it.
    """
    return f"{table}{TABLES[table]}{filtered}{_BOTH}{_SUMS}{sums} by Host, Port, Protocol{by}"
