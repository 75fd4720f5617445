// Decides every rule for one cluster: the work of aks_egress_catalog.cluster.resolve, without a file of service tags
// and without "any address". Nothing is left out without a reason.

import { matches } from "../match.js";
import { network } from "./networks.js";
import { neededFeatures } from "./profile.js";

/** What an answer for a person can express. */
export const EVERYTHING = { names: true, tags: true, azure_firewall: false };

const NARROWEST_FIRST = ["fqdn", "cidr", "set", "service-tag", "any"];
const SERVER_REGION = /\.hcp\.([a-z0-9]+)\./;
const FOR_A_PERSON_TO_SAY = ["azure_firewall", "private_endpoints", "konnectivity", "nodes_after_2021_03"];
const HOLDS = {
  "private-cluster": (profile) => profile.private_cluster,
  "konnectivity-agent": (profile) => profile.konnectivity,
  "custom-dns": (profile) => profile.custom_dns.length > 0,
  "pods-use-api-server-ip": (profile) => profile.pods_use_api_server_ip,
  "cluster-exists": (profile) => profile.api_server_ips.length > 0,
  "nodes-after-2021-03": (profile) => profile.nodes_after_2021_03,
  "network-isolated": (profile) => profile.network_isolated,
  "private-endpoint": (profile) => profile.private_endpoints,
};

/**
 * Decide every rule: {rules, leftOut, unmet, caveats}. `fixed` adds the known gaps of the article, `target` is what a
 * firewall can express.
 */
export function resolve(data, profile, { target = EVERYTHING, fixed = false } = {}) {
  const work = new Decision(data, profile, target, fixed);
  const found = { rules: [], leftOut: [], unmet: [], caveats: [] };
  for (const rule of work.rules) {
    const reason = work.whyNot(rule);
    if (reason) {
      found.leftOut.push({ id: rule.id, reason, optional: "" });
      continue;
    }
    const { destination, filled, refused } = work.pick(rule);
    if (filled) found.rules.push(work.concrete(rule, destination, filled, refused));
    else found.unmet.push({ id: rule.id, reason: refused.join("; "), optional: whyOptional(profile, rule) });
  }
  found.caveats = [...caveats(data, work), ...idleSettings(data, profile, fixed)];
  return found;
}

/** Say whether a cluster would need anything else if some of its settings were others. */
export function changesARule(data, profile, changes, { narrowing = true, fixed = false } = {}) {
  const [one, other] = [profile, { ...profile, ...changes }].map((each) => new Decision(data, each, EVERYTHING, fixed).outcome(narrowing));
  return one !== other;
}

class Decision {
  constructor(data, profile, target, fixed) {
    this.data = data;
    this.profile = profile;
    this.target = target;
    this.fixed = fixed;
    this.needed = neededFeatures(profile);
    this.rules = data.rules.filter((rule) => !rule.in || rule.in === (fixed ? "fixed" : "plain"));
  }

  /** The values of each rule that the cluster needs, as one text. */
  outcome(narrowing) {
    const found = this.rules.filter((rule) => !this.whyNot(rule)).map((rule) => [rule.id, this.pick(rule).filled?.values ?? []]);
    return JSON.stringify(narrowing ? found : found.map(([id, values]) => [id, values.length > 0]));
  }

  /** Say why a rule is not this cluster's, or nothing. */
  whyNot(rule) {
    if (rule.cloud !== this.profile.cloud) return `it is a rule of ${rule.cloud}`;
    if (!this.needed.has(rule.feature)) return `the profile does not use ${rule.feature}`;
    if (rule.removed) return `it was removed from the article on ${rule.removed}`;
    if (rule.level === "informational") return "it is informational: only the article's prose names it; ask for informational rules to have it";
    const cached = this.profile.bootstrap_cache || this.profile.network_isolated;
    return this.failing(rule.conditions) || (cached && rule.cached) || "";
  }

