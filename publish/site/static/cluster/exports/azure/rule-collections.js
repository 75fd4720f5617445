// What Azure Firewall can say: aks_egress_catalog.exports.azure.rule_collections, grouping and firewall_rules.

import { byNumber, readNetwork } from "../../networks.js";
import { fit, placeRules } from "../declaration.js";
import { NotWritten, plain } from "../text.js";

const NAME_LIMIT = 80;
export const GROUP_NAME = "aks-egress";
const KINDS = ["network", "application"];
const BASES = { network: 1000, application: 10000 };
const STEP = 10;

/** The rule collections of a resolution in the order of processing, what to know, and a note for each rule. */
export function ruleCollectionGroup(found, declaration, data) {
  const { placed: fitted, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const written = new Map(fitted.map((one) => [one.rule, write(one, declaration, data)]));
  const others = [...new Set([...written.keys()].map(({ feature }) => feature))].filter((one) => !data.features.includes(one)).sort();
  const features = [...data.features, ...others];
  const grouped = groupRules(written, features, data);
  return { collections: KINDS.flatMap((kind) => collections(grouped, features, kind)), remarks: remarksOf(found, notes), notes };
}

/** Write HTTPS as Https. */
export function capitalized(word) {
  return `${word[0]}${word.slice(1).toLowerCase()}`;
}

/** The header and the remarks, each as one line of printable ASCII. */
export function commentLines(header, remarks) {
  const listed = remarks.length ? ["", ...remarks.map((remark) => `- ${remark}`)] : [];
  return [...header, ...listed].map((text) => plain(text, /[^ -~]|\\/gu));
}

function remarksOf(found, notes) {
  return [
    ...found.caveats,
    ...found.rules.flatMap((rule) => rule.remarks.map((remark) => `${rule.id}: ${remark}`)),
    ...notes.filter(({ reason }) => reason).map(({ id, fidelity, reason }) => `${id} (${fidelity}): ${reason}`),
  ];
}

function write({ rule, way, values }, declaration, { words }) {
  const keepTls = rule.constraints.includes("preserve-alpn");
  const description = `${rule.id} (${rule.level})${keepTls ? `; ${words.keep_tls}` : ""}`;
  if (way === declaration.ways[0]) return { kind: "application", description, fqdns: values, addresses: [], application: rule.application, port: rule.port, keepTls };
  const [fqdns, addresses] = rule.form === "fqdn" ? [values, []] : [[], values];
  return { kind: "network", description, fqdns, addresses, protocol: rule.protocol, port: rule.port, keepTls: false };
}

/** Rules for single hosts in, rules for many hosts out: one for what a feature reaches by one protocol and port. */
function groupRules(written, features, data) {
  const inOrder = [...written].sort(([one], [other]) => features.indexOf(one.feature) - features.indexOf(other.feature));
  const { groups, elsewhere } = placed(inOrder);
  const sorted = [...groups.values()].sort((one, other) => compare(sortKey(one), sortKey(other)));
  const grouped = new Map();
  for (const group of sorted) {
    const others = elsewhere.get(`${group.feature} ${doorKey(group.door)}`) ?? new Map();
    const shared = group.keepTls || group.advisory ? [] : [...new Set(others.values())].sort();
    const said = shared.length ? `${others.size} more under ${shared.join(", ")}` : "";
    grouped.set(group.feature, [...(grouped.get(group.feature) ?? []), joined(group, said, data)]);
  }
  return grouped;
}

/** Put each destination in its one place; and say, by feature and door, under which feature the others stand. */
function placed(written) {
  const guarded = new Set(written.filter(([, made]) => made.keepTls).flatMap(([, made]) => made.fqdns.map((value) => `${doorKey(doorOf(made))} ${value}`)));
  const owner = new Map();
  const groups = new Map();
  const elsewhere = new Map();
  for (const [rule, made] of written) {
    const door = doorOf(made);
    for (const value of destinations(made)) {
      const key = `${doorKey(door)} ${value}`;
      if (!owner.has(key)) owner.set(key, rule.feature);
      const first = owner.get(key);
      if (first !== rule.feature) {
        const at = `${rule.feature} ${doorKey(door)}`;
        elsewhere.set(at, (elsewhere.get(at) ?? new Map()).set(value, first));
        continue;
      }
      const advisory = rule.id.split("/advisory:")[1] ?? "";
      const keepTls = guarded.has(key);
      const at = [first, doorKey(door), keepTls, advisory].join(" ");
      if (!groups.has(at)) groups.set(at, { feature: first, door, keepTls, advisory, sample: made, values: new Set(), levels: new Set() });
      groups.get(at).values.add(value);
      groups.get(at).levels.add(rule.level);
    }
  }
  return { groups, elsewhere };
}

function doorOf(made) {
  const byName = made.kind === "application" || made.fqdns.length > 0;
  return { kind: made.kind, protocol: made.application ?? made.protocol, port: made.port, byName };
}

function doorKey({ kind, protocol, port, byName }) {
  return [kind, protocol, port, byName].join(":");
}

function sortKey({ door, keepTls, advisory }) {
  return [door.kind, door.protocol, String(door.port).padStart(5, "0"), Number(door.byName), Number(keepTls), advisory];
}

function destinations(made) {
  return made.addresses.length ? made.addresses : made.fqdns;
}

function joined(group, said, { levels, words }) {
  const { door, sample, feature, keepTls, advisory } = group;
  const values = group.values.has("*") ? ["*"] : [...group.values].sort(byKind);
  const named = levels.filter((level) => group.levels.has(level));
  const about = `${feature}: ${door.protocol} ${door.port} (${named.join(", ")})`;
  const description = advisory ? sample.description : [about, keepTls ? words.keep_tls : "", said].filter(Boolean).join("; ");
  const [fqdns, addresses] = door.byName ? [values, []] : [[], values];
  return { ...sample, name: nameOf(group), description, fqdns, addresses, keepTls };
}

function nameOf({ feature, door, keepTls, advisory }) {
  const byName = door.byName && door.kind === "network" ? "-fqdn" : "";
  return slug(`${feature}/${door.protocol.toLowerCase()}-${door.port}${byName}${keepTls ? "-preserve-alpn" : ""}${advisory ? `-${advisory}` : ""}`);
}

/** Keep what Azure takes in a name. What is too long needs a digest, which is left to the package. */
function slug(text) {
  const name = text.replaceAll("*", "any").replace(/[{}]/g, "").replace(/[^a-zA-Z0-9._-]+/g, "-").replace(/^[-._]+|[-._]+$/g, "") || "rule";
  if (name.length > NAME_LIMIT) throw new NotWritten(`${text} is too long for a name of Azure; the command line shortens it`);
  return name;
}

/** Hosts and tags by name, then ranges by number, IPv4 first. */
function byKind(one, other) {
  const ranges = [one, other].map((text) => readNetwork(text) !== null);
  if (ranges[0] && ranges[1]) return byNumber(one, other);
  return ranges[0] !== ranges[1] ? Number(ranges[0]) - Number(ranges[1]) : compare([one], [other]);
}

function compare(one, other) {
  const place = one.findIndex((value, index) => value !== other[index]);
  return place < 0 ? 0 : one[place] < other[place] ? -1 : 1;
}

function collections(grouped, features, kind) {
  return features.flatMap((feature, place) => {
    const rules = (grouped.get(feature) ?? []).filter((rule) => rule.kind === kind);
    return rules.length ? [{ kind, name: slug(`${GROUP_NAME}-${feature}-${kind}`), priority: BASES[kind] + STEP * place, rules }] : [];
  });
}
