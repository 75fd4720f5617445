// From a host and a port to the rules that cover it: the semantics of aks_egress_catalog.hosts and .ask.
//
// `*.x` covers names of any depth below x, and not x itself. Any other star stands for one or more characters inside
// one label, a placeholder for exactly one label. A rule without a port covers its host on every port. Service tags
// and named sets cover nothing by themselves.

import { rangeTakesIn, readAddress } from "./addresses.js";
import { nearMisses } from "./near-misses.js";

const NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;
const OPEN = /^(?:\*$|tag:|set:)/;

/** What a person may correct; the message is for them. */
export class EndpointError extends Error {}

/** Read HOST, HOST:PORT or HOST:PORT/PROTOCOL; IPv6 addresses stand in brackets. A pasted address of a page works. */
export function parseEndpoint(text) {
  const pasted = /^(https?):\/\/([^/?#]*)/i.exec(text.trim());
  const scheme = pasted?.[1].toLowerCase();
  const [rest, transport = "TCP"] = (pasted ? pasted[2] : text.trim()).split(/\/(.*)/s);
  const [host, digits] = split(rest);
  const protocol = transport.toUpperCase();
  if (protocol !== "TCP" && protocol !== "UDP") throw new EndpointError(`“${transport}” is neither tcp nor udp.`);
  if (digits && !/^\d+$/.test(digits)) throw new EndpointError(`“${digits}” is not a port.`);
  const port = digits ? Number(digits) : scheme === "http" ? 80 : 443;
  if (port < 1 || port > 65535) throw new EndpointError(`${port} is not a port from 1 to 65535.`);
  return { host: normalizeHost(host), port, protocol };
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
 * Say what the catalog knows of an endpoint: the verdict, the rules that cover it, those that may, rules that once did,
 * rules that come near, and known defects of the article. `data` is data/check.json.
 */
export function check(data, endpoint) {
  const rules = data.rules.map(([id, level, since, destinations]) => ({ id, level, since, destinations, ...partsOf(id) }));
  const here = rules.filter((rule) => onPort(rule, endpoint));
  const found = here.filter((rule) => covers(rule.destinations, endpoint.host));
  const open = here.filter((rule) => rule.transport !== "any" && rule.destinations.some((one) => OPEN.test(one)));
  const gone = data.gone.map(([id, day]) => ({ id, day, ...partsOf(id) }));
  return {
    verdict: found.length ? "covered" : open.length ? "possible" : "not covered",
    rules: found,
    possible: found.length ? [] : open,
    near: found.length ? [] : nearMisses(rules, endpoint, { isHost, names: matches, onPort }),
    gone: gone.filter((rule) => onPort(rule, endpoint) && isHost(rule.destination) && matches(rule.destination, endpoint.host)),
    advisories: data.advisories.filter((one) => matches(one.fix, endpoint.host) || one.instead_of === endpoint.host),
  };
}

function onPort(rule, { port, protocol }) {
  return rule.transport === "any" || rule.transport === `${protocol.toLowerCase()}-${port}`;
}

function covers(destinations, host) {
  const isAddress = readAddress(host) !== null;
  return destinations.some((one) => {
    if (one.startsWith("cidr:")) return isAddress && rangeTakesIn(one.slice(5), host);
    return !isAddress && !OPEN.test(one) && matches(one, host);
  });
}

function isHost(destination) {
  return destination !== "*" && !destination.includes(":");
}

function matches(pattern, host) {
  return patternRegex(pattern).test(host);
}
