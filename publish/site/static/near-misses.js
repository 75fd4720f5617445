// The rules that come near a host that none covers, and why none of them does: the answers of
// aks_egress_catalog.ask.near_misses, in the same order.

const SHOWN = 5;
const ALIKE = 0.6;

/** Of `rules`, those of the same host first, then those of hosts that look alike; `names` says whether a pattern names a host. */
export function nearMisses(rules, endpoint, { isHost, names, onPort }) {
  const scored = [];
  for (const rule of rules) {
    for (const pattern of rule.destinations.filter(isHost)) {
      const named = names(pattern, endpoint.host);
      const why = named ? otherPort(rule, endpoint, onPort) : notCovered(pattern, endpoint.host);
      const score = likeness(pattern, endpoint.host);
      if (why && (named || score >= ALIKE || literalTail(pattern) === endpoint.host)) {
        scored.push({ rule: { ...rule, why }, rank: -score - (named ? 2 : 0) });
      }
    }
  }
  scored.sort((one, other) => one.rank - other.rank || (one.rule.id < other.rule.id ? -1 : Number(one.rule.id > other.rule.id)));
  return scored.slice(0, SHOWN).map(({ rule }) => rule);
}

function otherPort(rule, endpoint, onPort) {
  if (onPort(rule, endpoint)) return ""; // covered, or possible already
  return `it is for ${rule.transport.replace("-", " ").toUpperCase()}, not for ${endpoint.protocol} ${endpoint.port}`;
}

function notCovered(pattern, host) {
  return pattern === `*.${host}` ? `${pattern} covers names below ${host}, not ${host} itself` : `${pattern} does not cover ${host}`;
}

/** What stands behind the last star or placeholder: `azmk8s.io` of `*.hcp.{region}.azmk8s.io`. */
function literalTail(pattern) {
  const labels = pattern.split(".");
  const open = labels.findLastIndex((label) => /[*{]/.test(label));
  return labels.slice(open + 1).join(".");
}

/** How alike two texts are, from 0 to 1, as Python's difflib.SequenceMatcher.ratio says it. */
export function likeness(one, other) {
  const length = one.length + other.length;
  return length ? (2 * common(one, other)) / length : 1;
}

/** How many letters the longest common parts have: the longest one, and those to its left and to its right. */
function common(one, other) {
  let [size, start, otherStart] = [0, 0, 0];
  let before = [];
  for (let at = 0; at < one.length; at += 1) {
    const here = [];
    for (let place = 0; place < other.length; place += 1) {
      if (one[at] !== other[place]) continue;
      here[place] = (before[place - 1] ?? 0) + 1;
      if (here[place] > size) [size, start, otherStart] = [here[place], at - here[place] + 1, place - here[place] + 1];
    }
    before = here;
  }
  if (!size) return 0;
  const left = common(one.slice(0, start), other.slice(0, otherStart));
  return left + size + common(one.slice(start + size), other.slice(otherStart + size));
}
