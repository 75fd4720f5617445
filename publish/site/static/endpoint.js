// What a person asks about: a host, a port and a protocol, as aks_egress_catalog.hosts.endpoint reads them.

import { readAddress } from "./addresses.js";

const NAME = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;
const QUOTED = 100;

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
  if (digits && !/^0*\d{1,5}$/.test(digits)) throw new EndpointError(`“${short(digits)}” is not a port.`);
  const port = digits ? Number(digits) : { http: 80, https: 443 }[scheme] ?? null;
  const protocol = transport.toUpperCase() || (port === null ? null : "TCP");
  if (port !== null && (port < 1 || port > 65535)) throw new EndpointError(`${port} is not a port from 1 to 65535.`);
  if (protocol !== null && protocol !== "TCP" && protocol !== "UDP") throw new EndpointError(`“${short(transport)}” is neither tcp nor udp.`);
  return { host: normalizeHost(host), port, protocol };
}

/** Write an endpoint as it is answered for. */
export function written({ host, port, protocol }) {
  const name = host.includes(":") && port ? `[${host}]` : host;
  return `${name}${port ? `:${port}` : ""}${protocol ? `/${protocol}` : ""}`;
}

/** Quote so much of a text as one reads. */
export function short(text) {
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
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
  throw new EndpointError(`“${short(host)}” is not a host name or an address; give it as HOST or HOST:PORT.`);
}

function ascii(name) {
  try {
    return new URL(`http://${name}`).hostname;
  } catch {
    return "";
  }
}

/** The host that a word of a search names, or nothing: a name with a dot, a pasted address, HOST:PORT. */
export function hostOf(word) {
  try {
    const { host } = parseEndpoint(word);
    return /[.:]/.test(host) ? host : "";
  } catch {
    return "";
  }
}
