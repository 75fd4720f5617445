// What changed from a version to today: shows the plan that the package made (plan/since/<version>.json).

import "./site.js";
import { fetchJson, make, remember, root } from "./dom.js";
import { pathOf } from "./match.js";

const form = document.querySelector("#compare");
const difference = document.querySelector("#difference");
const VERSION = /^[\d.]+$/;

if (form) {
  form.addEventListener("change", compare);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    compare();
  });
  const other = otherQuestion(new URLSearchParams(location.search));
  if (other) {
    form.elements.from.selectedIndex = -1; // no version looks as if it were the one that is answered
    difference.replaceChildren(...other);
  } else {
    compare();
  }
}

/** Choose the version that the address asks for; where it asks for anything else, return what to say instead. */
function otherQuestion(asked) {
  const [from, to] = [asked.getAll("from"), asked.getAll("to")];
  const select = form.elements.from;
  const current = form.dataset.current;
  if (from.length > 1 || to.length > 1) return refusal("The address names more than one version to start from or to end at.");
  if (to.length && (to[0] !== current || !from.length)) {
    const command = [from[0], to[0]].every((one) => VERSION.test(one)) ? `${from[0]} ${to[0]}` : "OLD NEW";
    return [
      ...refusal(`The address asks for the way from “${from[0] ?? ""}” to “${to[0]}”. This page only knows the way to today’s version, ${current}.`),
      make("p", { class: "hint" }, "On the command line: ", make("code", {}, `aks-egress-catalog diff ${command}`)),
    ];
  }
  if (!from.length) return null;
  if (![...select.options].some((option) => option.value === from[0])) return refusal(`There is no version “${from[0]}”.`);
  select.value = from[0];
  return null;
}

function refusal(text) {
  return [make("p", { class: "fault" }, text, " Nothing is compared until you choose a version above.")];
}

async function compare() {
  const from = form.elements.from.value;
  if (!from) return;
  try {
    remember({ from, to: null });
    const plan = await fetchJson(`plan/since/${from}.json`);
    if (form.elements.from.value === from) difference.replaceChildren(...report(plan));
  } catch {
    difference.replaceChildren(make("p", { class: "fault" }, "The comparison cannot be fetched now. Try again."));
  }
}

function report({ old, new: current, add, may_go: mayGo, changes }) {
  if (!changes.length) return [make("p", { class: "empty" }, `Versions ${old} and ${current} ask for the same.`)];
  const conditions = changes.filter(([kind]) => kind === "conditions");
  return [
    make("h2", {}, `Add now: ${add.length}`),
    add.length ? table(add, "Endpoints to add") : make("p", { class: "empty" }, "Nothing new has to be allowed."),
    make("h2", {}, `May go: ${mayGo.length}`),
    ...(mayGo.length
      ? [make("p", {}, "These may go once nothing of yours uses them."), table(mayGo, "Endpoints that may go")]
      : [make("p", { class: "empty" }, "Everything that was asked for before still is.")]),
    conditions.length ? make("h2", {}, `Holds under other conditions: ${conditions.length}`) : null,
    conditions.length ? list(conditions) : null,
    make("details", {}, make("summary", {}, `Rule by rule: ${counted(changes)}`), list(changes)),
    make("p", { class: "hint" }, "On the command line, also for one cluster: ", make("code", {}, `aks-egress-catalog diff ${old} ${current}`)),
  ].filter(Boolean);
}

function counted(changes) {
  const moved = changes.filter(([kind]) => kind === "moved").length;
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
  const items = changes.map(([kind, severity, rule, ...details]) =>
    make(
      "li",
      {},
      make("span", { class: `kind ${severity}` }, kind),
      " ",
      make("span", { class: "severity" }, severity),
      " ",
      make("a", { href: `${root}${pathOf(rule)}` }, make("code", {}, rule)),
      ...details.map((line) => make("span", { class: "detail" }, line)),
    ),
  );
  return make("ul", { class: "changes" }, ...items);
}
