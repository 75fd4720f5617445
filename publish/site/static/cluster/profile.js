// A cluster's profile: from settings such as region=westeurope to values, as aks_egress_catalog.cluster.profile has it.

import { network } from "./networks.js";

const HOST = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/;
const SWITCH = { true: true, yes: true, on: true, false: false, no: false, off: false };
const LONGEST = 2000;

/** What a profile cannot be; the message is for a person, `key` is the setting at fault. */
export class ProfileError extends Error {
  constructor(message, key = "") {
    super(key ? `${key}: ${message}` : message);
    this.key = key;
  }
}

/** The profile of a cluster of which nothing was said. */
export function defaults(data) {
  return Object.fromEntries(data.keys.map((key) => [key.name, key.default]));
}

/** Make a profile of settings: texts by key, of a list with commas. Throws a ProfileError. */
export function profileOf(data, settings) {
  const profile = defaults(data);
  for (const key of data.keys) {
    const text = settings[key.name];
    if (text !== undefined && text !== "") profile[key.name] = valueOf(key, text.trim().slice(0, LONGEST));
  }
  profile.cloud ||= cloudOf(data, profile.region) || "AzureCloud";
  check(data, profile);
  return profile;
}

/** Write what is not the default as settings, in the order of the keys; the cloud where no region says it. */
export function settingsOf(data, profile) {
  const said = data.keys.filter((key) => `${profile[key.name] ?? ""}` !== `${key.default ?? ""}`);
  const written = said.map((key) => [key.name, `${profile[key.name]}`]);
  const known = cloudOf(data, profile.region) || "AzureCloud";
  return written.filter(([name, value]) => name !== "cloud" || value !== known);
}

/** The profile in one line, as the head of an exported file has it. */
export function oneLine(data, profile) {
  const said = data.keys.filter((key) => `${profile[key.name] ?? ""}` !== `${key.default ?? ""}`);
  const value = (key) => (key.form === "switch" ? (profile[key.name] ? "True" : "False") : `${profile[key.name]}`);
  return said.map((key) => `${key.name}=${value(key)}`).join(" ");
}

/** The cloud that a region belongs to; undefined where nobody knows. */
export function cloudOf(data, region) {
  return Object.keys(data.regions).find((cloud) => data.regions[cloud].includes(region));
}

/** The features whose rules a cluster needs. */
export function neededFeatures(profile) {
  const implied = { core: true, "os-updates": profile.recommended, gpu: profile.gpu, windows: profile.windows };
  return new Set([...profile.features, ...Object.keys(implied).filter((name) => implied[name])]);
}

/** Refuse what no cluster can be. */
export function check(data, profile) {
  for (const key of data.keys) {
    for (const one of key.choices.length ? [profile[key.name] ?? []].flat() : []) {
      if (!key.choices.includes(one)) throw new ProfileError(`“${one}” is unknown; choose from ${key.choices.join(", ")}`, key.name);
    }
  }
  const { region, cloud, api_server_fqdn: server } = profile;
  if (region !== null && !data.regions[cloud].includes(region)) throw new ProfileError(whyNoRegion(data, region, cloud), "region");
  if (server !== null && !HOST.test(server)) throw new ProfileError(`“${server}” is not a host name`, "api_server_fqdn");
  for (const key of ["custom_dns", "api_server_ips", "api_server_subnet"]) {
    const wrong = [profile[key] ?? []].flat().find((one) => !network(one));
    if (wrong !== undefined) throw new ProfileError(`“${wrong}” is not an address`, key);
  }
  if (profile.network_isolated && !["none", "block", null].includes(profile.outbound_type)) {
    throw new ProfileError(`network isolated clusters have outbound type none or block, not ${profile.outbound_type}`, "outbound_type");
  }
  if (profile.api_server_subnet && !profile.vnet_integration) {
    throw new ProfileError("only clusters with API Server VNet Integration have one", "api_server_subnet");
  }
}

function whyNoRegion(data, region, cloud) {
  const home = cloudOf(data, region);
  return home ? `${region} is a region of ${home}, not of ${cloud}` : `“${region}” is not known for ${cloud}; the command line takes it with --allow-unknown-region`;
}

function valueOf(key, text) {
  if (key.form === "list") return text.split(",").map((one) => one.trim()).filter(Boolean);
  if (key.form === "text") return text;
  const found = SWITCH[text.toLowerCase()];
  if (found === undefined) throw new ProfileError(`“${text}” is neither true nor false`, key.name);
  return found;
}