  failing(conditions = []) {
    for (const [effect, when] of conditions) {
      const holds = this.holds(when);
      const setting = this.data.setting_of[when];
      if (effect === "only-if" && !holds) return `${effect}:${when}, and that does not hold for this cluster (${setting})`;
      if (effect === "not-if" && holds) return `${effect}:${when}, and that holds for this cluster (${setting})`;
    }
    return "";
  }

  holds(when) {
    if (when === "azure-firewall-network-rules") return this.profile.azure_firewall ?? this.target.azure_firewall;
    return HOLDS[when](this.profile);
  }

  /** The narrowest alternative that can be expressed, filled in; the narrower ones, or all, are refused for reasons. */
  pick(rule) {
    const ordered = [...rule.destinations].sort(([one], [other]) => NARROWEST_FIRST.indexOf(one) - NARROWEST_FIRST.indexOf(other));
    ordered.sort(([, one], [, other]) => Number(one !== "APIServerPublicIP") - Number(other !== "APIServerPublicIP"));
    const refused = [];
    for (const destination of ordered) {
      const found = this.fill(rule, destination);
      if (!found.why) return { destination, filled: found, refused };
      refused.push(`${flat(destination)}: ${found.why}`);
    }
    return { destination: rule.destinations[0], filled: null, refused };
  }

  concrete(rule, destination, filled, refused) {
    const total = rule.destinations.length;
    return {
      id: rule.id,
      feature: rule.feature,
      level: rule.level,
      kind: rule.kind,
      form: filled.form,
      values: filled.values,
      protocol: rule.protocol ?? null,
      port: rule.port ?? null,
      application: rule.application ?? null,
      alternative: total > 1 ? `${rule.destinations.indexOf(destination) + 1}/${total}` : "",
      choice: filled.choice,
      narrower: filled.narrower || refused.join("; "),
      optional: whyOptional(this.profile, rule),
      constraints: rule.constraints ?? [],
      remarks: [...(rule.remarks ?? []), ...(this.profile.azure_linux ? (rule.azure_linux ?? []) : [])],
    };
  }

  fill(rule, [form, value, conditions]) {
    const failing = this.failing(conditions);
    if (failing && !(value === "APIServerPublicIP" && !this.profile.api_server_ips.length)) return { why: failing };
    if (form === "fqdn") return this.fillHost(rule, value);
    if (form === "cidr") return { form, values: [value], choice: "the article's address range" };
    if (form === "set") return this.fillSet(value);
    if (form === "service-tag") return this.fillTag(value);
    return { why: "any address, which only allow_any lets through" };
  }

  fillHost(rule, pattern) {
    const { api_server_fqdn: server, region } = this.profile;
    if (rule.kind === "network" && !this.target.names) return { why: "the target takes no host names in network rules" };
    const own = namesApiServer(pattern);
    if (server && own && matches(pattern, server)) return { form: "fqdn", values: [server], choice: "the API server's own name", narrower: "" };
    if (pattern.includes("{region}") && region === null) return { why: "it needs the region" };
    const host = pattern.replaceAll("{region}", region);
    const placeholder = /\{[^}]*\}/.exec(host);
    if (placeholder) return { why: `nothing is known that fills in ${placeholder[0]}` };
    return { form: "fqdn", values: [host], choice: "the host", narrower: own ? "api_server_fqdn" : "" };
  }

  fillSet(name) {
    if (name === "RegionCIDRs") return { why: "it needs a Service Tags file" };
    const key = { APIServerPublicIP: "api_server_ips", CustomDNSIP: "custom_dns", APIServerSubnetCIDR: "api_server_subnet" }[name];
    const values = [this.profile[key] ?? []].flat();
    if (!values.length) return { why: `it needs ${key}` };
    return { form: "cidr", values: values.map(network), choice: `${key} of the profile`, narrower: "" };
  }

  fillTag(tag) {
    const { region } = this.profile;
    if (tag.includes("{region}") && region === null) return { why: "it needs the region" };
    if (!this.target.tags) return { why: "the target takes no service tags; a Service Tags file would turn it into ranges" };
    const name = tag.replaceAll("{region}", this.data.tag_regions[region] ?? region);
    return { form: "service-tag", values: [name], choice: "the service tag", narrower: "" };
  }
}

