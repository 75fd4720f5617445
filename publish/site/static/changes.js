// What differs between two states of the rules, and how much it matters: the same answers, in the same order, as
// aks_egress_catalog.changes.compare_rules.

import { rangeTakesIn } from "./addresses.js";
import { patternTakesIn } from "./match.js";

const FACTS = [
  "kind", "level", "destinations", "protocol", "port", "application", "application_inferred", "cloud_stated",
  "conditions", "constraints", "lifecycle",
];
const WORDING = ["application_inferred", "cloud_stated"];
const GRAVEST_FIRST = ["breaking", "relaxing", "informational"];
const LEVELS = ["required", "recommended", "informational"];

/** Say in what two sets of rules (arrays) differ, sorted by rule id; `known` are the features that have a name. */
export function compareRules(old, now, known) {
  const before = new Map(old.map((rule) => [rule.id, rule]));
  const after = new Map(now.map((rule) => [rule.id, rule]));
  const pairs = old.filter((rule) => after.has(rule.id)).map((rule) => [rule, after.get(rule.id)]);
  let removed = old.filter((rule) => !after.has(rule.id)).sort(byId);
  let added = now.filter((rule) => !before.has(rule.id)).sort(byId);
  const nowNamed = renamedFeatures(old, now, removed, added, known);
  for (const pairUp of [pairRenamed, pairOverlapping]) {
    pairs.push(...pairUp(removed, added, nowNamed));
    const matched = new Set(pairs.flat().map((rule) => rule.id));
    removed = removed.filter((rule) => !matched.has(rule.id));
    added = added.filter((rule) => !matched.has(rule.id));
  }
  const found = pairs.map(([one, other]) => changeOf(one, other)).filter(Boolean);
  found.push(...removed.map((rule) => lone("removed", "relaxing", rule, null)));
  found.push(...added.map((rule) => lone("added", "breaking", null, rule)));
  return found.sort((one, other) => byId(one.after ?? one.before, other.after ?? other.before));
}

function byId(one, other) {
  return inOrder(one.id, other.id);
}

