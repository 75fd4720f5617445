// Search over all that has a page and is not in the table at hand: former rules, versions, features, words, chapters.

import { fetchJson, groupBy, make, root } from "./dom.js";
import { hostOf } from "./endpoint.js";
import { matches, partsOf, pathOf } from "./match.js";

const DATA = "data/search.json";
const SHOWN = 8;
const SHORTEST = 2;

/** Fill an element with what words find; `rules` says whether rules of today count, which a table may show already. */
export async function showElsewhere(box, words, { rules = false } = {}) {
  box.dataset.words = words.join(" ");
  const wanted = words.filter((word) => word.length >= SHORTEST);
  if (!wanted.length) return box.replaceChildren();
  const data = await fetchJson(DATA).catch(() => null);
  if (box.dataset.words !== words.join(" ")) return undefined; // somebody typed on meanwhile
  if (!data) return box.replaceChildren(make("p", { class: "fault" }, "The search cannot be fetched now. Try again."));
  const found = results(data, wanted, rules);
  return box.replaceChildren(...(found.length || !rules ? found : [make("p", { class: "empty" }, "Nothing here has these words.")]));
}

function results(data, words, rules) {
  const places = data.places.filter(([kind]) => rules || kind !== "Rules");
  const found = places.filter((place) => words.every((word) => names(place, word)));
  return [...groupBy(found, ([kind]) => kind)].flatMap(([kind, some]) => [
    make("h3", {}, `${kind}: ${some.length}`),
    make("ul", { class: "sources" }, ...some.sort((one, other) => rank(one, words) - rank(other, words)).slice(0, SHOWN).map(line)),
    some.length > SHOWN ? make("p", { class: "hint" }, `And ${some.length - SHOWN} more: add a word to narrow the search.`) : "",
  ]);
}

/** Whether a place has a word in its title or its words, seen or not, or a host pattern that takes the word in. */
function names([, title, path, more = "", unseen = ""], word) {
  if (`${title} ${more} ${unseen}`.toLowerCase().includes(word)) return true;
  const host = path ? "" : hostOf(word);
  const pattern = path ? "" : partsOf(title).destination;
  return host !== "" && pattern !== "*" && !pattern.includes(":") && matches(pattern, host);
}

/** What is called just so comes first, then what has the words in its title; within each the order of the data. */
function rank([, title, path], words) {
  const name = (path ? title : partsOf(title).destination).toLowerCase();
  if (name === words.join(" ") || name === hostOf(words[0])) return 0;
  return words.every((word) => title.toLowerCase().includes(word)) ? 1 : 2;
}

/** A place without a path is a rule, whose page follows from its id. */
function line([, title, path, more = ""]) {
  const link = make("a", { href: `${root}${path || pathOf(title)}` }, path ? title : make("code", {}, title));
  return make("li", {}, link, more ? make("span", { class: "note" }, more) : "");
}
