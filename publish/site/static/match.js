// From a host and a port to the rules that cover it: the semantics of aks_egress_catalog.hosts and .ask.
//
// `*.x` covers names of any depth below x, and not x itself. Any other star stands for one or more characters inside
// one label, a placeholder for exactly one label. A name is named by host patterns alone: no service tag, set of
// addresses or `*` takes it in.

import { rangeTakesIn, readAddress } from "./addresses.js";
import { byId, nearMisses, order, transportOf } from "./near-misses.js";

const NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;

/** What a person may correct; the message is for them. */
export class EndpointError extends Error {}

/**
 * Read HOST, HOST:PORT or HOST:PORT/PROTOCOL; IPv6 addresses stand in brackets. A pasted address of a page works. What
 * was not written is null: without a port every rule for the host counts.
 */
export function parseEndpoint(text) {
  const pasted = /^(https?):\/\/([^/?#]*)/i.exec(text.trim());
  const scheme = pasted?.[1].toLowerCase();
  const [rest, transport = ""] = (pasted ? pasted[2] : text.trim()).split(/\/(.*)/s);
  const [host, digits] = split(rest);
  if (digits && !/^\d+$/.test(digits)) throw new EndpointError(`“${digits}” is not a port.`);
  const port = digits ? Number(digits) : { http: 80, https: 443 }[scheme] ?? null;
  const protocol = transport.toUpperCase() || (port === null ? null : "TCP");
  if (port !== null && (port < 1 || port > 65535)) throw new EndpointError(`${port} is not a port from 1 to 65535.`);
  if (protocol !== null && protocol !== "TCP" && protocol !== "UDP") throw new EndpointError(`“${transport}” is neither tcp nor udp.`);
  return { host: normalizeHost(host), port, protocol };
}

/** Write an endpoint as it is answered for. */
export function written({ host, port, protocol }) {
  const name = host.includes(":") && port ? `[${host}]` : host;
  return `${name}${port ? `:${port}` : ""}${protocol ? `/${protocol}` : ""}`;
}

function split(rest) {
  if (rest.startsWith("[")) {
    const [host, after = ""] = rest.slice(1).split(/\](.*)/s);
    return [host, after.replace(/^:/, "")];
  }
  return rest.split(":").length > 2 ? [rest, ""] : rest.split(":");
}

/** Fold a host as DNS does: lower case, no dot at the end, international names in their ASCII form. */
export function normalizeHost(host) {
  let name = host.trim().replace(/\.$/, "").toLowerCase();
  if (/[^\0-\x7f]/.test(name)) name = ascii(name);
  if (NAME.test(name) || readAddress(name)) return name;
  throw new EndpointError(`“${host}” is not a host name or an address; give it as HOST or HOST:PORT.`);
}

function ascii(name) {
  try {
    return new URL(`http://${name}`).hostname;
  } catch {
    return "";
  }
}

/** Write a host pattern as an anchored regular expression. */
export function patternRegex(pattern) {
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
 */
export function check(data, endpoint) {
  const rules = [...data.fixes.map(readRule), ...data.rules.map(readRule).sort(byId)];
  const answer = readAddress(endpoint.host) ? ofAddress(rules, endpoint) : ofName(rules, data.gone, endpoint);
  const advisories = data.advisories.filter((one) => one.about.some((pattern) => matches(pattern, endpoint.host)));
  return { rules: [], near: [], gone: [], needs: [], ...answer, advisories };
}

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
    .map(([id, day]) => ({ id, day, ...partsOf(id) }))
    .filter((rule) => isOn(endpoint, rule.transport) && matches(rule.destination, endpoint.host))
    .sort(byId);
  if (here.length) return decided(rules, here, former);
  const elsewhere = named.filter((one) => one.verdict !== "retired");
  const explaining = former.filter((rule) => rule.transport !== "any" || !elsewhere.length);
  if (explaining.length) {
    const last = explaining.reduce((one, other) => (age(other) > age(one) ? other : one));
    return { verdict: "retired", reason: `asked for until ${last.day}, as ${last.id}; no rule has it today`, gone: former };
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
  return {
    verdict: best,
    reason: reasonOf(all, deciding),
    rules,
    gone: YES.has(best) ? [] : former,
    needs: [...new Set(deciding.flatMap((one) => one.needs))],
  };
}

function reasonOf(all, deciding) {
  const [{ verdict, why }] = deciding;
  if (verdict !== "required" && verdict !== "required-if") return why;
  const named = new Set(deciding.map((one) => one.cloud));
  const clouds = [...named].sort((one, other) => Number(one !== "AzureCloud") - Number(other !== "AzureCloud") || order(one, other));
  const everywhere = new Set(all.filter((rule) => !rule.fix).map((rule) => rule.cloud)).size === named.size;
  const where = everywhere ? "" : ` in ${clouds.join(" and ")}`;
  if (verdict === "required") return `every cluster${where} needs it`;
  return `needed${where} ${[...new Set(deciding.map((one) => one.why))].join(", or ")}`;
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

function matches(pattern, host) {
  return patternRegex(pattern).test(host);
}
