// The export formats by their names on the command line, each with the module and the function that write it.

import { oneLine } from "../profile.js";
import { resolve } from "../resolve.js";

export const FORMATS = {
  "azure-firewall-bicep": ["azure/files", "bicep"],
  "azure-firewall-terraform": ["azure/files", "terraform"],
  "azure-firewall-arm": ["azure/files", "arm"],
  "az-script": ["azure/az-script", "azScript"],
  "bicep-json": ["azure/data", "bicepJson"],
  "terraform-tfvars": ["azure/data", "tfvars"],
  paloalto: ["appliances/paloalto", "paloalto"],
  fortigate: ["appliances/fortigate", "fortigate"],
  edl: ["appliances/edl", "edl"],
  zscaler: ["appliances/zscaler", "zscaler"],
  "aws-suricata": ["appliances/suricata", "suricata"],
  squid: ["proxies/squid", "squid"],
  envoy: ["proxies/envoy", "envoy"],
  haproxy: ["proxies/haproxy", "haproxy"],
  nftables: ["dns/nftables", "nftables"],
  rpz: ["dns/rpz", "rpz"],
  cilium: ["kubernetes/cilium", "cilium"],
  hosts: ["data/hosts", "hosts"],
  csv: ["data/csv", "csv"],
  json: ["data/json", "json"],
  opa: ["data/opa", "opa"],
};

/** What writes a format, fetched once it is asked for. */
export async function writerOf(name) {
  const [place, writer] = FORMATS[name];
  return (await import(`./${place}.js`))[writer];
}

/**
 * Write the files of one format for one cluster: {files, notes}; the same bytes as the command line. `data` is
 * data/cluster.json, `exports` is data/exports.json. Throws NotWritten where this page cannot write it.
 */
export function exportAs(write, data, exports, name, profile, { fixed = false } = {}) {
  const format = exports.formats[name];
  const found = resolve(data, profile, { target: format.target, fixed });
  const cluster = oneLine(data, profile) + (fixed ? " fix_advisories=True" : "");
  const header = exports.header.map((line) => line.replace("{profile}", () => cluster));
  return write(found, header, format, data, cluster);
}
