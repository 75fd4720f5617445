// From a host and a port to the rules that cover it: the semantics of aks_egress_catalog.hosts and .ask.
//
// `*.x` covers names of any depth below x, and not x itself. Any other star stands for one or more characters inside
// one label, a placeholder for exactly one label. A name is named by host patterns alone: no service tag, set of
// addresses or `*` takes it in.

import { rangeTakesIn, readAddress } from "./addresses.js";
import { byId, nearMisses, order, transportOf } from "./near-misses.js";

/** Say whether a host pattern takes a host in. */
export function matches(pattern, host) {
  if (!regexes.has(pattern)) regexes.set(pattern, patternRegex(pattern));
  return regexes.get(pattern).test(host);
}

const regexes = new Map();

/** Write a host pattern as an anchored regular expression. */
function patternRegex(pattern) {
  const deep = pattern.startsWith("*.");
  const pieces = (deep ? pattern.slice(2) : pattern).split(/(\*|\{[^}]*\})/);
  const written = pieces.map((piece, place) => (place % 2 ? "[^.]+" : piece.replace(/[^A-Za-z0-9_]/g, "\\$&")));
  return new RegExp(`^${deep ? "(?:[^.]+\\.)+" : ""}${written.join("")}$`);
}

/** Take a rule id apart: cloud, feature, destination in the flat form, transport such as tcp-443. */
export function partsOf(id) {
  const [cloud, feature] = id.split("/", 2);
  const endpoint = id.slice(cloud.length + feature.length + 2);
  const cut = endpoint.lastIndexOf(":");
  const key = endpoint.slice(0, cut);
  return { cloud, feature, destination: key === "any" ? "*" : key, transport: endpoint.slice(cut + 1) };
}

/** The page of a rule, by its id; see publish/site/slugs.py. */
export function pathOf(id) {
  const [cloud, feature] = id.split("/", 2);
  const endpoint = id.slice(cloud.length + feature.length + 2);
  const plain = endpoint.replaceAll("*", "~").replace(/\{([a-z]+)\}/g, "~$1~").replaceAll(":", "_");
  return `rules/${cloud}/${feature}/${plain}.html`;
}

/**
 * Answer for an endpoint as the article says it to everybody: the verdict, the reason, the rules that it rests on, those
 * that come near, rules that once were for it, advisories, and what input could change it. `data` is data/check.json.
 *
 * `place` may name a cloud, and a region of it. Then the rules of that cloud decide, with the region written into them.
 * Where they name the host nowhere, the rules of other clouds and regions still explain it: `not-needed` there is.
 */
export function check(data, endpoint, place = {}) {
  const advisories = data.advisories.filter((one) => one.about.some((pattern) => matches(pattern, endpoint.host)));
  return { rules: [], near: [], gone: [], needs: [], ...answerAt(place, data, endpoint), advisories };
}

function answerAt({ cloud, region }, data, endpoint) {
  const rules = rulesOf(data);
  if (!cloud) return answerBy(rules, data.gone, endpoint);
  const here = answerBy(
    rules.filter((rule) => rule.cloud === cloud).map((rule) => inRegion(rule, region)),
    data.gone.filter(([id]) => id.startsWith(`${cloud}/`)),
    endpoint,
  );
  if (isYes(here) || readAddress(endpoint.host)) return here;
  const anywhere = answerBy(rules, data.gone, endpoint);
  const inAnotherRegion = anywhere.rules?.some((rule) => rule.cloud === cloud);
  if (here.verdict !== "not-listed" && !inAnotherRegion) return here;
  if (!isYes(anywhere)) return anywhere;
  return { ...anywhere, verdict: "not-needed", reason: elsewhere(anywhere.rules, cloud, region), needs: [] };
}

function isYes({ verdict }) {
  return YES.has(verdict) || verdict === "known-gap";
}

function answerBy(rules, gone, endpoint) {
  return readAddress(endpoint.host) ? ofAddress(rules, endpoint) : ofName(rules, gone, endpoint);
}

/** Write a region in the place of {region}; the id stays what it is. */
function inRegion(rule, region) {
  if (!region) return rule;
  const written = (one) => ({ ...one, destination: one.destination.replaceAll("{region}", region) });
  return { ...written(rule), alternatives: rule.alternatives.map(written) };
}

/** Why rules that name a host are not those of a cloud and a region. */
function elsewhere(rules, cloud, region) {
  const own = rules.find((rule) => rule.cloud === cloud);
  if (own) return `in ${region} it is ${inRegion(own, region).destination}`;
  const clouds = [...new Set(rules.map((rule) => rule.cloud))];
  return `only ${clouds.join(" and ")} ${clouds.length > 1 ? "have" : "has"} it, not ${cloud}`;
}

/** Every rule of the data, read once: those that advisories add first. */
function rulesOf(data) {
  if (!ruled.has(data)) ruled.set(data, [...data.fixes.map(readRule), ...data.rules.map(readRule).sort(byId)]);
  return ruled.get(data);
}

const ruled = new WeakMap();
const VERDICTS = ["required", "required-if", "recommended", "informational", "known-gap", "retired", "not-listed", "unnamed"];
const YES = new Set(VERDICTS.slice(0, 4));
const SET_KEYS = {
  RegionCIDRs: "service_tags",
  APIServerPublicIP: "api_server_ips",
  CustomDNSIP: "custom_dns",
  APIServerSubnetCIDR: "api_server_subnet",
};

