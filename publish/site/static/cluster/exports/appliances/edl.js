// External dynamic lists, one a port: aks_egress_catalog.exports.appliances.edl.

import { fit, placeRules } from "../declaration.js";
import { ABOUT, byPort, head, hostsOf, portName, rangesOf, textOf, toKnow } from "../lines.js";
import { urlEntry } from "./paloalto.js";

export function edl(found, header, { declaration }) {
  const { placed, notes } = placeRules(found, (rule) => place(declaration, rule));
  const files = { [ABOUT]: textOf(head(header, notes, toKnow(found))) };
  for (const [protocol, port, some] of byPort(placed)) {
    const lists = { urls: hostsOf(some), ips: [...rangesOf(some, 4), ...rangesOf(some, 6)] };
    for (const [kind, lines] of Object.entries(lists)) {
      if (lines.length) files[`${kind}-${portName(protocol, port)}.txt`] = textOf(lines);
    }
  }
  return { files, notes };
}

function place(declaration, rule) {
  const fitted = fit(declaration, rule);
  return rule.form === "fqdn" ? { ...fitted, values: fitted.values.map(urlEntry) } : fitted;
}
