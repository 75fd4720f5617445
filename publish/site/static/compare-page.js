// The comparison of two versions: asks plan.js, and says what it answers.

import "./site.js";
import { describe } from "./changes.js";
import { fetchJson, make, remember, root } from "./dom.js";
import { pathOf } from "./match.js";
import { plan } from "./plan.js";
import { stateAt } from "./states.js";

const form = document.querySelector("#compare");
const difference = document.querySelector("#difference");

if (form) {
  const asked = new URLSearchParams(location.search);
  for (const select of [form.elements.from, form.elements.to]) {
    if ([...select.options].some((option) => option.value === asked.get(select.name))) select.value = asked.get(select.name);
  }
  form.addEventListener("change", compare);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    compare();
  });
  compare();
}

async function compare() {
  const [from, to] = [form.elements.from.value, form.elements.to.value];
  try {
    const data = await fetchJson("data/compare.json");
    remember({ from, to });
    const found = plan(stateAt(data, from), stateAt(data, to));
    difference.replaceChildren(...report(from, to, found));
  } catch {
    difference.replaceChildren(make("p", { class: "fault" }, "The history cannot be fetched now. Try again."));
  }
}

function report(from, to, { add, mayGo, conditions, changes }) {
  if (!changes.length) return [make("p", { class: "empty" }, `Versions ${from} and ${to} ask for the same.`)];
  return [
    make("h2", {}, `Add now: ${add.length}`),
    add.length ? table(add, "Endpoints to add") : make("p", { class: "empty" }, "Nothing new has to be allowed."),
    make("h2", {}, `May go: ${mayGo.length}`),
    ...(mayGo.length
      ? [make("p", {}, "These may go once nothing of yours uses them."), table(mayGo, "Endpoints that may go")]
      : [make("p", { class: "empty" }, "Everything that was asked for before still is.")]),
    conditions.length ? make("h2", {}, `Holds under other conditions: ${conditions.length}`) : null,
    conditions.length ? list(conditions) : null,
    make("details", {}, make("summary", {}, `Rule by rule: ${told(changes)}`), list(changes)),
    make("p", { class: "hint" }, "On the command line, also for one cluster: ", make("code", {}, `aks-egress-catalog diff ${from} ${to}`)),
  ].filter(Boolean);
}

function told(changes) {
  const moved = changes.filter((change) => change.kind === "moved").length;
  return `${changes.length}${moved ? `, ${moved} of which only moved to another place on the page` : ""}`;
}

function table(steps, caption) {
  const heads = ["Destination", "Port", "Cloud", "Level", "Since"].map((head) => make("th", { scope: "col" }, head));
  return make(
    "table",
    { class: "plain" },
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...steps.map(row)),
  );
}

function row(step) {
  const link = make("a", { href: `${root}${pathOf(step.rules[0])}` }, make("code", { class: "host" }, step.destination));
  const port = step.protocol ? `${step.protocol} ${step.port} ` : "none stated";
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, link),
    make("td", { class: "port" }, port, step.application ? make("small", {}, step.application) : ""),
    make("td", {}, step.cloud),
    make("td", {}, make("span", { class: `level ${step.level}` }, step.level)),
    make("td", { class: "figure" }, step.since ?? "", step.keep_until ? make("span", { class: "note" }, `keep it until ${step.keep_until}`) : ""),
  );
}

function list(changes) {
  const items = changes.map((change) => {
    const { id } = change.after ?? change.before;
    return make(
      "li",
      {},
      make("span", { class: `kind ${change.severity}` }, change.kind),
      " ",
      make("span", { class: "severity" }, change.severity),
      " ",
      make("a", { href: `${root}${pathOf(id)}` }, make("code", {}, id)),
      ...describe(change).map((line) => make("span", { class: "detail" }, line)),
    );
  });
  return make("ul", { class: "changes" }, ...items);
}
