// Small tools to write into a page. Whatever is written is text: nothing here, or anywhere else, reads markup.

export const root = document.documentElement.dataset.root;

/** Make an element; children are elements or texts. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Fetch a JSON file of this site, once. */
export function fetchJson(path) {
  if (!fetched.has(path)) fetched.set(path, load(path));
  return fetched.get(path);
}

const fetched = new Map();

async function load(path) {
  try {
    const response = await fetch(`${root}${path}`);
    if (!response.ok) throw new Error(`${response.status}`);
    return await response.json();
  } catch (error) {
    fetched.delete(path);
    throw error;
  }
}

/** Write a count with its word. */
export function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** Group a list by a key, in the order in which keys first come. */
export function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** Write a day such as 2026-07-02 as a reader of any country reads it. */
export function dayText(day) {
  const format = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", format);
}

/**
 * Keep what was chosen in the address, so that it can be linked; what others keep there stays. A value may be a list.
 * With `push` the address before it stays behind the Back button.
 */
export function remember(values, { push = false } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    query.delete(name);
    for (const one of [value].flat()) if (one) query.append(name, one);
  }
  const search = query.size ? `?${query}` : "";
  if (search === location.search) return;
  history[push ? "pushState" : "replaceState"](null, "", `${location.pathname}${search}${location.hash}`);
}

/** Put a text on the clipboard, and say in an element what became of it. */
export async function copy(text, told) {
  try {
    await navigator.clipboard.writeText(text);
    told.textContent = "Copied.";
  } catch {
    told.textContent = "The browser does not let this page copy.";
  }
}
