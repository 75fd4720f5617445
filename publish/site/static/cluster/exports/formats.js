// The export formats that are written here, by their names on the command line. `exports` is data/exports.json.

import { oneLine } from "../profile.js";
import { resolve } from "../resolve.js";
import { arm, bicep, terraform } from "./azure-files.js";
import { csv } from "./csv.js";
import { json } from "./json.js";
import { paloalto } from "./paloalto.js";
import { squid } from "./squid.js";

export const FORMATS = {
  "azure-firewall-bicep": bicep,
  "azure-firewall-terraform": terraform,
  "azure-firewall-arm": arm,
  paloalto,
  squid,
  csv,
  json,
};

/** Write the files of one format for one cluster: {files, notes, found}; the same bytes as the command line. */
export function exportAs(data, exports, name, profile, { fixed = false } = {}) {
  const format = exports.formats[name];
  const found = resolve(data, profile, { target: format.target, fixed });
  const cluster = oneLine(data, profile) + (fixed ? " fix_advisories=True" : "");
  const header = exports.header.map((line) => line.replace("{profile}", () => cluster));
  return { ...FORMATS[name](found, header, format, data, cluster), found };
}
