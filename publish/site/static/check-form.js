// "Is this host ours?": asks match.js, and says what it answers.

import { fetchJson, make, root } from "./dom.js";
import { EndpointError, check, parseEndpoint, pathOf, written } from "./match.js";

const form = document.querySelector("#check");
const answer = document.querySelector("#answer");

/** Answer what is asked in the form, or in the address (?host=…). */
export function offerCheck() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form.elements.host.value);
  });
  const asked = new URLSearchParams(location.search).get("host");
  if (asked) {
    form.elements.host.value = asked;
    ask(asked);
  }
}

async function ask(text) {
  if (!text.trim()) return show(make("p", {}, "Type a host first."));
  try {
    const endpoint = parseEndpoint(text);
    const data = await fetchJson("data/check.json");
    show(...report(endpoint, check(data, endpoint), data.paths));
  } catch (error) {
    const reason = error instanceof EndpointError ? error.message : "The rules cannot be fetched now. Try again.";
    show(make("p", { class: "fault" }, reason));
  }
  return undefined;
}

function show(...parts) {
  answer.replaceChildren(...parts);
}

function report(endpoint, found, paths) {
  const name = make("code", { class: "host" }, written(endpoint));
  const level = (rule) => `${rule.verdict}${rule.since ? `, since ${rule.since}` : ""}`;
  return [
    make("p", { class: `verdict ${found.verdict}` }, name, ": ", make("strong", {}, found.verdict), `, ${found.reason}.`),
    list(found.rules, paths, level),
    found.near.length ? make("p", {}, "These come near:") : null,
    list(found.near, paths, (rule) => rule.why),
    found.gone.length ? make("p", {}, "These asked for it once:") : null,
    list(found.gone, paths, (rule) => `left the page on ${rule.day}`),
    ...found.advisories.map((one) =>
      make("p", { class: "advisory" }, make("strong", {}, one.gap ? "Known gap of the article. " : "Said elsewhere. "), one.message),
    ),
  ].filter(Boolean);
}

function list(rules, paths, note) {
  if (!rules.length) return null;
  const items = rules.map((rule) => {
    const name = [make("code", { class: "host" }, rule.destination), ` ${rule.cloud} / ${rule.feature}`];
    const link = rule.fix ? make("span", {}, ...name) : make("a", { href: `${root}${paths[rule.id] ?? pathOf(rule.id)}` }, ...name);
    return make("li", {}, link, make("span", { class: "note" }, note(rule)));
  });
  return make("ul", { class: "sources" }, ...items);
}
