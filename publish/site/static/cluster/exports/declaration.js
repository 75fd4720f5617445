// What a target can hold, and what becomes of a rule there: aks_egress_catalog.exports.declaration, read from its data.

import { network } from "../networks.js";
import { isHostPattern, plain, unmetNotes } from "./text.js";

const STATED_PORTS = { first: 1, last: 64000 };
const WEB_PORTS = { 443: "HTTPS", 80: "HTTP" };
const TAG = /^[A-Za-z][A-Za-z0-9.]*$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const SHOWN = 3;
const SAID = { UDP: "is UDP", TCP: "is neither TLS nor HTTP" };
const INSTEAD = { "service-tag": "; a Service Tags file would turn it into address ranges" };

/** A rule that a target cannot express; the message says why. */
export class NotExpressible extends Error {}

/** Put a rule on the first way that takes it: {rule, way, values, fidelity, reason}. Throws NotExpressible. */
export function fit(target, rule) {
  const ways = target.ways.filter(({ forms }) => forms.includes(rule.form));
  if (!ways.length) throw new NotExpressible(`${target.title} takes no ${rule.form}${INSTEAD[rule.form] ?? ""}`);
  const reasons = new Set();
  for (const way of ways) {
    const refused = whyNot(target, way, rule);
    const { kept, left } = refused ? { kept: [], left: refused } : sift(target, way, rule);
    if (kept.length) return fitted(way, rule, kept, left);
    reasons.add(left);
  }
  throw new NotExpressible([...reasons].join("; "));
}

/** Place every rule: {placed, notes}; `place` is a format's own, and throws NotExpressible where it has no form for one. */
export function placeRules(found, place) {
  const placed = [];
  const notes = [];
  for (const rule of found.rules) {
    try {
      const one = place(rule);
      placed.push(one);
      notes.push({ id: rule.id, fidelity: one.fidelity, reason: one.reason });
    } catch (error) {
      if (!(error instanceof NotExpressible)) throw error;
      notes.push({ id: rule.id, fidelity: "dropped", reason: error.message });
    }
  }
  return { placed, notes: [...notes, ...unmetNotes(found)] };
}

/** The traffic that a rule is about; null where the article states no port. */
export function trafficOf({ protocol, port, application }) {
  if (protocol === null || port === null) return null;
  return protocol === "UDP" ? "UDP" : (application ?? WEB_PORTS[port] ?? "TCP");
}

/** Why a way cannot take a rule, whatever its values are; empty where it can. */
function whyNot(target, way, rule) {
  const traffic = trafficOf(rule);
  if (traffic === null) return way.no_port === "DROPPED" ? "the article states no port" : "";
  const isStated = rule.kind === "fqdn" && rule.application !== null && rule.port >= STATED_PORTS.first && rule.port <= STATED_PORTS.last;
  if (way.stated && !isStated) return `${way.name} is for HTTP and HTTPS only`;
  if (way.traffic.includes(traffic)) return "";
  return `${rule.protocol} ${rule.port} ${SAID[traffic] ?? `is ${traffic}`}, which does not pass ${target.title}; allow it on the firewall`;
}

/** Keep the values that a way can hold, as it writes them, and say why it does not hold the others. */
function sift(target, way, { form, values }) {
  const faults = new Map(values.map((value) => [value, fault(target, way, form, value)]));
  const kept = [...faults].filter(([, why]) => !why).map(([value]) => normal(form, value));
  const left = [...faults].filter(([, why]) => why);
  const shown = left.slice(0, SHOWN).map(([value]) => (UNPRINTABLE.test(value) ? `'${plain(value)}'` : value));
  const more = left.length > SHOWN ? ` and ${left.length - SHOWN} more` : "";
  return { kept, left: left.length ? `${left[0][1]}: ${shown.join(", ")}${more}` : "" };
}

function normal(form, value) {
  if (form === "fqdn") return value.toLowerCase();
  return form === "cidr" ? network(value) : value;
}

function fault(target, way, form, value) {
  if (form === "fqdn") return hostFault(target, way, value);
  if (form === "cidr") return network(value) ? (value.includes(":") ? way.no_ipv6 : "") : "no address range";
  if (form === "service-tag") return TAG.test(value) ? "" : "no service tag";
  return value === "*" ? "" : "no address";
}

function hostFault(target, way, value) {
  if (!isHostPattern(value)) return "no host name";
  const host = value.toLowerCase();
  const rest = host.replace(/^\*\./, "").replace(/\{[^}]*\}/g, "*"); // a placeholder is one label: no leading star of ours
  if (host.length > way.longest) return `${way.name} takes names of up to ${way.longest} characters`;
  if (/[*{]/.test(host) && way.wildcard === "NONE") return `${way.name} takes no star`;
  if (rest.includes("*") && way.inner === "NOWHERE") return `${target.title} has no star but the leading '*.' that is as narrow`;
  const inPart = rest.split(".").some((label) => label.includes("*") && label !== "*");
  return way.inner === "WHOLE_LABEL" && inPart ? `a star of ${target.title} is a whole label, not a part of one` : "";
}

function fitted(way, rule, values, left) {
  const wider = widening(way, rule, values);
  const narrower = narrowing(way, rule, values, left);
  const fidelity = wider.length ? "widened" : narrower.length ? "narrowed" : "exact";
  return { rule, way, values, fidelity, reason: [...wider, ...narrower, way.remark].filter(Boolean).join("; ") };
}

function widening(way, rule, kept) {
  const byName = rule.form === "fqdn";
  const wild = below(rule, kept);
  return [
    wild.length && way.wildcard === "WITH_APEX" ? `${wild[0]} itself passes as well` : "",
    way.below && byName && wild.length < kept.length ? "all names below it pass as well" : "",
    !way.ports && rule.port !== null ? "it passes on every port" : "",
    way.by_address && byName && rule.kind === "fqdn" ? "it goes by the addresses that the name resolves to, and whatever else they serve passes as well" : "",
  ].filter(Boolean);
}

function narrowing(way, rule, kept, left) {
  const wild = below(rule, kept);
  return [
    left,
    wild.length && way.deepest ? `of the names below ${wild[0]}, those with more than ${way.deepest} labels before it do not pass` : "",
    rule.port === null && way.no_port === "WEB_ONLY" ? "the article states no port: TLS and HTTP pass, other traffic does not" : "",
    way.literal && rule.form === "cidr" ? "only requests that name the address itself pass; a host that resolves to it needs a rule of its own" : "",
  ].filter(Boolean);
}

/** The names that have a wildcard before them. */
function below(rule, kept) {
  return rule.form === "fqdn" ? kept.filter((value) => value.startsWith("*.")).map((value) => value.slice(2)) : [];
}
