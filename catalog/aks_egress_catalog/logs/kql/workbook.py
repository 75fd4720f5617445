"""A workbook for Azure Monitor, as an ARM template: what was denied, and which of it AKS needs.

Its queries read the rules from the file of the newest release, so that nobody has to edit it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.kql.query import Asks, kql_query
from aks_egress_catalog.logs.kql.rows.answers import Answers
from aks_egress_catalog.logs.kql.rules_file import LATEST

FILE: Final = "workbook.json"
API_VERSION: Final = "2022-04-01"
_NAMESPACE: Final = "aks-egress-catalog workbook"
_WORKSPACES: Final = "microsoft.operationalinsights/workspaces"
_RULES: Final = "{Rules}"
"""A parameter of the workbook: it is replaced in the text of each query before that runs."""
_OF_CLUSTER: Final = """
| where isempty("{Subnets}") or ipv4_is_in_any_range(Source, split("{Subnets}", ","))"""
_COLORS: Final = {
    Verdict.REQUIRED: "redBright",
    Verdict.REQUIRED_IF: "orange",
    Verdict.RECOMMENDED: "yellow",
    Verdict.KNOWN_GAP: "orange",
    Verdict.INFORMATIONAL: "lightBlue",
    Verdict.UNNAMED: "blue",
    Verdict.RETIRED: "gray",
    Verdict.NOT_NEEDED: "gray",
    Verdict.NOT_LISTED: "green",
}
_Json = dict[str, Any]


def workbook_json(answers: Answers) -> str:
    """Write the template; of ``answers`` only the version is in it, the rules are read when it is looked at."""
    return json.dumps(_template(answers), indent=2, ensure_ascii=True) + "\n"


def workbook_items(answers: Answers) -> list[_Json]:
    """The parameters, the tiles and their queries, in their order."""
    none = Answers(rows=(), ranges={}, about=answers.about, data_version="of the newest release")
    return [_parameters(), *(_tile(title, query, **look) for title, query, look in _tiles(none))]


def _tiles(answers: Answers) -> list[tuple[str, str, _Json]]:
    names, addresses = "AZFWApplicationRule", "AZFWNetworkRule"
    required = f'\n| where Verdict == "{Verdict.REQUIRED}"'
    grain = Asks(
        filtered=_OF_CLUSTER,
        by=", Time = bin(TimeGenerated, {TimeRange:grain})",
        shown=", Time",
        then="\n| summarize Hits = sum(Hits) by Time, Verdict",
    )
    by_port = "\n| summarize Hits = sum(Hits), Addresses = dcount(Host) by Protocol, Port, Reason\n| sort by Hits desc"
    of_port = f'\n| where Verdict == "{Verdict.UNNAMED}"{by_port}'
    return [
        ("Required, and denied", _query(names, answers, then=required), _table()),
        ("Denied names by verdict", _query(names, answers), _table()),
        ("Denied names over time", _asked(names, answers, grain), {"visualization": "timechart"}),
        ("Denied addresses by verdict", _query(addresses, answers), _table()),
        ("Addresses without a name, by port", _query(addresses, answers, then=of_port), _table()),
    ]


def _query(table: str, answers: Answers, *, then: str = "") -> str:
    return _asked(table, answers, Asks(filtered=_OF_CLUSTER, then=then))


def _asked(table: str, answers: Answers, asks: Asks) -> str:
    return kql_query(table, answers, form="external", address=_RULES, asks=asks)


def _table() -> _Json:
    colors = [
        {"operator": "==", "thresholdValue": verdict, "representation": color, "text": "{0}{1}"}
        for verdict, color in _COLORS.items()
    ]
    default = {"operator": "Default", "thresholdValue": None, "representation": "gray", "text": "{0}{1}"}
    options = {"thresholdsOptions": "colors", "thresholdsGrid": [*colors, default]}
    formatter = {"columnMatch": "Verdict", "formatter": 18, "formatOptions": options}
    return {"visualization": "table", "gridSettings": {"formatters": [formatter], "filter": True}}


def _tile(title: str, query: str, **look: Any) -> _Json:
    content = {
        "version": "KqlItem/1.0",
        "query": query,
        "size": 0,
        "title": title,
        "noDataMessage": "Nothing.",
        "timeContextFromParameter": "TimeRange",
        "queryType": 0,
        "resourceType": _WORKSPACES,
        "crossComponentResources": ["{Workspace}"],
        **look,
    }
    return {"type": 3, "content": content, "name": title}


def _parameters() -> _Json:
    hours = (1, 4, 12, 24, 72, 168, 720)
    times = [{"durationMs": hour * 3_600_000} for hour in hours]
    workspace = {
        **_parameter("Workspace", 5, "Log Analytics workspace of the firewall's logs"),
        "isRequired": True,
        "query": f'where type =~ "{_WORKSPACES}" | project id',
        "queryType": 1,
        "resourceType": "microsoft.resourcegraph/resources",
        "crossComponentResources": ["value::selected"],
        "typeSettings": {"resourceTypeFilter": {_WORKSPACES: True}, "additionalResourceOptions": ["value::1"]},
    }
    time = {
        **_parameter("TimeRange", 4, "When"),
        "isRequired": True,
        "value": {"durationMs": 86_400_000},
        "typeSettings": {"selectableValues": times, "allowCustom": True},
    }
    only_subnets = {"regExp": "^[0-9./,]*$", "match": True, "message": "such as 10.1.0.0/20,10.2.0.0/20"}
    subnets = {
        **_parameter("Subnets", 1, "Subnets of one cluster, with commas; empty: every source"),
        "value": "",
        "typeSettings": {"paramValidationRules": [only_subnets]},
    }
    rules = _parameter("Rules", 1, "Address of kql-rules.csv") | {"value": LATEST, "isRequired": True}
    content = {
        "version": "KqlParameterItem/1.0",
        "parameters": [workspace, time, subnets, rules],
        "style": "pills",
        "queryType": 0,
        "resourceType": _WORKSPACES,
    }
    return {"type": 9, "content": content, "name": "parameters"}


def _parameter(name: str, kind: int, label: str) -> _Json:
    return {"version": "KqlParameterItem/1.0", "name": name, "label": label, "type": kind}


def _template(answers: Answers) -> _Json:
    notebook = {
        "version": "Notebook/1.0",
        "items": workbook_items(answers),
        "fallbackResourceIds": ["Azure Monitor"],
        "$schema": "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
    }
    properties = {
        "displayName": "[parameters('displayName')]",
        "category": "workbook",
        "version": "1.0",
        "sourceId": "Azure Monitor",
        "serializedData": _text(json.dumps(notebook, ensure_ascii=True)),
    }
    resource = {
        "type": "Microsoft.Insights/workbooks",
        "apiVersion": API_VERSION,
        "name": "[parameters('workbookId')]",
        "location": "[parameters('location')]",
        "kind": "shared",
        "properties": properties,
    }
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": {"description": "What Azure Firewall denied, and which of it AKS needs"},
        "parameters": _of_template(),
        "resources": [resource],
    }


def _of_template() -> Mapping[str, _Json]:
    return {
        "displayName": {"type": "string", "defaultValue": "AKS egress: what is denied"},
        "workbookId": {
            "type": "string",
            "defaultValue": f"[guid(resourceGroup().id, '{_NAMESPACE}')]",
            "metadata": {"description": "Name of the resource: a GUID. The same one is updated, not made anew."},
        },
        "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
    }


def _text(text: str) -> str:
    """Keep ARM from evaluating a text: one in brackets is an expression."""
    return f"[{text}" if text.startswith("[") else text
