// URLs of a custom category: aks_egress_catalog.exports.appliances.zscaler.

import { fit, placeRules } from "../declaration.js";
import { ABOUT, head, hostsOf, textOf, toKnow, unique } from "../lines.js";

export function zscaler(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const urls = unique(hostsOf(placed).map((value) => value.replace(/^\*/, "")));
  const [name] = Object.keys(files);
  return { files: { [name]: textOf(urls), [ABOUT]: textOf(head(header, notes, toKnow(found))) }, notes };
}
