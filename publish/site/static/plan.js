// The upgrade plan: what a firewall that implements one state must add for another, and what may go. The same answers,
// in the same order, as aks_egress_catalog.upgrade.plan for everybody.

import { compareRules, inOrder, inTurn, takesIn } from "./changes.js";

const LEVELS = ["required", "recommended", "informational"];

/** Plan the way from one state to another; states come from states.js. */
export function plan(old, now) {
  const [before, after] = [needsOf(old), needsOf(now)];
  const asked = after.filter((rule) => !isHeld(rule));
  const held = new Map(after.filter(isHeld).map((rule) => [rule.id, rule]));
  const changes = compareRules([...old.rules.values()], [...now.rules.values()], now.known);
  return {
    add: steps(unmetBy(before, asked), now.lives, "since"),
    mayGo: steps(unusedBy(before, asked).map((rule) => held.get(rule.id) ?? rule), now.lives, "gone"),
    conditions: changes.filter((change) => change.kind === "conditions"),
    changes,
  };
}

function needsOf(state) {
  const rules = [...state.rules.values()].sort((one, other) => inOrder(one.id, other.id));
  return rules.filter((rule) => rule.lifecycle.status !== "removed" && rule.level !== "informational");
}

function isHeld(rule) {
  return rule.lifecycle.status === "missing";
}

/** What is asked for and does not follow from what was had, whichever alternative of it was taken. */
function unmetBy(had, asked) {
  const follows = (need, one) =>
    door(one) === door(need) &&
    [null, need.application].includes(one.application) &&
    LEVELS.indexOf(one.level) <= LEVELS.indexOf(need.level) &&
    one.destinations.every((taken) => need.destinations.some((option) => takesIn(taken, option)));
  return asked.filter((need) => !had.some((one) => follows(need, one)));
}

/** What was had and nothing that is asked for goes through any more. */
function unusedBy(had, asked) {
  const goesThrough = (need, one) =>
    door(one) === door(need) &&
    one.destinations.some((taken) => need.destinations.some((option) => takesIn(taken, option)));
  return had.filter((one) => !asked.some((need) => goesThrough(need, one)));
}

function door({ cloud, protocol, port }) {
  return `${cloud} ${protocol} ${port}`;
}

function destinationOf(rule) {
  return rule.destinations.map((one) => one.flat).join(" or ");
}

/** One step an endpoint, whatever number of rules ask for it; the strictest level counts. */
function steps(rules, lives, day) {
  const grouped = new Map();
  for (const rule of rules) {
    const key = `${door(rule)} ${destinationOf(rule)}`;
    grouped.set(key, [...(grouped.get(key) ?? []), rule]);
  }
  const found = [...grouped.values()].map((group) => step(group, lives, day));
  return found.sort((one, other) => inTurn(one.rules, other.rules) || inOrder(one.destination, other.destination));
}

function step(rules, lives, day) {
  const [first] = rules;
  const ids = [...new Set(rules.map((rule) => rule.id))].sort(inOrder);
  const known = ids.map((id) => lives.get(id)?.[day]).filter(Boolean);
  const missing = rules.map((rule) => rule.lifecycle.since).filter(Boolean);
  return {
    cloud: first.cloud,
    destination: destinationOf(first),
    protocol: first.protocol,
    port: first.port,
    application: first.application,
    level: LEVELS.find((level) => rules.some((rule) => rule.level === level)),
    features: [...new Set(rules.map((rule) => rule.feature))].sort(inOrder),
    rules: ids,
    since: latest(missing) ?? latest(known),
    keep_until: latest(rules.map((rule) => rule.lifecycle.until).filter(Boolean)),
  };
}

function latest(days) {
  return days.length ? days.reduce((one, other) => (one > other ? one : other)) : null;
}
