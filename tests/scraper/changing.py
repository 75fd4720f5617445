"""How a test changes one thing of today's page, and all in which the reading then departs from that of today's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.model import Rule
from scraper.build import shipped_reviewed
from scraper.language.reviewed import Reviewed
from scraper.page.page import parse_page
from scraper.reading.page_rules import PageReading, catalog_of, read_page
from tests.scraper.reviewing import ALL_REVIEWED

TODAY: Final = (Path(__file__).parents[2] / "scraper" / "snapshot" / "en-us.html").read_text(encoding="utf-8")
"""The embedded page: what each test changes one thing of."""

CORE: Final = "required-outbound-network-rules-and-fqdns-for-aks-clusters"
GLOBAL_NETWORK: Final = "azure-global-required-network-rules"
GLOBAL_FQDN: Final = "azure-global-required-fqdn--application-rules"
CHINA_NETWORK: Final = "microsoft-azure-operated-by-21vianet-required-network-rules"
CHINA_FQDN: Final = "microsoft-azure-operated-by-21vianet-required-fqdn--application-rules"
GOV_NETWORK: Final = "azure-us-government-required-network-rules"
GOV_FQDN: Final = "azure-us-government-required-fqdn--application-rules"
GPU: Final = "gpu-enabled-aks-clusters-required-fqdn--application-rules"
WINDOWS: Final = "windows-server-based-node-pools-required-fqdn--application-rules"
ADD_ONS: Final = "aks-features-add-ons-and-integrations"
MONITOR: Final = (
    "azure-monitor---managed-prometheus-container-insights-and-azure-monitor-application-insights-autoinstrumentation"
)
MONITOR_NETWORK: Final = "required-network-rules"
MONITOR_PUBLIC: Final = "azure-public-cloud-required-fqdn--application-rules"
MONITOR_CHINA: Final = "microsoft-azure-operated-by-21vianet-cloud-required-fqdn--application-rules"
MONITOR_GOV: Final = "azure-government-cloud-required-fqdn--application-rules"
POLICY_PUBLIC: Final = "azure-policy-required-fqdn--application-rules"
POLICY_CHINA: Final = "microsoft-azure-operated-by-21vianet-required-fqdn--application-rules-1"
POLICY_GOV: Final = "azure-us-government-required-fqdn--application-rules-1"
COST: Final = "aks-cost-analysis-add-on-required-fqdn--application-rules"
KEY_VAULT: Final = "azure-key-vault-provider-for-secrets-store-csi-driver-required-fqdn--application-rules"

ROW: Final = f"{GPU}/table[1]/row[1]"
"""Where the row stands that most tests change: nvidia.github.io, HTTPS:443, in all three clouds."""
NVIDIA_CELL: Final = "<td><strong><code>nvidia.github.io</code></strong></td>"
PORT_CELL: Final = "<td><strong><code>HTTPS:443</code></strong></td>"
USE_CELL: Final = "<td>Drivers of GPU nodes: to install them and keep them working.</td>"
LAST_ROW: Final = f"<tr>\n<td><strong><code>download.docker.com</code></strong></td>\n{PORT_CELL}\n{USE_CELL}\n</tr>\n"

FQDN: Final = ("FQDN", "Port", "Use")
NETWORK: Final = ("Destination Endpoint", "Protocol", "Port", "Use")


# ---------------------------------------------------------------- what a change does


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All in which the reading of a changed page departs from that of today's, text and sources included.

    ``reported`` and ``resolved`` are the findings that came and went, as ``severity code place``.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    altered: frozenset[str] = frozenset()
    reported: frozenset[str] = frozenset()
    resolved: frozenset[str] = frozenset()


def differs(
    *,
    added: Iterable[str] = (),
    removed: Iterable[str] = (),
    altered: Iterable[str] = (),
    reported: Iterable[str] = (),
    resolved: Iterable[str] = (),
) -> Difference:
    """What is expected of a change; whatever is not named must be as it was."""
    return Difference(
        added=frozenset(added),
        removed=frozenset(removed),
        altered=frozenset(altered),
        reported=frozenset(reported),
        resolved=frozenset(resolved),
    )


@cache
def today() -> PageReading:
    return read_page(parse_page(TODAY), reviewed=ALL_REVIEWED)


@cache
def known() -> Catalog:
    return catalog_of(today())


def read(html: str, reviewed: Reviewed = ALL_REVIEWED) -> PageReading:
    """Read a changed page as the day's build would, with the last catalog to recognize renamed sections by."""
    assert html != TODAY, "the change changes nothing"
    return read_page(parse_page(html), reviewed=reviewed, known=known())


def difference(html: str, reviewed: Reviewed = ALL_REVIEWED) -> Difference:
    """Read a changed page and hold it against today's; new sentences are reviewed, and mean nothing."""
    was, now = today(), read(html, reviewed)
    before, after = _rules(was), _rules(now)
    return differs(
        added=after.keys() - before.keys(),
        removed=before.keys() - after.keys(),
        altered={name for name in before.keys() & after.keys() if before[name] != after[name]},
        reported=_short(set(now.findings) - set(was.findings)),
        resolved=_short(set(was.findings) - set(now.findings)),
    )