/** Write a destination in its flat form: tag:AzureMonitor, set:CustomDNSIP, a host. */
export function flat([form, value]) {
  return `${{ "service-tag": "tag:", set: "set:", cidr: "cidr:" }[form] ?? ""}${value}`;
}

function namesApiServer(pattern) {
  return pattern.startsWith("*.") && pattern.includes(".hcp.");
}

function whyOptional(profile, rule) {
  return (profile.network_isolated && rule.isolated) || (profile.vnet_integration && rule.integrated) || "";
}

function caveats(data, { profile, rules, needed, fixed }) {
  const { words } = data;
  const stated = new Set(rules.filter((rule) => rule.cloud === profile.cloud).map((rule) => rule.feature));
  const features = [...needed].sort();
  const outbound = words.outbound[profile.outbound_type] ?? [];
  const isOwnWay = !["none", "block"].includes(profile.outbound_type);
  const asked = ["key-vault-csi", "azure-monitor"].filter((one) => needed.has(one)).sort();
  return [
    featuresLine(data, profile, features),
    ...ofTheApiServer(profile, rules),
    ...features.filter((one) => !stated.has(one)).map((one) => `${one}: not stated by the page for ${profile.cloud}; that does not say that nothing is needed`),
    ...(profile.network_isolated ? [...words.isolated, ...words.isolated_private[asked.join()]] : profile.bootstrap_cache ? words.cached : []),
    ...(profile.vnet_integration ? words.integrated : []),
    ...(isOwnWay ? outbound : []),
    ...(profile.http_proxy ? words.proxy : []),
    ...(isOwnWay || profile.network_isolated ? [] : outbound),
    ...data.advisories[fixed ? "fixed" : "plain"].filter(([cloud, feature]) => cloud === profile.cloud && needed.has(feature)).map(([, , text]) => text),
  ];
}

/** The features with where each was said, those of one origin together. */
function featuresLine(data, profile, features) {
  const said = new Set([...profile.features, ...["gpu", "windows"].filter((name) => profile[name])]);
  const origins = new Map();
  for (const name of features) {
    const origin = said.has(name) ? data.words.setting : data.words.origins[name];
    origins.set(origin, [...(origins.get(origin) ?? []), name]);
  }
  return `features: ${[...origins].map(([origin, names]) => `${names.join(", ")} (${origin})`).join("; ")}`;
}

function ofTheApiServer(profile, rules) {
  const server = profile.api_server_fqdn;
  if (!server) return [];
  const region = SERVER_REGION.exec(server)?.[1];
  const other = region && profile.region !== null && profile.region !== region;
  const hosts = rules.filter((rule) => rule.cloud === profile.cloud).flatMap((rule) => rule.destinations);
  const patterns = [...new Set(hosts.filter(([form, value]) => form === "fqdn" && namesApiServer(value)).map(([, value]) => value))].sort();
  const unused = !profile.private_cluster && !patterns.some((pattern) => matches(pattern, server));
  return [
    ...(other ? [`api_server_fqdn ${server} is a name in ${region}, not in ${profile.region}: one of the two is another cluster's; the API server's rule has the name`] : []),
    ...(unused ? [`api_server_fqdn ${server} is not used: the page has ${patterns.join(" or ") || "no name at all"} for ${profile.cloud}`] : []),
  ];
}

/** Settings that were made and decide nothing. */
function idleSettings(data, profile, fixed) {
  const preset = Object.fromEntries(data.keys.map((key) => [key.name, key.default]));
  return FOR_A_PERSON_TO_SAY.filter((key) => profile[key] !== preset[key] && !changesARule(data, profile, { [key]: preset[key] }, { fixed })).map(
    (key) => `${key} changes nothing: no rule of ${profile.cloud} depends on it for a cluster like this one`,
  );
}
