// The table of rules: sort it by a column, copy a row or all that is shown.

import { copy, make } from "./dom.js";

const HEAD = ["destination", "port", "level", "cloud", "feature", "notes"];
const SORTED = [sortableHost, (row) => row.cells[1].textContent.replace(/\d+/, (digits) => digits.padStart(5, "0")), levelOf];
const LEVELS = ["required", "recommended", "informational"];

/** Offer both, where the page has such a table. */
export function offerTable() {
  const table = document.querySelector("#rules");
  const tools = document.querySelector("#table-tools");
  if (!table || !tools) return;
  const told = tools.querySelector("[role=status]");
  const rows = [...table.querySelectorAll("tr[data-level]")].map((row) => ({ row, home: row.parentElement }));
  tools.hidden = false;
  offerCopies(table, rows, told);
  offerSorting(table, rows);
}

function offerCopies(table, rows, told) {
  table.tHead.rows[0].append(make("td", { class: "tools" }));
  for (const cell of table.querySelectorAll(".group th")) cell.colSpan += 1;
  for (const { row, home } of rows) {
    const host = row.querySelector("code").textContent;
    row.cells[0].append(make("span", { class: "place" }));
    const button = make("button", { type: "button", class: "quiet", "aria-label": `Copy the rule for ${host}` }, "Copy");
    button.addEventListener("click", () => copy(written(row, home), told));
    row.append(make("td", { class: "tools" }, button));
  }
  document.querySelector("#copy-all").addEventListener("click", () => {
    const shown = [...table.querySelectorAll("tr[data-level]:not([hidden])")];
    const homes = new Map(rows.map(({ row, home }) => [row, home]));
    copy([HEAD.join("\t"), ...shown.map((row) => written(row, homes.get(row)))].join("\n"), told);
  });
}

/** A row as a line that spreadsheets take apart. */
function written(row, home) {
  const texts = (selector) => [...row.querySelectorAll(selector)].map((one) => one.textContent.trim());
  const [port, level] = [row.cells[1], row.cells[2]].map((cell) => cell.textContent.trim().replace(/\s+/g, " "));
  const { cloud, feature } = home.dataset;
  return [texts("th code").join(" or "), port, level, cloud, feature, texts("th .note").join("; ")].join("\t");
}

/** A column is sorted up, then down, then the rules stand by cloud and feature again. */
function offerSorting(table, rows) {
  const flat = make("tbody", { class: "flat" });
  const heads = [...table.tHead.rows[0].cells].slice(0, SORTED.length);
  table.append(flat);
  for (const [place, head] of heads.entries()) {
    const button = make("button", { type: "button", class: "sort" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "" }[head.getAttribute("aria-sort")] ?? "ascending";
      for (const one of heads) one.removeAttribute("aria-sort");
      if (next) head.setAttribute("aria-sort", next);
      sort(table, rows, flat, next && SORTED[place], next === "descending" ? -1 : 1);
    });
  }
}

function sort(table, rows, flat, keyOf, direction) {
  table.classList.toggle("sorted", Boolean(keyOf));
  if (!keyOf) {
    for (const { row, home } of rows) home.append(row);
    return;
  }
  const keyed = rows.map(({ row, home }) => ({ row, home, key: keyOf(row) }));
  keyed.sort((one, other) => direction * one.key.localeCompare(other.key, "en"));
  for (const { row, home } of keyed) row.querySelector(".place").textContent ||= `${home.dataset.cloud}, ${home.dataset.title}`;
  flat.append(...keyed.map(({ row }) => row));
}

/** Names by their domain: a wildcard stands beside the host that it is about. */
function sortableHost(row) {
  return row.querySelector("code").textContent.replace(/^\*\.?/, "");
}

function levelOf(row) {
  return `${LEVELS.indexOf(row.dataset.level)}`;
}