function readRule([id, since, alternatives]) {
  const read = ([destination, verdict, why = "", ...needs]) => ({ destination, verdict, why, needs });
  return { id, since, alternatives: alternatives.map(read), ...partsOf(id), ...fixed(id) };
}

/** The id of a rule that an advisory adds names the advisory; the rule is for TCP 443. */
function fixed(id) {
  return id.includes("/advisory:") ? { fix: true, transport: "tcp-443" } : {};
}

function ofName(rules, gone, endpoint) {
  const named = mentions(rules, (pattern) => matches(pattern, endpoint.host));
  const here = named.filter((one) => asksFor(one, endpoint));
  const former = gone
    .map(([id, day, level = "required"]) => ({ id, day, level, ...partsOf(id) }))
    .filter((rule) => isOn(endpoint, rule.transport) && matches(rule.destination, endpoint.host))
    .sort(byId);
  if (here.length) return decided(rules, here, former);
  const elsewhere = named.filter((one) => one.verdict !== "retired");
  const explaining = former.filter((rule) => rule.transport !== "any" || !elsewhere.length);
  if (explaining.length) {
    const last = explaining.reduce((one, other) => (age(other) > age(one) ? other : one));
    return { verdict: "retired", reason: `asked for until ${last.day}, as ${last.id}; no rule has it today`, last, gone: former };
  }
  const near = nearMisses(mentions(rules, () => true), elsewhere, endpoint, matches);
  const reason = elsewhere.length ? `the host is listed, but ${near[0].why}` : "no rule names it";
  return { verdict: "not-listed", reason, near, gone: former };
}

function age({ id, day }) {
  return `${day}${id.startsWith("AzureCloud/") ? "!" : ""}`;
}

/** Every host pattern of every rule, with what it means. */
function mentions(rules, wanted) {
  return rules.flatMap((rule) =>
    rule.alternatives.filter((one) => isHost(one.destination) && wanted(one.destination)).map((one) => ({ ...rule, ...one })),
  );
}

function ofAddress(rules, endpoint) {
  const here = rules.filter((rule) => !rule.fix && rule.alternatives[0].verdict !== "retired" && asksFor({ ...rule, ...rule.alternatives[0] }, endpoint));
  const holding = here.flatMap((rule) =>
    rule.alternatives
      .filter((one) => one.destination.startsWith("cidr:") && rangeTakesIn(one.destination.slice(5), endpoint.host))
      .map((one) => ({ ...rule, ...one })),
  );
  if (holding.length) return decided(rules, holding, []);
  if (!here.length) return { verdict: "not-listed", reason: `no rule is for ${transportOf(endpoint) || "any port"}` };
  const needs = [...new Set(here.flatMap((rule) => rule.alternatives.flatMap(({ destination }) => needOf(destination))))];
  return { verdict: "unnamed", reason: `an address without a name; what would tell more: ${needs.join(", ")}`, needs };
}

function needOf(destination) {
  if (destination.startsWith("set:")) return [SET_KEYS[destination.slice(4)]];
  if (destination.startsWith("tag:")) return ["service_tags"];
  return isHost(destination) ? ["host"] : [];
}

/** Answer where rules are for the very endpoint: the first verdict of the vocabulary that one gives counts. */
function decided(all, found, former) {
  const rank = ({ verdict }) => VERDICTS.indexOf(verdict);
  const best = found.reduce((one, other) => (rank(other) < rank(one) ? other : one)).verdict;
  const byRule = new Map();
  for (const one of [...found].sort((a, b) => rank(a) - rank(b))) {
    if ((one.verdict === best || YES.has(one.verdict)) && !byRule.has(one.id)) byRule.set(one.id, one);
  }
  const rules = [...byRule.values()].sort(byId);
  const deciding = rules.filter((one) => one.verdict === best);
  const where = cloudsOf(all, deciding);
  return {
    verdict: best,
    reason: reasonOf(deciding, where),
    where,
    deciding,
    rules,
    gone: YES.has(best) ? [] : former,
    needs: [...new Set(deciding.flatMap((one) => one.needs))],
  };
}

function reasonOf(deciding, where) {
  const [{ verdict, why }] = deciding;
  if (verdict === "required") return `every cluster${where} needs it`;
  return verdict === "required-if" ? `needed${where} ${[...new Set(deciding.map((one) => one.why))].join(", or ")}` : why;
}

/** The clouds of rules in words; nothing where it is all of them. */
function cloudsOf(all, rules) {
  const named = new Set(rules.map((one) => one.cloud));
  const clouds = [...named].sort((one, other) => Number(one !== "AzureCloud") - Number(other !== "AzureCloud") || order(one, other));
  const everywhere = new Set(all.filter((rule) => !rule.fix).map((rule) => rule.cloud)).size === named.size;
  return everywhere ? "" : ` in ${clouds.join(" and ")}`;
}

/** A rule that states no port is for every one, but for an informational one, which says nothing of any. */
function asksFor({ transport, verdict }, endpoint) {
  if (transport === "any") return verdict !== "informational" || endpoint.port === null;
  return isOn(endpoint, transport);
}

/** Whether an endpoint may be one on a port: what was not written agrees with everything. */
function isOn(endpoint, transport) {
  if (transport === "any") return true;
  const [protocol, port] = transport.split("-");
  return [null, Number(port)].includes(endpoint.port) && [null, protocol.toUpperCase()].includes(endpoint.protocol);
}

function isHost(destination) {
  return destination !== "*" && !destination.includes(":");
}
