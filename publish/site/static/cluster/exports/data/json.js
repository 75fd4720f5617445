// The whole resolution as canonical JSON: aks_egress_catalog.exports.data.canonical_json.

import { unmetNotes } from "../text.js";

export function json(found, header, { files }, { version, facts_date: day }, profile) {
  const [[name, frame]] = Object.entries(files);
  const content = {
    ...JSON.parse(frame),
    header: { catalog_version: version, facts_date: day, profile },
    rules: found.rules,
    unmet: found.unmet,
    left_out: found.leftOut,
    caveats: found.caveats,
  };
  const exact = found.rules.map(({ id }) => ({ id, fidelity: "exact", reason: "" }));
  return { files: { [name]: `${JSON.stringify(sorted(content), null, 1)}\n` }, notes: [...exact, ...unmetNotes(found)] };
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
