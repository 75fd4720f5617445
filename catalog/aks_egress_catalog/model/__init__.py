"""What the article asks for, as values. In come plain fields, out come checked, immutable rules.

``vocabulary`` has the closed sets of words, ``rule`` a rule and its parts, ``addresses`` the one reader of ranges.
"""

from aks_egress_catalog.model.rule import (
    Condition,
    Destination,
    Lifecycle,
    Rule,
    Rules,
    Source,
    Strict,
    endpoint_of,
    rule_id,
)
from aks_egress_catalog.model.vocabulary import (
    Application,
    Cloud,
    Constraint,
    DestinationForm,
    Effect,
    Feature,
    Kind,
    Level,
    NamedSet,
    Origin,
    Protocol,
    Status,
    When,
)

__all__ = [
    "Application",
    "Cloud",
    "Condition",
    "Constraint",
    "Destination",
    "DestinationForm",
    "Effect",
    "Feature",
    "Kind",
    "Level",
    "Lifecycle",
    "NamedSet",
    "Origin",
    "Protocol",
    "Rule",
    "Rules",
    "Source",
    "Status",
    "Strict",
    "When",
    "endpoint_of",
    "rule_id",
]
