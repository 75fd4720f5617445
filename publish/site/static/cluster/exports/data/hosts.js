// One host:port/protocol a line: aks_egress_catalog.exports.data.hosts.

import { fit, placeRules } from "../declaration.js";
import { head, textOf, toKnow, unique } from "../lines.js";

export function hosts(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [name] = Object.keys(files);
  return { files: { [name]: textOf([...head(header, notes, toKnow(found)), ...unique(placed.flatMap(lines))]) }, notes };
}

/** A range of IPv6 stands in brackets before a port, as an address would. */
function lines({ rule, values }) {
  const behind = rule.port ? `:${rule.port}/${rule.protocol}` : "";
  const prefix = rule.form === "service-tag" ? "tag:" : "";
  return values.map((value) => `${prefix}${value.includes(":") && behind ? `[${value}]` : value}${behind}`);
}