/** Order texts as Python does. */
export function inOrder(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Order lists by their first difference. */
export function inTurn(one, other) {
  const place = one.findIndex((value, at) => value !== other[at]);
  return place < 0 ? one.length - other.length : place in other ? inOrder(one[place], other[place]) : 1;
}

function lone(kind, severity, before, after) {
  const informational = (before ?? after).level === "informational";
  return { kind, severity: informational ? "informational" : severity, before, after, differs: [] };
}

function changeOf(before, after) {
  const differs = FACTS.filter((name) => !same(before[name], after[name]));
  if (!differs.length && before.feature === after.feature && sameSet(before.places, after.places)) return null;
  const grave = differs.filter((name) => !WORDING.includes(name));
  let kind = grave.length ? "changed" : "moved";
  const circumstances = grave.every((name) => name === "conditions" || name === "destinations");
  if (kind === "changed" && circumstances && sameSet(names(before), names(after))) kind = "conditions";
  const informational = before.level === "informational" && after.level === "informational";
  const severities = informational ? [] : differs.map((name) => severityOf(name, before, after));
  let severity = GRAVEST_FIRST.find((one) => severities.includes(one)) ?? "informational";
  // What only the prose still names, nobody has to allow any more.
  if (severities.length && after.level === "informational") severity = "relaxing";
  return { kind, severity, before, after, differs };
}

function severityOf(name, before, after) {
  if (name === "level") return graver(LEVELS.indexOf(after.level) < LEVELS.indexOf(before.level));
  if (["port", "protocol", "application"].includes(name)) return graver(before[name] !== null);
  if (name === "destinations") return graver(!allStillEnough(before.destinations, after.destinations));
  if (name === "conditions") return severityOfConditions(before.conditions, after.conditions);
  if (name === "constraints") return graver(minus(after.constraints, before.constraints).length > 0);
  const gone = name === "lifecycle" && [before, after].map((rule) => rule.lifecycle.status === "removed");
  if (gone && gone.includes(true)) return graver(gone[0]);
  return name === "kind" ? "breaking" : "informational";
}

function graver(breaks) {
  return breaks ? "breaking" : "relaxing";
}

/** Whichever alternative was implemented before must still be one, or take one in. */
function allStillEnough(before, after) {
  return before.every((one) => {
    const kept = after.find((other) => other.flat === one.flat);
    if (kept) return !minus(kept.conditions, one.conditions).length;
    return after.some((other) => takesIn(one, other) && !minus(other.conditions, one.conditions).length);
  });
}

function severityOfConditions(before, after) {
  const excusesLost = minus(before, after).some((one) => !one.startsWith("required-if:"));
  const stressGained = minus(after, before).some((one) => one.startsWith("required-if:"));
  return graver(excusesLost || stressGained);
}

/** Whether allowing one destination allows the other, as far as the patterns themselves say. */
export function takesIn(wide, narrow) {
  if (wide.flat === narrow.flat || wide.form === "any") return true;
  if (wide.form !== narrow.form) return false;
  if (wide.form === "fqdn") return patternTakesIn(wide.value, narrow.value);
  if (wide.form === "service-tag") return narrow.value.startsWith(`${wide.value}.`);
  return wide.form === "cidr" && rangeTakesIn(wide.value, narrow.value);
}

/** Pair what went with what came in its stead: one cloud, feature and kind, and destinations that overlap. */
function pairOverlapping(removed, added, nowNamed) {
  const scored = removed.flatMap((one) =>
    added
      .filter((other) => one.cloud === other.cloud && one.kind === other.kind)
      .filter((other) => (nowNamed.get(one.feature) ?? one.feature) === other.feature && overlap(one, other))
      .map((other) => ({ one, other, key: [...likeness(one, other), one.id, other.id] })),
  );
  scored.sort((a, b) => inTurn(a.key, b.key));
  const taken = new Set();
  const pairs = [];
  for (const { one, other } of scored) {
    if (taken.has(one.id) || taken.has(other.id)) continue;
    taken.add(one.id).add(other.id);
    pairs.push([one, other]);
  }
  return pairs;
}

function likeness(one, other) {
  const shared = names(one).filter((name) => names(other).includes(name)).length;
  const protocol = one.protocol !== other.protocol;
  return [-shared, protocol || one.port !== other.port, protocol];
}

function overlap(one, other) {
  return one.destinations.some((mine) =>
    other.destinations.some(
      (yours) =>
        mine.form === yours.form &&
        (takesIn(mine, yours) || takesIn(yours, mine) || mine.value === `*.${yours.value}` || yours.value === `*.${mine.value}`),
    ),
  );
}

/** Pair what only changed the name of its section. */
function pairRenamed(removed, added, nowNamed) {
  const come = new Map(added.map((rule) => [rule.id, rule]));
  const pairs = removed.map((rule) => [rule, come.get(withFeature(rule, nowNamed.get(rule.feature) ?? ""))]);
  return pairs.filter(([, other]) => other);
}

/**
 * Features whose section only changed its name: most of what went is most of what came under a new name. The new name
 * is that of no feature before; the old one is gone, or the new one is but a provisional slug.
 */
function renamedFeatures(old, now, removed, added, known) {
  const [went, came] = [byFeature(removed), byFeature(added)];
  const [before, after] = [byFeature(old), byFeature(now)];
  const shared = [];
  for (const [gone, mine] of went) {
    for (const [come, yours] of came) {
      if (before.has(come) || (after.has(gone) && known.includes(come))) continue;
      const both = [...mine].filter((endpoint) => yours.has(endpoint)).length;
      if (both > Math.max(mine.size, yours.size) / 2) shared.push([-both, gone, come]);
    }
  }
  const renamed = new Map();
  for (const [, gone, come] of shared.sort(inTurn)) {
    if (!renamed.has(gone) && ![...renamed.values()].includes(come)) renamed.set(gone, come);
  }
  return renamed;
}

function byFeature(rules) {
  const endpoints = new Map();
  for (const rule of rules) {
    if (!endpoints.has(rule.feature)) endpoints.set(rule.feature, new Set());
    endpoints.get(rule.feature).add(withFeature(rule, "any"));
  }
  return endpoints;
}

function withFeature(rule, feature) {
  return `${rule.cloud}/${feature}/${rule.id.slice(rule.cloud.length + rule.feature.length + 2)}`;
}

function names(rule) {
  return rule.destinations.map((destination) => destination.flat);
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function minus(one, other) {
  return one.filter((value) => !other.includes(value));
}

function sameSet(one, other) {
  return !minus(one, other).length && !minus(other, one).length;
}

/** Say in plain words what differs, one field at a time. */
export function describe({ before, after, differs, kind }) {
  if (!before || !after) return [];
  const lines = differs.flatMap((name) =>
    name === "lifecycle"
      ? lifecycle(before.lifecycle, after.lifecycle)
      : [`${name.replaceAll("_", " ")}: ${show(before, name)} -> ${show(after, name)}`],
  );
  if (before.feature !== after.feature) lines.push(`feature: ${before.feature} -> ${after.feature}`);
  if (kind === "moved" && !sameSet(before.places, after.places)) {
    lines.push(`place: ${[...before.places].sort(inOrder).join(", ")} -> ${[...after.places].sort(inOrder).join(", ")}`);
  }
  return lines;
}

function lifecycle(old, now) {
  const lines = [];
  const told = now.until ? `: it is told as removed on ${now.until} unless it comes back` : "";
  if (now.since && now.status !== old.status) lines.push(`${now.status} from the page since ${now.since}; keep it${told}`);
  else if (old.since && !now.since) lines.push("back on the page");
  if (now.replaced_by !== old.replaced_by) {
    lines.push(now.replaced_by ? `being replaced by ${now.replaced_by}` : `not replaced by ${old.replaced_by} any more`);
  }
  return lines;
}

function show(rule, name) {
  const value = rule[name];
  if (name === "destinations") {
    return value.map(({ flat, conditions }) => (conditions.length ? `${flat} (${conditions.join(", ")})` : flat)).join(" or ");
  }
  if (Array.isArray(value)) return value.join(", ") || "none";
  return value === null ? "none" : String(value);
}
