// A response policy zone: aks_egress_catalog.exports.dns.rpz.

import { fit, placeRules } from "../declaration.js";
import { head, hostsOf, textOf, toKnow, unique } from "../lines.js";

export function rpz(found, header, { files, declaration }, { version }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [name] = Object.keys(files);
  const start = ["$TTL 300", `@ SOA localhost. root.localhost. ${serial(version)} 3600 600 86400 300`, "@ NS localhost."];
  return { files: { [name]: textOf([...head(header, notes, toKnow(found), ";"), ...start, ...records(hostsOf(placed))]) }, notes };
}

/** What is needed, then what is denied on the way to it. */
function records(hosts) {
  const needed = new Set(hosts);
  const passed = [...hosts];
  const denied = [];
  for (const node of unique(hosts.flatMap((host) => upwards(host.replace(/^\*\./, ""))))) {
    for (const name of [node, `*.${node}`]) {
      if (!needed.has(name)) (isBelow(name, needed) ? passed : denied).push(name);
    }
  }
  return [...passed.map((name) => `${name} CNAME rpz-passthru.`), ...[...denied, "*"].map((name) => `${name} CNAME .`)];
}

/** A name and those above it: a.b.com, b.com, com. */
function upwards(name) {
  const labels = name.split(".");
  return labels.map((_, place) => labels.slice(place).join("."));
}

/** Say whether a needed wildcard takes a name in, or all that is below it. */
function isBelow(name, needed) {
  const isWild = name.startsWith("*.");
  return upwards(isWild ? name.slice(2) : name).slice(isWild ? 0 : 1).some((above) => needed.has(`*.${above}`));
}

/** A number that grows with the version YYYY.M.D[.N]. */
function serial(version) {
  const parts = version.split(".").map((part) => (/^[0-9]+$/.test(part) ? Number(part) : 0));
  const [year, month, day, number] = [...parts, 0, 0, 0, 0];
  return Math.min(year, 4000) * 1000000 + Math.min(month, 99) * 10000 + Math.min(day, 99) * 100 + Math.min(number, 99);
}
