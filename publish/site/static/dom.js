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

/** Keep what was chosen in the address, so that it can be linked; what others keep there stays. */
export function remember(values) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const search = query.size ? `?${query}` : "";
  history.replaceState(null, "", `${location.pathname}${search}${location.hash}`);
}
