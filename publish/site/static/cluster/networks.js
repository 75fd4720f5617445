// Address ranges as aks_egress_catalog.model.addresses reads them, and as Python's ipaddress writes and joins them.

import { readAddress } from "../addresses.js";

const LENGTH = /^\d{1,3}$/;

/** Read an address or a range: {size, bits, length}; null where it is none, or has bits below its length. */
export function readNetwork(text) {
  const [start, length, ...more] = text.split("/");
  const address = readAddress(start);
  if (!address || more.length || (length !== undefined && !LENGTH.test(length))) return null;
  const found = { ...address, length: length === undefined ? address.size : Number(length) };
  if (found.length > found.size) return null;
  return below(found) === 0n ? found : null;
}

/** Write a range as it is read: digits, dots, colons and one slash. */
export function writeNetwork({ size, bits, length }) {
  return `${size === 32 ? writeV4(bits) : writeV6(bits)}/${length}`;
}

/** The range that a text names, written the one way; empty where it names none. */
export function network(text) {
  const found = readNetwork(text);
  return found ? writeNetwork(found) : "";
}

/** Sort ranges by number, IPv4 first; of two that begin alike, the wider first. */
export function byNumber(one, other) {
  const [a, b] = [one, other].map(readNetwork);
  const keys = [[a.size, b.size], [a.bits, b.bits], [a.length, b.length]];
  const [left, right] = keys.find(([mine, its]) => mine !== its) ?? [0, 0];
  return left < right ? -1 : Number(left > right);
}

/** Join ranges that lie in each other or beside each other; IPv4 first, each in its order. */
export function collapsed(texts) {
  let found = [...new Set(texts)].sort(byNumber).map(readNetwork);
  for (let before = -1; before !== found.length; ) {
    before = found.length;
    found = found.reduce(joined, []);
  }
  return found.map(writeNetwork);
}

/** The two halves of a range. */
export function halves(text) {
  const { size, bits, length } = readNetwork(text);
  const step = 1n << BigInt(size - length - 1);
  return [bits, bits + step].map((start) => writeNetwork({ size, bits: start, length: length + 1 }));
}

/** The mask of an IPv4 range by its length. */
export function netmask(length) {
  return writeV4(((1n << BigInt(length)) - 1n) << BigInt(32 - length));
}

function joined(ranges, next) {
  const last = ranges.at(-1);
  if (!last || last.size !== next.size) return [...ranges, next];
  if (holds(last, next)) return ranges;
  const wider = { ...last, length: last.length - 1 };
  const twins = last.length === next.length && below(wider) === 0n && holds(wider, next);
  return twins ? joined(ranges.slice(0, -1), wider) : [...ranges, next];
}

function holds(wide, narrow) {
  const rest = BigInt(wide.size - wide.length);
  return wide.length <= narrow.length && wide.bits >> rest === narrow.bits >> rest;
}

function below({ size, bits, length }) {
  return bits & ((1n << BigInt(size - length)) - 1n);
}

function writeV4(bits) {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join(".");
}

/** RFC 5952: the longest run of two zeros or more is left out, the first of several. */
function writeV6(bits) {
  const groups = Array.from({ length: 8 }, (_, place) => ((bits >> BigInt(112 - 16 * place)) & 65535n).toString(16));
  const runs = groups.map((_, place) => groups.slice(place).findIndex((group) => group !== "0")).map((run, place) => (run < 0 ? 8 - place : run));
  const longest = Math.max(...runs);
  if (longest < 2) return groups.join(":");
  const start = runs.indexOf(longest);
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + longest).join(":")}`;
}
