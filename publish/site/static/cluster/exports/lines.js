// Parts that several text formats share, and the rules of a file by port: aks_egress_catalog.exports.text_lines.

import { collapsed } from "../networks.js";
import { lackingLines, plain, wrap } from "./text.js";

export const ABOUT = "about.txt";
const WIDTH = 116;

/** Write any text as comment lines of one kind. */
export function comment(text, mark = "#") {
  const lines = wrap(plain(text), WIDTH);
  return lines.length ? lines.map((line) => `${mark} ${line}`) : [mark];
}

/** What stands at the top of a file: where it came from, what it lacks, and what the reader should know. */
export function head(header, notes, told, mark = "#") {
  return [...header, ...lackingLines(notes), ...told].flatMap((text) => comment(text, mark));
}

/** What the reader of a file should know of the whole, of single rules, and of the TLS of some. */
export function toKnow({ rules, caveats }) {
  const remarks = rules.flatMap((rule) => rule.remarks.map((remark) => `${rule.id}: ${remark}`));
  const kept = unique(rules.filter(({ constraints }) => constraints.includes("preserve-alpn")).flatMap(({ values }) => values));
  const alpn = kept.length ? [`tls: inspection must stay off for ${kept.join(", ")} (preserve-alpn)`] : [];
  return [...caveats, ...remarks, ...alpn];
}

/** Join lines to the text of a file; no lines are an empty file. */
export function textOf(lines) {
  return lines.map((line) => `${line}\n`).join("");
}

/** Write JSON as Python does: `indent` spaces a level, printable ASCII alone. */
export function jsonText(content, indent) {
  const escape = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(content, null, indent).replace(/[^\0-\x7f]/g, escape)}\n`;
}

/** Each text once, sorted. */
export function unique(texts) {
  return [...new Set(texts)].sort();
}

/** The rules whose destinations are host names. */
export function named(fitted) {
  return fitted.filter(({ rule }) => rule.form === "fqdn");
}

/** The host names of some rules, each once, sorted. */
export function hostsOf(fitted) {
  return unique(named(fitted).flatMap(({ values }) => values));
}

/** The address ranges of some rules, of IPv4 or IPv6; those that lie in others or side by side are joined. */
export function rangesOf(fitted, version) {
  const known = fitted.filter(({ rule }) => rule.form === "cidr").flatMap(({ values }) => values);
  return collapsed(known.filter((value) => value.includes(":") === (version === 6)));
}

export function isAnywhere(fitted) {
  return fitted.some(({ rule }) => rule.form === "any");
}

/** Rules by protocol and port, sorted: a list of [protocol, port, rules], with "" and 0 for those without. */
export function byPort(fitted) {
  const found = new Map();
  for (const one of fitted) {
    const key = `${one.rule.protocol ?? ""} ${String(one.rule.port ?? 0).padStart(5, "0")}`;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.keys()].sort().map((key) => [key.split(" ")[0], Number(key.split(" ")[1]), found.get(key)]);
}

/** Name a port in a file name or an object: tcp-443, or any. */
export function portName(protocol, port, joint = "-") {
  return port ? `${protocol.toLowerCase()}${joint}${port}` : "any";
}
