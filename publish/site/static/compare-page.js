// What changed from a version to today: shows the plan that the package made (plan/since/<version>.json).

import "./site.js";
import { fetchJson, make, remember, root } from "./dom.js";
import { partsOf, pathOf } from "./match.js";

const form = document.querySelector("#compare");
const difference = document.querySelector("#difference");
const VERSION = /^[\d.]+$/;

if (form) {
  form.addEventListener("change", () => compare({ push: true }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    compare({ push: true });
  });
  window.addEventListener("popstate", takeQuestion);
  takeQuestion();
}

/** Answer what the address asks, or say why that cannot be answered here. */
function takeQuestion() {
  const { from, cloud, feature } = form.elements;
  for (const select of [from, cloud, feature]) select.value = [...select.options].find((one) => one.defaultSelected)?.value ?? "";
  const other = otherQuestion(new URLSearchParams(location.search));
  if (!other) {
    compare();
    return;
  }
  from.selectedIndex = -1; // no version looks as if it were the one that is answered
  difference.replaceChildren(...other);
}

/** Choose what the address asks for; where it asks for anything else, return what to say instead. */
function otherQuestion(asked) {
  const [from, to] = [asked.getAll("from"), asked.getAll("to")];
  const current = form.dataset.current;
  if (from.length > 1 || to.length > 1) return refusal("The address names more than one version to start from or to end at.");
  if (to.length && (to[0] !== current || !from.length)) {
    const command = [from[0], to[0]].every((one) => VERSION.test(one)) ? `${from[0]} ${to[0]}` : "OLD NEW";
    return [
      ...refusal(`The address asks for the way from “${from[0] ?? ""}” to “${to[0]}”. This page only knows the way to today’s version, ${current}.`),
      make("p", { class: "hint" }, "On the command line: ", make("code", {}, `aks-egress-catalog diff ${command}`)),
    ];
  }
  for (const [name, word] of [["from", "version"], ["cloud", "cloud"], ["feature", "feature"]]) {
    const value = asked.get(name);
    if (value === null) continue;
    const select = form.elements[name];
    if (![...select.options].some((option) => option.value === value)) return refusal(`There is no ${word} “${value}”.`);
    select.value = value;
  }
  return null;
}

function refusal(text) {
  return [make("p", { class: "fault" }, text, " Nothing is compared until you choose a version above.")];
}

async function compare({ push = false } = {}) {
  const question = chosen();
  if (!question.from) return;
  try {
    remember({ ...question, to: null }, { push });
    const plan = await fetchJson(`plan/since/${question.from}.json`);
    const [asked, now] = [question, chosen()].map((one) => JSON.stringify(one));
    if (asked === now) difference.replaceChildren(...report(narrowed(plan, question), question));
  } catch {
    difference.replaceChildren(make("p", { class: "fault" }, "The comparison cannot be fetched now. Try again."));
  }
}

function chosen() {
  const { from, cloud, feature } = form.elements;
  return { from: from.value, cloud: cloud.value, feature: feature.value };
}

/** A plan as far as one cloud and one feature go; a change of an endpoint that has a step is told with the step. */
function narrowed(plan, { cloud, feature }) {
  const agrees = (id) => {
    const parts = partsOf(id);
    return ["", parts.cloud].includes(cloud) && ["", parts.feature].includes(feature);
  };
  const steps = (some) => some.filter(({ rules }) => rules.some(agrees));
  const told = new Set([...plan.add, ...plan.may_go].flatMap(({ rules }) => rules));
  const details = new Map(plan.changes.map(([, , id, ...lines]) => [id, lines]));
  const changes = plan.changes.filter((change) => (change[2] ? agrees(change[2]) : !cloud && !feature));
  const [add, mayGo] = [steps(plan.add), steps(plan.may_go)];
  const same = ![add, mayGo, changes].some((some) => some.length);
  return { ...plan, add, may_go: mayGo, same, changes: changes.filter(([, , id]) => !told.has(id)), details };
}

function report({ old, new: current, add, may_go: mayGo, changes, details, same }, { cloud, feature }) {
  const title = form.elements.feature.selectedOptions[0].textContent;
  const scope = `${cloud || "all clouds"}, ${feature ? title : "all features"}`;
  const heading = make("h2", {}, `From ${old} to today’s ${current}`);
  const compared = make("p", { class: "hint" }, `Compared for ${scope}, and for every kind of cluster.`);
  if (same) return [heading, compared, make("p", { class: "empty" }, old === current ? `This is today’s version.` : "Both versions ask for the same.")];
  return [
    heading,
    compared,
    make("h3", {}, `Add now: ${add.length}`),
    add.length ? table(add, "Endpoints to add", { details }) : make("p", { class: "empty" }, "Nothing new has to be allowed."),
    make("h3", {}, `May go: ${mayGo.length}`),
    ...(mayGo.length
      ? [make("p", {}, "These may go once nothing of yours uses them."), table(mayGo, "Endpoints that may go", { gone: true })]
      : [make("p", { class: "empty" }, "Everything that was asked for before still is.")]),
    ...others(changes),
    make("p", { class: "hint" }, "On the command line, also for one cluster: ", make("code", {}, `aks-egress-catalog diff ${old} ${current}`)),
  ].filter(Boolean);
}

/** Changes beside those endpoints: other conditions in full, the rest folded. */
function others(changes) {
  const conditions = changes.filter(([kind]) => kind === "conditions");
  const rest = changes.filter(([kind]) => kind !== "conditions");
  return [
    conditions.length ? make("h3", {}, `Under other conditions: ${conditions.length}`) : null,
    conditions.length ? list(conditions) : null,
    rest.length ? make("details", {}, make("summary", {}, `Other changes of rules: ${rest.length}`), list(rest)) : null,
  ];
}

/** Endpoints of a plan; of what may go nobody is told that it is required. */
function table(steps, caption, { gone = false, details = new Map() } = {}) {
  const heads = ["Destination", "Port", "Cloud", gone ? "" : "Level", "Asked for by", gone ? "Left on" : "Since"].filter(Boolean).map((head) => make("th", { scope: "col" }, head));
  return make(
    "table",
    { class: "plain" },
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...steps.map((step) => row(step, gone, details))),
  );
}

function row(step, gone, details) {
  const link = make("a", { href: `${root}${pathOf(step.rules[0])}` }, make("code", { class: "host" }, step.destination));
  const port = step.protocol ? `${step.protocol} ${step.port} ` : "none stated";
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, link, ...step.rules.flatMap((id) => details.get(id) ?? []).map((line) => make("span", { class: "note" }, line))),
    make("td", { class: "port" }, port, step.application ? make("small", {}, step.application) : ""),
    make("td", {}, step.cloud),
    gone ? null : make("td", {}, make("span", { class: `level ${step.level}` }, step.level)),
    make("td", {}, step.rules.map((id) => titleOf(partsOf(id).feature)).join(", ")),
    make("td", { class: "figure" }, step.since ?? "", step.keep_until ? make("span", { class: "note" }, `keep it until ${step.keep_until}`) : ""),
  );
}

function titleOf(feature) {
  return [...form.elements.feature.options].find(({ value }) => value === feature)?.textContent ?? feature;
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
