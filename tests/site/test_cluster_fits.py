"""What becomes of a rule in a target: the page says of every rule what the package says, for every target that is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule
from aks_egress_catalog.exports.declaration import Declaration, fit
from aks_egress_catalog.exports.formats import FORMATS, load_format
from aks_egress_catalog.exports.placement import NotExpressibleError
from aks_egress_catalog.model import Application, DestinationForm, Kind, Level, Protocol
from publish.site.browser.export_data import declaration_data
from tests.site.conftest import Tab

RULES: Final = 300
VALUES: Final = {
    DestinationForm.FQDN: (
        "mcr.microsoft.com",
        "MCR.Microsoft.com",
        "*.data.mcr.microsoft.com",
        "*.x.{region}.example.com",
        "{guid}.ods.example.com",
        "md-*.blob.example.net",
        "a.*.example.net",
        "*",
        "*.com",
        "-x.example.com",
        "192.0.2.1",
        "x.example.com:443",
        "übel.example.com",
        "line\nend.example.com",
        f"{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.com",
        f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 40}.example.com",
    ),
    DestinationForm.CIDR: ("192.0.2.7", "10.0.0.0/8", "10.0.0.1/8", "2001:DB8::/32", "::1", "0.0.0.0/0", "x"),
    DestinationForm.SERVICE_TAG: ("AzureCloud", "AzureCloud.westeurope", "Bad Tag", "1Tag"),
    DestinationForm.ANY: ("*", "everything"),
    DestinationForm.NAMED_SET: ("api-server",),
}
FITTED: Final = """
async ([targets, rules]) => {
  const { fit, NotExpressible } = await import("/static/cluster/exports/declaration.js");
  return targets.map((target) => rules.map((rule) => {
    try {
      const { way, values, fidelity, reason } = fit(target, rule);
      return [target.ways.indexOf(way), values, fidelity, reason];
    } catch (error) {
      if (error instanceof NotExpressible) return error.message;
      throw error;
    }
  }));
}
"""


def made(count: int) -> Iterator[ConcreteRule]:
    """Random rules, many of them such as no page ever had."""
    dice = random.Random(18)
    for _ in range(count):
        form = dice.choice(list(DestinationForm))
        known = VALUES[form]
        has_port = dice.random() < 0.9
        yield ConcreteRule(
            id="AzureCloud/core/x:tcp-443",
            feature="core",
            level=Level.REQUIRED,
            kind=dice.choice(list(Kind)),
            form=form,
            values=tuple(dice.sample(known, dice.randrange(1, min(len(known), 6) + 1))),
            protocol=dice.choice(list(Protocol)) if has_port else None,
            port=dice.choice((22, 80, 123, 443, 9000, 64_000, 64_001)) if has_port else None,
            application=dice.choice((None, *Application)) if has_port else None,
        )


def answer(target: Declaration, rule: ConcreteRule) -> object:
    """What the package says."""
    try:
        found = fit(target, rule)
    except NotExpressibleError as error:
        return str(error)
    return [target.ways.index(found.way), list(found.values), str(found.fidelity), found.reason]


def test_the_page_judges_every_rule_as_the_package_does(desk: Tab) -> None:
    targets = [load_format(name).DECLARATION for name in FORMATS]
    targets = [target for target in targets if target.why_not is None]
    rules = list(made(RULES))
    asked = [[declaration_data(target) for target in targets], [asdict(rule) for rule in rules]]
    answers = desk.open("index.html").evaluate(FITTED, asked)
    for target, found in zip(targets, answers, strict=True):
        for rule, said in zip(rules, found, strict=True):
            assert said == answer(target, rule), (target.title, rule)
    fidelities = {said[2] if isinstance(said, list) else "dropped" for found in answers for said in found}
    assert fidelities == {"exact", "widened", "narrowed", "dropped"}
