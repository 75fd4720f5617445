// "Is this host ours?": asks match.js, and says what it answers.

import { count, fetchJson, make, root } from "./dom.js";
import { EndpointError, check, parseEndpoint, pathOf } from "./match.js";

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

function report({ host, port, protocol }, found, paths) {
  const name = make("code", { class: "host" }, `${host.includes(":") ? `[${host}]` : host}:${port}/${protocol}`);
  return [
    make("p", { class: `verdict ${found.verdict.replace(" ", "-")}` }, ...verdict(name, found)),
    list(found.rules, paths, (rule) => `${rule.level}${rule.since ? `, since ${rule.since}` : ""}`),
    list(found.possible, paths, (rule) => `${rule.level}, by ${rule.destinations.join(" or ")}`),
    found.near.length ? make("p", {}, "These come near:") : null,
    list(found.near, paths, (rule) => rule.why),
    found.gone.length ? make("p", {}, "These asked for it once:") : null,
    list(found.gone, paths, (rule) => `left the page on ${rule.day}`),
    ...found.advisories.map((one) => make("p", { class: "advisory" }, make("strong", {}, "Known defect of the article. "), one.message)),
  ].filter(Boolean);
}

function verdict(name, { verdict: word, rules, possible }) {
  if (word === "covered") return [make("strong", {}, "Yes. "), name, ` is covered by ${count(rules.length, "rule")}.`];
  if (word === "possible") {
    const by = possible.length === 1 ? "an alternative of this rule takes" : "an alternative of these rules takes";
    return [make("strong", {}, "Perhaps. "), name, ` is covered only if ${by} it in, such as a service tag.`];
  }
  return [make("strong", {}, "No. "), name, " is not covered by any rule of today."];
}

function list(rules, paths, note) {
  if (!rules.length) return null;
  const items = rules.map((rule) => {
    const name = make("code", { class: "host" }, rule.destination);
    const link = make("a", { href: `${root}${paths[rule.id] ?? pathOf(rule.id)}` }, name, ` ${rule.cloud} / ${rule.feature}`);
    return make("li", {}, link, make("span", { class: "note" }, note(rule)));
  });
  return make("ul", { class: "sources" }, ...items);
}
