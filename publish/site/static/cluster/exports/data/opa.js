// Data for Open Policy Agent, and the policy that decides by it: aks_egress_catalog.exports.data.opa.

import { fit, placeRules } from "../declaration.js";
import { isPattern, posixRegex } from "../expressions.js";
import { head, jsonText, textOf, toKnow } from "../lines.js";

export function opa(found, header, { files, declaration }, { version }, profile) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [[policy, frame], [data]] = Object.entries(files);
  const lacks = notes.filter(({ fidelity }) => fidelity === "dropped").map(({ id, reason }) => ({ id, reason }));
  const content = { aks_egress: { catalog_version: version, profile, lacks, rules: placed.map(ruleOf) } };
  return { files: { [policy]: `${textOf(head(header, notes, toKnow(found)))}${frame}`, [data]: jsonText(content, 1) }, notes };
}

function ruleOf({ rule, values }) {
  const named = rule.form === "fqdn" ? values : [];
  return {
    id: rule.id,
    any: rule.form === "any",
    hosts: named.filter((value) => !isPattern(value)),
    patterns: named.filter(isPattern).map(posixRegex),
    ranges: rule.form === "cidr" ? values : [],
    port: rule.port,
    protocol: rule.protocol,
  };
}
