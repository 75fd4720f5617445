// From the compact history (data/compare.json) to the rules and their days at any version.

import { partsOf } from "./match.js";

const FORMS = { "tag:": "service-tag", "set:": "set", "cidr:": "cidr" };

/** The rules by id, and the days since which each stands on the page or does not, as they were at a version. */
export function stateAt(data, version) {
  const place = data.versions.findIndex(([name]) => name === version);
  const [name, day, count] = data.versions[place];
  const state = { version: name, day, known: data.features, rules: new Map(), lives: new Map() };
  for (const event of data.events.slice(0, count)) enter(state, event, data.headings);
  if (place === data.versions.length - 1) enter(state, data.now, data.headings);
  return state;
}

function enter({ rules, lives }, { day, gone, come }, headings) {
  for (const id of gone) rules.delete(id);
  for (const form of come) {
    rules.set(form.id, readRule(form, headings));
    if (day && !stands(lives.get(form.id))) lives.set(form.id, { since: day });
  }
  for (const id of day ? gone : []) {
    if (!rules.has(id)) lives.set(id, { ...lives.get(id), gone: day });
  }
}

function stands(life) {
  return life && !life.gone;
}

function readRule(form, headings) {
  const { cloud, feature, destination, transport } = partsOf(form.id);
  const [protocol, port] = transport === "any" ? [null, null] : transport.split("-");
  return {
    id: form.id,
    cloud,
    feature,
    kind: form.kind ?? "fqdn",
    level: form.level ?? "required",
    destinations: (form.destinations ?? [[destination]]).map(readDestination),
    protocol: protocol && protocol.toUpperCase(),
    port: port && Number(port),
    application: form.application ?? null,
    application_inferred: form.inferred ?? false,
    cloud_stated: !form.assumed,
    conditions: form.conditions ?? [],
    constraints: form.constraints ?? [],
    lifecycle: form.lifecycle ?? {},
    places: (form.headings ?? []).map((number) => headings[number]),
  };
}

function readDestination([flat, ...conditions]) {
  const prefix = Object.keys(FORMS).find((one) => flat.startsWith(one)) ?? "";
  const form = prefix ? FORMS[prefix] : flat === "*" ? "any" : "fqdn";
  return { flat, form, value: flat.slice(prefix.length), conditions };
}
