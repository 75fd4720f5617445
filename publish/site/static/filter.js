// The filters over the table of rules. A rule is shown where every filter agrees.

import { count, remember } from "./dom.js";

const form = document.querySelector("#filters");
const groups = [...document.querySelectorAll("#rules tbody")].map((body) => ({
  body,
  cloud: body.dataset.cloud,
  feature: body.dataset.feature,
  rows: [...body.querySelectorAll("tr[data-level]")].map((row) => ({
    row,
    level: row.dataset.level,
    placeholders: [...row.querySelectorAll("var")].map((place) => ({ place, name: place.textContent })),
  })),
}));
const total = groups.reduce((sum, group) => sum + group.rows.length, 0);

/** Show the filters, take what the address asks for, and keep the address up to date. */
export function offerFilters() {
  const asked = new URLSearchParams(location.search);
  for (const field of fields()) if (asked.has(field.name)) field.value = asked.get(field.name);
  for (const field of fields()) if (field.value === "" && field.options) field.selectedIndex = 0;
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  document.addEventListener("texts", apply);
  apply();
}

function fields() {
  return [...form.elements].filter((field) => field.name);
}

function apply() {
  const values = Object.fromEntries(fields().map((field) => [field.name, field.value]));
  const words = values.q.toLowerCase().split(/\s+/).filter(Boolean);
  writeRegion();
  let shown = 0;
  for (const group of groups) {
    const fits = ["", group.cloud].includes(values.cloud) && ["", group.feature].includes(values.feature);
    const visible = group.rows.filter((rule) => {
      const agrees = fits && agreesWith(rule, values) && hasWords(group, rule, words);
      rule.row.hidden = !agrees;
      return agrees;
    });
    group.body.hidden = !visible.length;
    shown += visible.length;
  }
  document.querySelector("#count").textContent = shown === total ? count(total, "rule") : `${shown} of ${count(total, "rule")}`;
  document.querySelector("#empty").hidden = shown > 0;
  document.querySelector("#rules thead").hidden = shown === 0;
  remember(values);
}

function agreesWith({ level, placeholders }, values) {
  const has = placeholders.some(({ name }) => name === "{region}");
  return ["", level].includes(values.level) && ["", has ? "with" : "without"].includes(values.placeholder);
}

function hasWords(group, { row }, words) {
  const text = `${group.cloud} ${group.feature} ${row.textContent}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Write {region} as the region that was chosen, in the rules of its cloud; a service tag abbreviates some. */
function writeRegion() {
  const [option] = form.elements.region.selectedOptions;
  const cloud = option.parentElement.label;
  for (const group of groups) {
    for (const { place, name } of group.rows.flatMap((rule) => rule.placeholders)) {
      const isTag = place.parentElement.textContent.startsWith("tag:");
      const region = (isTag && option.dataset.tag) || option.value;
      const written = option.value && group.cloud === cloud && name === "{region}" ? region : name;
      if (place.textContent !== written) place.textContent = written;
    }
  }
}
