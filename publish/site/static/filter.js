// The filters over the table of rules. A rule is shown where every filter agrees.

import { count, make, remember, root } from "./dom.js";
import { hostOf } from "./endpoint.js";
import { matches } from "./match.js";
import { chosenPlace } from "./place.js";
import { showElsewhere } from "./search.js";

const COLUMNS = 4;
const form = document.querySelector("#filters");
const table = document.querySelector("#rules");
const groups = [...table.tBodies].map((body) => ({
  body,
  cloud: body.dataset.cloud,
  feature: body.dataset.feature,
  rows: [...body.querySelectorAll("tr[data-level]")].map((row) => ({
    row,
    level: row.dataset.level,
    hosts: [...row.querySelectorAll("th code")],
    placeholders: [...row.querySelectorAll("th var")].map((place) => ({ place, name: place.textContent })),
  })),
}));
const total = groups.reduce((sum, group) => sum + group.rows.length, 0);

/** Show the filters, take what the address asks for, and keep the address up to date. */
export function offerFilters() {
  form.hidden = false;
  form.addEventListener("input", () => {
    apply();
    keep();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => form.elements.cloud.dispatchEvent(new Event("change"))));
  document.addEventListener("place", () => {
    apply();
    keep();
  });
  document.addEventListener("texts", apply);
  window.addEventListener("popstate", takeFilters);
  takeFilters();
}

function takeFilters() {
  const asked = new URLSearchParams(location.search);
  for (const field of ownFields()) {
    field.value = asked.get(field.name) ?? "";
    if (field.value === "" && field.options) field.selectedIndex = 0;
  }
  apply();
}

function keep() {
  const { cloud, region } = chosenPlace();
  remember({ ...Object.fromEntries(ownFields().map((field) => [field.name, field.value])), cloud, region });
}

/** The fields that are no choice of a place, which the whole page has. */
function ownFields() {
  return [...form.elements].filter(({ name }) => name && name !== "cloud" && name !== "region");
}

function apply() {
  const values = { ...Object.fromEntries(ownFields().map((field) => [field.name, field.value])), ...chosenPlace() };
  const words = values.q.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = words.map((word) => ({ word, host: hostOf(word) }));
  writeRegion(values);
  let shown = 0;
  for (const group of groups) {
    const fits = ["", group.cloud].includes(values.cloud) && ["", group.feature].includes(values.feature);
    const visible = group.rows.filter((rule) => {
      const agrees = fits && agreesWith(rule, values) && wanted.every((one) => mentions(group, rule, one));
      rule.row.hidden = !agrees;
      return agrees;
    });
    group.body.hidden = !visible.length;
    shown += visible.length;
  }
  document.querySelector("#count").textContent = shown === total ? count(total, "rule") : `${shown} of ${count(total, "rule")}`;
  document.querySelector("#copy-all").disabled = shown === 0;
  table.tHead.hidden = shown === 0;
  sayEmpty(shown, wanted);
  showElsewhere(document.querySelector("#elsewhere"), words);
}

function agreesWith({ level, placeholders }, values) {
  const has = placeholders.some(({ name }) => name === "{region}");
  return ["", level].includes(values.level) && ["", has ? "with" : "without"].includes(values.placeholder);
}

/** Whether a word stands in a row, or is a host that a pattern of the row takes in. */
function mentions(group, { row, hosts }, { word, host }) {
  const text = `${group.cloud} ${group.feature} ${[...row.cells].slice(0, COLUMNS).map((cell) => cell.textContent).join(" ")}`.toLowerCase();
  return text.includes(word) || (host !== "" && hosts.some((code) => isPattern(code.textContent) && matches(code.textContent, host)));
}

function isPattern(destination) {
  return destination !== "*" && !destination.includes(":");
}

/** Where no rule is left, say so, and offer the check for what looks like a host. */
function sayEmpty(shown, wanted) {
  document.querySelector("#empty").hidden = shown > 0;
  const hosts = wanted.map(({ host }) => host).filter(Boolean);
  const query = new URLSearchParams(hosts.map((host) => ["host", host]));
  const offer = hosts.length ? [make("a", { href: `${root}index.html?${query}` }, `Check ${hosts.join(", ")}`), " to see the nearest rules."] : [];
  document.querySelector("#empty-offer").replaceChildren(...offer);
}

/** Write {region} as the region that was chosen, in the rules of its cloud; a service tag abbreviates some. */
function writeRegion({ cloud, region, tag }) {
  for (const group of groups) {
    for (const { place, name } of group.rows.flatMap((rule) => rule.placeholders)) {
      const own = place.parentElement.textContent.startsWith("tag:") ? tag : region;
      const written = region && group.cloud === cloud && name === "{region}" ? own : name;
      if (place.textContent !== written) place.textContent = written;
    }
  }
}
