// The rule collections as plain data, with a module that makes them: aks_egress_catalog.exports.azure.tfvars, .bicep_json.

import { jsonText } from "../lines.js";
import { capitalized, commentLines, ruleCollectionGroup } from "./rule-collections.js";

export function tfvars(found, header, format, data) {
  return written(found, header, format, data, "#", (collections) => ({ aks_egress_collections: collections.map(ofTerraform) }));
}

export function bicepJson(found, header, format, data) {
  return written(found, header, format, data, "//", (collections) => collections.map(ofArm));
}

function written(found, header, { files, declaration }, data, mark, content) {
  const group = ruleCollectionGroup(found, declaration, data);
  const [[values], [module, frame]] = Object.entries(files);
  const comments = commentLines(header, group.remarks).map((line) => `${mark} ${line}`.trimEnd());
  return { files: { [values]: jsonText(content(group.collections), 2), [module]: `${comments.join("\n")}\n${frame}` }, notes: group.notes };
}

function ofTerraform({ kind, name, priority, rules }) {
  return { kind, name, priority, rules: rules.map(terraformRule) };
}

function terraformRule({ kind, name, description, fqdns, addresses, application, protocol, port, keepTls }) {
  if (kind === "application") {
    const protocols = [{ type: capitalized(application), port }];
    return { name, description, destination_fqdns: fqdns, destination_fqdn_tags: [], protocols, terminate_tls: keepTls ? false : null };
  }
  return { name, description, destination_addresses: addresses, destination_fqdns: fqdns, protocols: [protocol], destination_ports: [`${port}`] };
}

function ofArm({ name, priority, rules }) {
  return { ruleCollectionType: "FirewallPolicyFilterRuleCollection", name, priority, action: { type: "Allow" }, rules: rules.map(armRule) };
}

function armRule({ kind, name, description, fqdns, addresses, application, protocol, port, keepTls }) {
  if (kind === "application") {
    const protocols = [{ protocolType: capitalized(application), port }];
    return { name, description, ruleType: "ApplicationRule", protocols, targetFqdns: fqdns, fqdnTags: [], ...(keepTls ? { terminateTLS: false } : {}) };
  }
  return { name, description, ruleType: "NetworkRule", ipProtocols: [protocol], destinationAddresses: addresses, destinationFqdns: fqdns, destinationPorts: [`${port}`] };
}
