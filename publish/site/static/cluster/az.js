// What `az aks show` tells of a cluster: the reading of aks_egress_catalog.cluster.az. Nothing of it leaves the page.

import { cloudOf, check, defaults, neededFeatures, ProfileError } from "./profile.js";
import { changesARule } from "./resolve.js";

/** The output of one cluster is some 10 kB; so much is read and no more. */
export const LONGEST = 1_000_000;

const CLUSTER = "microsoft.containerservice/managedclusters";
const OTHERS = {
  "microsoft.containerservice/managedclusters/agentpools": "a node pool, as az aks nodepool show prints it",
  "microsoft.kubernetes/connectedclusters": "an Arc-connected cluster, which is not an AKS cluster",
};
const MARKS = {
  error: "an error answer",
  value: "a list, as the API prints it",
  apiVersion: "a Kubernetes object or a kubeconfig",
  $schema: "a template",
  vmSize: "a node pool, as az aks nodepool show prints it",
};
const SUFFIXES = {
  ".azmk8s.io": "AzureCloud",
  ".cx.aks.containerservice.azure.us": "AzureUSGovernment",
  ".cx.prod.service.azk8s.cn": "AzureChinaCloud",
};
const FREE = ["tags", "config"]; // objects whose keys are the user's own
const IMAGE_MONTH = /-(20\d\d)\.?(0[1-9]|1[0-2])\.\d+(?:\.\d+)?$/;
const AZURE_LINUX = /^(?:azurelinux|(?:cbl)?mariner)/i;
const N_SERIES = /^(?:standard|basic)_n[a-z]/i;

/** Read pasted output: {name, profile, notes, open}; `open` has the keys that az cannot tell. Throws a ProfileError. */
export function readAz(data, text) {
  if (text.length > LONGEST) throw new ProfileError(`this text is ${Math.round(text.length / 1000)} kB long, and the output of one cluster is some 10 kB. ${next(data)}`);
  let content;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new ProfileError(`this is not JSON: ${notJson(text)}. ${next(data)}`);
  }
  return profileFromAz(data, Array.isArray(content) && content.length === 1 ? content[0] : content);
}

/** Make a profile of what was read. */
export function profileFromAz(data, content) {
  const seen = otherThanACluster(content);
  if (seen) throw new ProfileError(`this is ${seen}, not one AKS cluster. ${next(data)}`);
  const cluster = new Cluster(data, flat(content));
  const features = cluster.features();
  const cloud = Object.values(cluster.clouds())[0] ?? "AzureCloud";
  const outbound = cluster.oneOf("OUTBOUND_TYPE", data.keys.find((key) => key.name === "outbound_type").choices)[0] ?? "loadBalancer";
  const cached = cluster.oneOf("ARTIFACT_SOURCE", ["Cache", "Direct"]).includes("Cache");
  const profile = {
    ...defaults(data),
    cloud,
    region: cluster.region(cloud),
    features: features.sort(),
    private_cluster: cluster.on("PRIVATE_CLUSTER"),
    vnet_integration: cluster.on("VNET_INTEGRATION"),
    api_server_fqdn: cluster.server(),
    outbound_type: outbound,
    bootstrap_cache: cached,
    network_isolated: cached && ["none", "block"].includes(outbound),
    http_proxy: cluster.hasProxy() && !cluster.flags("PROXY_ENABLED").includes(false),
    gpu: cluster.hasGpu(),
    windows: cluster.hasWindows(),
    azure_linux: cluster.hasAzureLinuxAlone(),
    nodes_after_2021_03: cluster.nodesAfterMarch2021() !== false,
  };
  check(data, profile);
  cluster.text("ID"); // whatever else is wrong with the output, its parts are texts
  const name = cluster.text("NAME");
  const asked = [...questions(data, cluster, profile)].filter(({ trial, narrows }) => changes(data, profile, trial, narrows));
  return { name, profile, notes: [...notesOn(data, cluster, profile)], open: asked.map(({ key }) => key) };
}

function next(data) {
  const run = data.az.run;
  return `${run[0].toUpperCase()}${run.slice(1)}`;
}