def _rules(reading: PageReading) -> dict[str, tuple[Rule, tuple[str, ...]]]:
    return {rule.id: (rule, reading.texts.get(rule.id, ())) for rule in reading.rules}


def _short(findings: Iterable[object]) -> set[str]:
    return {f"{f.severity} {f.code} {str(f.at).removeprefix('en-us#')}" for f in findings}  # type: ignore[attr-defined]


def strictly(html: str) -> Difference:
    """Read a changed page with the sentences alone that this project has reviewed."""
    return difference(html, shipped_reviewed())


def rule(html: str, name: str) -> Rule:
    """One rule of a changed page."""
    return next(rule for rule in read(html).rules if rule.id == name)


def everywhere(*names: str) -> set[str]:
    """Ids of rules that hold in all three clouds."""
    return {f"{cloud}/{name}" for cloud in ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud") for name in names}


def of(feature: str, cloud: str = "") -> set[str]:
    """Ids of today's rules of a feature, in one cloud or in all."""
    return {rule.id for rule in today().rules if rule.feature == feature and cloud in ("", rule.cloud)}


def under(heading: str) -> set[str]:
    """Ids of today's rules that stand under a heading."""
    return {rule.id for rule in today().rules if any(source.heading == heading for source in rule.sources)}


NVIDIA: Final = everywhere("gpu/nvidia.github.io:tcp-443")
OTHER_GPU: Final = everywhere("gpu/us.download.nvidia.com:tcp-443", "gpu/download.docker.com:tcp-443")
TUNNEL: Final = "AzureCloud/core/any:udp-1194"
NTP: Final = "AzureCloud/core/any:udp-123"
B: Final = "gpu/b.contoso.com:tcp-443"


# ---------------------------------------------------------------- how a page is changed


def swap(old: str, new: str) -> str:
    """Put one thing in place of another that stands on the page exactly once."""
    assert TODAY.count(old) == 1, f"{old!r} stands {TODAY.count(old)} times on the page"
    return TODAY.replace(old, new)


def section(heading: str) -> str:
    """The HTML from a heading to the next one."""
    found = re.search(rf'<h\d id="{re.escape(heading)}">.*?(?=<h\d )', TODAY, re.DOTALL)
    assert found, heading
    return found.group()


def within(heading: str, old: str, new: str, *, times: int = 1) -> str:
    """Change something in one section, in its first places."""
    part = section(heading)
    assert part.count(old) >= times, f"{old!r} stands {part.count(old)} times under {heading}"
    return TODAY.replace(part, part.replace(old, new, times))


def append(heading: str, html: str) -> str:
    """Put something at the end of a section."""
    return TODAY.replace(section(heading), section(heading) + html)


def retitle(heading: str, title: str) -> str:
    """Give a heading other words, and keep its id."""
    return re.sub(rf'(<h(\d) id="{re.escape(heading)}">)[^<]*(?=</h\2>)', lambda head: head[1] + title, TODAY)


def destination(cell: str) -> str:
    return swap(NVIDIA_CELL, f"<td>{cell}</td>")


def port(cell: str) -> str:
    return within(GPU, PORT_CELL, f"<td>{cell}</td>")


def use(cell: str) -> str:
    return within(GPU, USE_CELL, f"<td>{cell}</td>")


def table(*rows: tuple[str, ...], header: tuple[str, ...] = FQDN) -> str:
    """Write a table as Learn does."""
    head = "".join(f"<th>{name}</th>\n" for name in header)
    body = "".join("<tr>\n" + "".join(f"<td>{cell}</td>\n" for cell in row) + "</tr>\n" for row in rows)
    return f"<table>\n<thead>\n<tr>\n{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>\n"


TABLE: Final = table(("<strong><code>b.contoso.com</code></strong>", "<strong><code>HTTPS:443</code></strong>", "B."))


def tabs(**panels: str) -> str:
    """Write a tab group as Learn serves it, all panels but the first hidden; ``_`` in a title is a blank."""
    heads = "".join(
        f'<li role="presentation"><a href="#tabpanel_1_{n}" role="tab" aria-controls="tabpanel_1_{n}">'
        f"{title.replace('_', ' ')}</a></li>"
        for n, title in enumerate(panels)
    )
    bodies = "".join(
        f'<section id="tabpanel_1_{n}" role="tabpanel"{HIDDEN if n else ""}>{body}</section>'
        for n, body in enumerate(panels.values())
    )
    return f'<div class="tabGroup" id="tabgroup_1"><ul role="tablist">{heads}</ul>{bodies}</div>'


HIDDEN: Final = ' aria-hidden="true" hidden="hidden"'


def heading(level: int, name: str, title: str) -> str:
    return f'<h{level} id="{name}">{title}</h{level}>\n'
