// Endpoints in pasted text: a list, URLs, or lines of a log. What looks like a host is taken, nothing is guessed.

import { EndpointError, parseEndpoint, short, written } from "./endpoint.js";

/** So much of a text is read, and so many endpoints are answered for; a person who has more has a file. */
export const LONGEST = 200_000;
export const MOST = 100;

const SEPARATORS = /[\s,;|]+/;
const NAMES = /(?:(https?):\/\/|(?<![\w./@%-]))((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9])\.?(?![\w@-])(?::(\d{1,5})(?!\d))?/gi;
const ADDRESSES = /(?<![\w.:])(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])(?::(\d{1,5})(?!\d))?(?!\.?\w)/gi;
const PORT = /\b(?:destination_?port|dest_?port|dst_?port|dport|dpt)\W{1,4}(\d{1,5})\b/i;
/** Names of files, as logs have them beside their lines: server.go:123. */
const NO_HOST = /\.(?:c|cc|conf|cpp|go|java|js|json|log|md|php|pl|py|rb|rs|sh|sock|toml|txt|xml|yaml|yml)$/i;

/**
 * Read what is asked: `answers` are endpoints, each once, and lines that are meant as one and are none, with why;
 * `silent` lines of a log name no host, `cut` says whether there was more than is answered.
 */
export function hostsIn(text) {
  const found = new Map();
  let silent = 0;
  for (const line of text.slice(0, LONGEST).split(/[\r\n]+/)) {
    if (!line.trim()) continue;
    const answers = endpointsOf(line.trim());
    if (!answers.length) silent += 1;
    for (const one of answers) if (!found.has(one.text)) found.set(one.text, one);
    if (found.size > MOST) break;
  }
  return { answers: [...found.values()].slice(0, MOST), silent, cut: text.length > LONGEST || found.size > MOST };
}

/** A line is one endpoint, HOST PORT, a list of endpoints, or a line of a log. */
function endpointsOf(line) {
  const words = line.split(SEPARATORS).filter(Boolean);
  if (words.length < 2) return endpointsOfWord(words[0] ?? line);
  if (words.length === 2 && /^\d{1,5}$/.test(words[1])) return [readOne(words.join(":"))];
  const listed = words.map(readOne);
  if (listed.every(({ endpoint }) => endpoint && /[.:]/.test(endpoint.host))) return listed;
  return endpointsOfLog(line);
}

function endpointsOfWord(word) {
  const bare = word.replace(/^["'`]+|["'`]+$/g, "");
  const found = readOne(bare);
  if (found.fault && /["'=(<]/.test(bare)) return endpointsOfLog(bare).concat(found).slice(0, 1);
  return [found];
}

/** Names of a log line count; addresses only where there is no name, and then the last: the source stands before it. */
function endpointsOfLog(line) {
  const udp = /\budp\b/i.test(line);
  const stated = PORT.exec(line)?.[1];
  const names = [...line.matchAll(NAMES)].filter(([, scheme, name]) => scheme || !NO_HOST.test(name));
  if (names.length) {
    return withoutEchoes(names.map(([, scheme, name, port]) => readOne(put(name, port ?? (scheme ? portOf(scheme) : stated), udp))).filter(isEndpoint));
  }
  const last = [...line.matchAll(ADDRESSES)].at(-1);
  return last ? [readOne(put(last[1], last[2] ?? stated, udp))].filter(isEndpoint) : [];
}

/** A line that names a host with its port and once more without (its URL, say) asks for the one with the port. */
function withoutEchoes(found) {
  const complete = new Set(found.filter(({ endpoint }) => endpoint.port !== null).map(({ endpoint }) => endpoint.host));
  return found.filter(({ endpoint }) => endpoint.port !== null || !complete.has(endpoint.host));
}

function portOf(scheme) {
  return scheme.toLowerCase() === "http" ? "80" : "443";
}

function put(host, port, udp) {
  return `${host}${port ? `:${port}${udp ? "/udp" : ""}` : ""}`;
}

function isEndpoint({ endpoint }) {
  return endpoint;
}

function readOne(text) {
  try {
    const endpoint = parseEndpoint(text);
    return { text: written(endpoint), endpoint };
  } catch (error) {
    if (error instanceof EndpointError) return { text: short(text), fault: error.message };
    throw error;
  }
}