function notJson(text) {
  const first = text.trim().split("\n")[0].slice(0, 200);
  if (!first) return "it is empty, as when az printed an error to the screen";
  if (first.startsWith("WARNING")) return "it begins with a warning of az, which belongs to stderr (leave out 2>&1)";
  return /^(?:ERROR|\(|az:)/.test(first) ? `it is an error of az, “${first}”` : `it begins with “${first}”`;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Find a value whatever the case of its key: the az CLI prints privateFqdn, the API privateFQDN. */
function named(part, name) {
  if (Object.hasOwn(part, name)) return part[name];
  return Object.entries(part).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function otherThanACluster(content) {
  if (Array.isArray(content)) return `a list of ${content.length}, as az aks list prints it`;
  if (!isObject(content)) return "a single value";
  const kind = named(content, "type");
  if (typeof kind === "string" && kind.includes("/")) return kind.toLowerCase() === CLUSTER ? "" : (OTHERS[kind.toLowerCase()] ?? `a resource of type ${kind.slice(0, 100)}`);
  const mark = Object.keys(MARKS).find((one) => Object.hasOwn(content, one));
  if (mark) return MARKS[mark];
  const pools = named(flat(content), "agentPoolProfiles");
  return Array.isArray(pools) ? (pools.length ? "" : "an object without node pools") : pools ? "" : "an object without agentPoolProfiles";
}

/** Lift what the API nests under `properties`, as the az CLI does. */
function flat(content) {
  const nested = named(content, "properties");
  if (!isObject(nested)) return content;
  return { ...nested, ...Object.fromEntries(Object.entries(content).filter(([, value]) => value !== nested)) };
}

/** Every value at a path, with its place; null is absent. */
function* valuesAt(part, steps, where = "") {
  if (part === null || part === undefined) return;
  if (!steps.length) {
    yield [where, part];
    return;
  }
  if (!isObject(part)) throw new ProfileError("expected an object", where);
  const name = steps[0].replace("[]", "");
  const value = named(part, name);
  const place = where ? `${where}.${name}` : name;
  if (name === steps[0]) yield* valuesAt(value, steps.slice(1), place);
  else if (Array.isArray(value)) for (const [index, one] of value.entries()) yield* valuesAt(one, steps.slice(1), `${place}[${index}]`);
  else if (value !== null && value !== undefined) throw new ProfileError("expected a list", place);
}

/** Typed access to the fields of one cluster. */
class Cluster {
  constructor(data, content) {
    this.data = data;
    this.content = content;
  }

  values(field) {
    return [...valuesAt(this.content, this.data.az.fields[field].split("."))];
  }

  /** What stands at some fields, by place; the empty text is absent. */
  texts(...fields) {
    const found = fields.flatMap((field) => this.values(field));
    const wrong = found.find(([, value]) => typeof value !== "string");
    if (wrong) throw new ProfileError("expected a text", wrong[0]);
    return Object.fromEntries(found.filter(([, value]) => value));
  }

  text(field) {
    return Object.values(this.texts(field))[0] ?? "";
  }

  /** The values of a field of which this version must know every one. */
  oneOf(field, known) {
    const found = Object.entries(this.texts(field)).map(([where, value]) => {
      const one = known.find((other) => other.toLowerCase() === value.toLowerCase());
      if (!one) throw new ProfileError(`“${value.slice(0, 100)}” is unknown; there is ${known.join(", ")}`, where);
      return one;
    });
    return [...new Set(found)];
  }

  flags(field) {
    return this.values(field).map(([where, value]) => flag(where, value));
  }

  on(field) {
    return this.flags(field).includes(true);
  }

  /** Every object with `enabled: true`; what is off has no parts that are on. */
  switchedOn() {
    const found = [];
    const waiting = [["", this.content]];
    while (waiting.length) {
      const [path, part] = waiting.pop();
      const enabled = named(part, "enabled") ?? null;
      if (enabled !== null && path) {
        if (!flag(`${path}.enabled`, enabled)) continue;
        found.push(path);
      }
      for (const [key, value] of Object.entries(part)) {
        if (isObject(value) && !FREE.includes(key.toLowerCase())) waiting.push([path ? `${path}.${key}` : key, value]);
      }
    }
    return found.sort();
  }

  features() {
    const found = this.switchedOn().flatMap((path) => below(path, Object.keys(this.data.az.features)).map((top) => this.data.az.features[top]));
    if (this.hasMesh() && this.text("MESH_VAULT")) found.push("key-vault-csi");
    return [...new Set(found)];
  }

  hosts() {
    return Object.entries(this.texts("FQDN", "PRIVATE_FQDN", "PORTAL_FQDN")).map(([where, host]) => [where, host.toLowerCase()]);
  }

  /** What each witness takes the cloud for, the strongest first. */
  clouds() {
    const found = this.hosts().flatMap(([where, host]) => suffixesOf(host).map((suffix) => [where, SUFFIXES[suffix]]));
    const byRegion = cloudOf(this.data, this.location());
    return Object.fromEntries([...found, ...(byRegion ? [["location", byRegion]] : [])]);
  }

  location() {
    return this.text("LOCATION").toLowerCase().replace(/\s+/g, "") || null;
  }

  regionsOfHosts() {
    return this.hosts().flatMap(([, host]) => suffixesOf(host).map((suffix) => host.slice(0, -suffix.length).split(".").at(-1)));
  }

  region(cloud) {
    const said = this.location();
    const home = said === null ? undefined : cloudOf(this.data, said);
    if (home === undefined || home === cloud) return said;
    return this.regionsOfHosts().find((one) => cloudOf(this.data, one) === cloud) ?? null;
  }

  server() {
    const own = this.on("PRIVATE_CLUSTER") ? this.text("PRIVATE_FQDN") : "";
    return (own || this.text("FQDN")).toLowerCase() || null;
  }

  hasProxy() {
    return Object.keys(this.texts("HTTP_PROXY", "HTTPS_PROXY")).length > 0;
  }

  hasMesh() {
    return this.oneOf("MESH_MODE", ["Istio", "Disabled"]).includes("Istio");
  }

  hasWindows() {
    const skus = Object.values(this.texts("POOL_OS_SKU"));
    return this.oneOf("POOL_OS_TYPE", ["Linux", "Windows"]).includes("Windows") || skus.some((sku) => sku.toLowerCase().startsWith("windows"));
  }

  hasAzureLinuxAlone() {
    const poolOf = (where) => where.slice(0, where.lastIndexOf("."));
    const systems = Object.fromEntries(Object.entries(this.texts("POOL_OS_SKU")).map(([where, sku]) => [poolOf(where), sku]));
    const pools = new Set(Object.keys(this.texts("POOL_NAME", "POOL_SIZE", "POOL_OS_SKU")).map(poolOf));
    const linux = [...pools].map((pool) => systems[pool] ?? "").filter((sku) => !sku.toLowerCase().startsWith("windows"));
    return linux.length > 0 && linux.every((sku) => AZURE_LINUX.test(sku));
  }

  hasGpu() {
    const sizes = Object.values(this.texts("POOL_SIZE", "POOL_MANUAL_SIZE", "POOL_NODE_SIZE"));
    const drivers = this.oneOf("POOL_GPU_DRIVER", ["Install", "None"]);
    return drivers.includes("Install") || Object.keys(this.texts("POOL_GPU_INSTANCE")).length > 0 || sizes.some((size) => N_SERIES.test(size));
  }

  /** The age of the Linux nodes by their image: no node is older than its image; null is unknown. */
  nodesAfterMarch2021() {
    const images = Object.values(this.texts("POOL_IMAGE"));
    const months = images.filter((image) => !image.toLowerCase().includes("windows")).map((image) => IMAGE_MONTH.exec(image));
    if (months.some((month) => month && `${month[1]}${month[2]}` <= "202103")) return false;
    const pools = Object.keys(this.texts("POOL_NAME")).length;
    return months.every(Boolean) && images.length === pools && pools > 0 ? true : null;
  }
}

function flag(where, value) {
  if (typeof value !== "boolean") throw new ProfileError("expected true or false", where);
  return value;
}

function suffixesOf(host) {
  return Object.keys(SUFFIXES).filter((suffix) => host.endsWith(suffix));
}

/** The tops that a path is, or is below. */
function below(path, tops) {
  return tops.filter((top) => `${path}.`.toLowerCase().startsWith(`${top}.`.toLowerCase()));
}

/** Whether an answer could change a rule; what only narrows counts where a rule cannot be expressed without it. */
function changes(data, profile, trial, narrows) {
  const added = Object.entries(trial).map(([key, value]) => [key, Array.isArray(value) ? [...profile[key], ...value] : value]);
  return changesARule(data, profile, Object.fromEntries(added), { narrowing: !narrows });
}

/** What must be looked up before the profile is complete: the key, and settings that an answer could bring. */
function* questions(data, cluster, profile) {
  yield* aboutPlace(data, cluster, profile);
  yield* aboutApiServer(cluster, profile);
  yield { key: "azure_firewall", trial: { azure_firewall: true } };
  yield { key: "custom_dns", trial: { custom_dns: ["192.0.2.53"] } };
  yield { key: "private_endpoints", trial: { private_endpoints: true } };
  yield* aboutNodes(cluster, profile);
  const gateways = cluster.hasMesh() && cluster.on("MESH_GATEWAYS");
  const needed = neededFeatures({ ...profile, recommended: false, gpu: false, windows: false });
  if (!needed.has("key-vault-csi") && (gateways || cluster.on("APP_ROUTING"))) yield { key: "features", trial: { features: ["key-vault-csi"] } };
  if (!needed.has("cluster-extensions")) yield { key: "features", trial: { features: ["cluster-extensions"] } };
}

function* aboutPlace(data, cluster, profile) {
  const others = Object.keys(data.regions).filter((cloud) => cloud !== profile.cloud);
  if (new Set(Object.values(cluster.clouds())).size !== 1) yield { key: "cloud", trial: { cloud: others[0], region: null } };
  const located = cluster.location();
  if (profile.region === null && located === null) yield { key: "region", trial: { region: data.regions[profile.cloud][0] } };
  for (const region of cluster.regionsOfHosts()) if (located !== null && located !== region) yield { key: "region", trial: { region: null } };
}

function* aboutApiServer(cluster, profile) {
  const privateName = cluster.text("PRIVATE_FQDN");
  const suffix = Object.keys(SUFFIXES).find((one) => SUFFIXES[one] === profile.cloud);
  const way = profile.private_cluster ? "00000000.privatelink" : "hcp";
  const trial = { api_server_fqdn: `made-up.${way}.${profile.region ?? "nowhere"}${suffix}` };
  if (profile.private_cluster && !privateName && cluster.text("PRIVATE_DNS_ZONE").toLowerCase() !== "none") yield { key: "api_server_fqdn", trial };
  else if (profile.api_server_fqdn === null) yield { key: "api_server_fqdn", trial };
  if (privateName && !profile.private_cluster && !profile.vnet_integration) yield { key: "private_cluster", trial: { private_cluster: true } };
  if (profile.vnet_integration) {
    yield { key: "api_server_subnet", trial: { api_server_subnet: "192.0.2.0/28" } };
  } else if (!profile.private_cluster) {
    yield { key: "api_server_ips", trial: { api_server_ips: ["192.0.2.1"] }, narrows: true };
    yield { key: "pods_use_api_server_ip", trial: { pods_use_api_server_ip: true } };
    yield { key: "konnectivity", trial: { konnectivity: false } };
  }
}

function* aboutNodes(cluster, profile) {
  if (!Object.keys(cluster.texts("POOL_NAME", "POOL_OS_TYPE", "POOL_SIZE")).length) {
    for (const key of ["gpu", "windows"]) yield { key, trial: { [key]: true } };
  }
  const provisions = cluster.oneOf("NODE_PROVISIONING", ["Auto", "Manual"]).includes("Auto") || cluster.on("AI_TOOLCHAIN");
  if (provisions && !profile.gpu) yield { key: "gpu", trial: { gpu: true } };
  if (profile.gpu && cluster.oneOf("POOL_GPU_DRIVER", ["Install", "None"]).includes("None")) yield { key: "gpu", trial: { gpu: false } };
  if (!cluster.nodesAfterMarch2021()) yield { key: "nodes_after_2021_03", trial: { nodes_after_2021_03: !profile.nodes_after_2021_03 } };
  if (["nodeimage", "none"].includes(cluster.text("NODE_OS_CHANNEL").toLowerCase())) yield { key: "recommended", trial: { recommended: false } };
}

/** What to know of the output itself, where no answer would change a rule. */
function* notesOn(data, cluster, profile) {
  const state = cluster.text("PROVISIONING_STATE") || "Succeeded";
  if (state.toLowerCase() !== "succeeded") {
    yield `provisioningState is ${state}: a cluster in the middle of a change, or after a failed one, may print settings that do not hold; save it again when it has succeeded`;
  }
  if (cluster.text("POWER_STATE").toLowerCase() === "stopped") yield "the cluster is stopped: a start can bring its API server another address";
  if (cluster.flags("PROXY_ENABLED").includes(true) && !cluster.hasProxy()) {
    yield "httpProxyConfig is enabled, yet names no proxy; behind a proxy the host rules belong on the proxy";
  }
  if (profile.http_proxy) {
    const past = Object.keys(cluster.texts("NO_PROXY")).length;
    if (past) yield `noProxy lists ${past} destinations: the firewall must open those, and the way to the proxy itself, which the page cannot name`;
    if (cluster.text("TRUSTED_CA")) yield "the proxy opens TLS (trustedCa is set): let the API server's name pass unopened, its tunnel needs ALPN";
  }
  const known = [...Object.keys(data.az.features), ...data.az.quiet];
  const unknown = cluster.switchedOn().filter((path) => !below(path, known).length);
  if (unknown.length) yield `on, and not stated by the page, so that nothing is added for it: ${unknown.join(", ")}`;
}
