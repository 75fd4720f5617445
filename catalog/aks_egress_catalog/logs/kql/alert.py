"""An alert rule of Azure Monitor, as Bicep: something that AKS requires is denied, and was not before.

Azure lets a log alert look back two days at most, whatever its query says: the seven days of the query are two then.
Where the same query runs elsewhere, they are seven. A rule with a mute cannot resolve its alerts by itself.
"""

from __future__ import annotations

from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.exports.azure.bicep import quote
from aks_egress_catalog.logs.kql.query import Asks, kql_query
from aks_egress_catalog.logs.kql.rows.answers import Answers

FILE: Final = "alert.bicep"
API_VERSION: Final = "2023-12-01"
WINDOW, EVERY, MUTED, BACK = "PT30M", "PT15M", "P1D", "P2D"
SOURCES: Final = 2
TABLE: Final = "AZFWApplicationRule"
_MARK: Final = "/*clusters*/"
"""Stands in the query where Bicep puts the clusters in."""
_CASES: Final = (
    "[for cluster in clusters: 'ipv4_is_in_any_range(Source, dynamic(${string(cluster.subnets)})),"
    " tostring(dynamic(${string([cluster.name])})[0]), ']"
)


def alert_query(answers: Answers, clusters: str = "") -> str:
    """Write the query: a row for each cluster and host that is denied now and was not in the week before.

    ``clusters`` are conditions on ``Source`` with names, as ``case`` takes them, each with a comma behind it.
    """
    asks = Asks(
        filtered=f'\n| where TimeGenerated > ago(7d)\n| extend Cluster = case({clusters}false, "", "")',
        sums=", Before = countif(TimeGenerated < ago(30m))",
        by=", Cluster",
        shown=", Cluster, Before",
        then=f'\n| where Verdict == "{Verdict.REQUIRED}" and Before == 0 and SourceCount >= {SOURCES}'
        "\n| project TimeGenerated = Last, Cluster, Host, Port, Hits, SourceCount, Sources, Reason, Rules",
    )
    return kql_query(TABLE, answers.only(Verdict.REQUIRED), asks=asks)


def alert_bicep(answers: Answers) -> str:
    """Write the alert rule with the answers in its query."""
    lines = alert_query(answers, _MARK).rstrip("\n").split("\n")
    text = "\n".join(f"  {quote(line)}" for line in lines)
    return f"""{_HEAD.lstrip()}
// The query, a line each. What stands for the clusters is put in below.
var queryLines = [
{text}
]
// A JSON text is a dynamic value of KQL as it stands, so that no name and no subnet can be anything else.
var cases = {_CASES}
var query = replace(join(queryLines, '\\n'), {quote(_MARK)}, join(cases, ''))
{_RESOURCE}"""


_HEAD: Final = """
// Something that AKS requires is denied by Azure Firewall, by two sources or more, and was not denied before.
// Azure lets a log alert look back two days, also where its query says more.

@description('Name of the alert rule.')
param alertName string = 'aks-egress-required-denied'

@description('Region of the alert rule: that of the workspace.')
param location string = resourceGroup().location

@description('Resource id of the Log Analytics workspace with AZFWApplicationRule.')
param workspaceId string

@description('Resource id of the action group that is told.')
param actionGroupId string

@description('Clusters by the subnets of their nodes; sources in none of them are one cluster without a name.')
param clusters { name: string, subnets: string[] }[] = []
"""
_RESOURCE: Final = f"""
resource alert 'Microsoft.Insights/scheduledQueryRules@{API_VERSION}' = {{
  name: alertName
  location: location
  kind: 'LogAlert'
  properties: {{
    displayName: alertName
    description: 'AKS requires what the firewall denies: see the host, and the rules that ask for it.'
    severity: 2
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: '{EVERY}'
    windowSize: '{WINDOW}'
    overrideQueryTimeRange: '{BACK}'
    criteria: {{
      allOf: [
        {{
          query: query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {{ name: 'Cluster', operator: 'Include', values: ['*'] }}
            {{ name: 'Host', operator: 'Include', values: ['*'] }}
          ]
          failingPeriods: {{
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }}
        }}
      ]
    }}
    autoMitigate: false
    muteActionsDuration: '{MUTED}'
    actions: {{
      actionGroups: [actionGroupId]
    }}
  }}
}}
"""
