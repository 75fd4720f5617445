// The rules that come near a host that none is for, and why none of them is: the answers of
// aks_egress_catalog.ask.near_misses, in the same order.

const SHOWN = 5;
const SHORTEST = 3;

/**
 * Of `mentions`, every host pattern of every rule, those that come nearest; `elsewhere` are those of the very host, of
 * which none is for its port. `matches` says whether a pattern takes a host in.
 */
export function nearMisses(mentions, elsewhere, endpoint, matches) {
  const { host } = endpoint;
  const found = new Map();
  for (const [some, why] of kinds(mentions, elsewhere, host, matches)) {
    for (const one of [...some].sort(byPlace)) {
      const key = `${one.destination} ${one.transport}`;
      if (!found.has(key)) found.set(key, { ...one, why: why || otherPort(one, endpoint) });
    }
  }
  return [...found.values()].slice(0, SHOWN);
}

/** What may come near, the nearest kind first; a kind is some mentions and why they are not for the host. */
function kinds(mentions, elsewhere, host, matches) {
  const of = (pattern) => mentions.filter((one) => one.destination === pattern);
  const parent = host.includes(".") ? host.slice(host.indexOf(".") + 1) : "";
  const hosts = [...new Set(mentions.map((one) => one.destination).filter((pattern) => !/[*{]/.test(pattern)))].sort(order);
  const [alike, neighbours] = differByOneLabel(hosts, host);
  return [
    [elsewhere, ""],
    [of(`*.${host}`), `*.${host} covers names below ${host}, not ${host} itself`],
    [hosts.includes(parent) ? of(parent) : [], `${parent} covers that name, none below it`],
    ...beginsLike(mentions, of, host, matches),
    ...alike.map((one) => [of(one), `${host} is not ${one}: a character or two differ`]),
    ...neighbours.map((one) => [of(one), `${host} is not ${one}`]),
  ];
}

/** Longest first: mcr.microsoft.com.evil.io begins with mcr.microsoft.com. */
function beginsLike(mentions, of, host, matches) {
  const labels = host.split(".");
  const patterns = [...new Set(mentions.map((one) => one.destination))];
  const found = [];
  for (let size = labels.length - 1; size > 1; size -= 1) {
    const head = labels.slice(0, size).join(".");
    const naming = patterns.filter((pattern) => matches(pattern, head)).sort((one, other) => literalTail(other).length - literalTail(one).length);
    for (const pattern of naming) found.push([of(pattern), `${host} only begins like ${head}: it is a name in ${labels.slice(size).join(".")}`]);
  }
  return found;
}

/** Hosts in whose place somebody may have typed this one, and those whose first label is part of its own. */
function differByOneLabel(hosts, host) {
  const [alike, neighbours] = [[], []];
  const labels = host.split(".");
  for (const known of hosts) {
    const others = known.split(".");
    const places = others.length === labels.length ? [...labels.keys()].filter((place) => labels[place] !== others[place]) : [];
    if (places.length !== 1) continue;
    const [one, other] = [labels[places[0]], others[places[0]]];
    if (isAlike(one, other)) alike.push(known);
    else if (places[0] === 0 && Math.min(one.length, other.length) >= SHORTEST && (one.includes(other) || other.includes(one))) neighbours.push(known);
  }
  return [alike, neighbours];
}

/** Whether two different labels become the same once at most one character is taken out of each. */
function isAlike(one, other) {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start += 1;
  const [a, b] = [one.slice(start), other.slice(start)];
  if (a.length !== b.length) return a.slice(1) === b || a === b.slice(1);
  const without = (text, cut) => text.slice(0, cut) + text.slice(cut + 1);
  return [...a].some((_, cut) => a.slice(1) === without(b, cut) || without(a, cut) === b.slice(1));
}

function otherPort({ transport, verdict }, endpoint) {
  if (transport === "any" && verdict === "informational") {
    return `only the article's prose names it, without a port: nothing is said of ${transportOf(endpoint)}`;
  }
  return `it is for ${transport.replace("-", " ").toUpperCase()}, not for ${transportOf(endpoint)}`;
}

/** The port of an endpoint in words, or what was written of it. */
export function transportOf({ port, protocol }) {
  return port ? `${protocol} ${port}` : (protocol ?? "");
}

/** The core of the public cloud first: most ask about it. */
export function byPlace(one, other) {
  const rank = ({ cloud, feature }) => 2 * Number(cloud !== "AzureCloud") + Number(feature !== "core");
  return rank(one) - rank(other) || byId(one, other);
}

/** Sort by ids, letter by letter, as Python does. */
export function byId(one, other) {
  return order(one.id, other.id);
}

/** Sort texts letter by letter. */
export function order(one, other) {
  return one < other ? -1 : Number(one > other);
}

/** What stands behind the last star or placeholder: `azmk8s.io` of `*.hcp.{region}.azmk8s.io`. */
function literalTail(pattern) {
  const labels = pattern.split(".");
  const open = labels.findLastIndex((label) => /[*{]/.test(label));
  return labels.slice(open + 1).join(".");
}
