// Addresses and ranges of addresses, as aks_egress_catalog.hosts.patterns reads them.

/** Read an address as its bits: {size: 32 | 128, bits: BigInt}, or null where the text is none. */
export function readAddress(text) {
  return text.includes(":") ? readV6(text) : readV4(text);
}

/** Say whether a range such as 192.0.2.0/24 takes an address or another range in. */
export function rangeTakesIn(wide, narrow) {
  const one = readRange(wide);
  const other = readRange(narrow);
  if (!one || !other || one.size !== other.size || one.length > other.length) return false;
  const rest = BigInt(one.size - one.length);
  return one.bits >> rest === other.bits >> rest;
}

function readRange(text) {
  const [start, length] = text.split("/");
  const address = readAddress(start);
  return address && { ...address, length: length === undefined ? address.size : Number(length) };
}

function readV4(text) {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && part < 256)) return null;
  return { size: 32, bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) };
}

function readV6(text) {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail = []] = halves.map((half) => (half ? half.split(":") : []));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return null;
  const groups = [...head, ...Array(gap).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { size: 128, bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n) };
}
