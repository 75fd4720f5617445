// What a cluster needs, as a person reads it: the list or the files of a format, and what to know of either.

import { copy, count, fetchJson, groupBy, make, root } from "../dom.js";
import { pathOf } from "../match.js";
import { commands, subscriptions } from "./take-along.js";
import { resolve } from "./resolve.js";

const outcome = document.querySelector("#outcome");
const parts = document.querySelector("#outcome-parts");
const panel = document.querySelector("#panel");
const summary = document.querySelector("#outcome-summary");
const unmet = document.querySelector("#outcome-unmet");
const notes = document.querySelector("#outcome-notes");
const FEW = 3;
let latest = 0;

/** Show it; `form` is a format or empty for the list, `by` what it was chosen by, `begun` whether anything was asked yet. */
export async function show(data, profile, { fixed, form, begun, by }) {
  const mine = (latest += 1);
  const found = resolve(data, profile, { fixed });
  const gaps = fixed ? [] : resolve(data, profile, { fixed: true }).rules.filter(({ level }) => level === "known-gap");
  const where = `${profile.cloud}, ${profile.region ?? "region not said yet"}`;
  summary.textContent = `${begun ? "" : "So far: "}${count(found.rules.length, "rule")} for ${where}${gaps.length ? `; the article lacks ${gaps.length} more (${gaps.length === 1 ? "a known gap" : "known gaps"})` : ""}${found.unmet.length ? `; ${found.unmet.length} more cannot be written yet` : ""}.`;
  summary.dataset.state = "done";
  parts.hidden = false;
  panel.setAttribute("aria-labelledby", by.id);
  unmet.replaceChildren(...needed(found));
  const told = (files) => [...about(found), ...commands(data, profile, { fixed, form, files }), ...("feeds" in outcome.dataset ? subscriptions(data, profile) : [])];
  if (!form) {
    notes.replaceChildren(...told([]));
    panel.replaceChildren(table(data, found.rules, gaps), ...tools(list(found.rules)));
    return;
  }
  const written = await write(data, form, profile, fixed);
  if (mine !== latest) return;
  notes.replaceChildren(...told(Object.keys(written.files)));
  panel.replaceChildren(...(written.fault ? [make("p", { class: "fault" }, written.fault)] : inexact(written.notes)), ...files(written.files));
}

/** The files of a format and a note on each rule; where they cannot be had, the `fault`. */
async function write(data, form, profile, fixed) {
  const nothing = (fault) => ({ files: {}, notes: [], fault });
  let parts;
  try {
    parts = await Promise.all([import("./exports/formats.js"), import("./exports/text.js"), fetchJson("data/exports.json")]);
    parts.push(await parts[0].writerOf(form));
  } catch {
    return nothing("What writes this format cannot be fetched now. Load this page again.");
  }
  const [{ exportAs }, { NotWritten }, exports, writer] = parts;
  try {
    return exportAs(writer, data, exports, form, profile, { fixed });
  } catch (error) {
    if (error instanceof NotWritten) return nothing(`${error.message}.`);
    throw error;
  }
}

/** Say why there is nothing to show. */
export function showFault(text) {
  latest += 1;
  summary.replaceChildren(text);
  summary.dataset.state = "fault";
  parts.hidden = true;
}

function table(data, rules, gaps) {
  const head = ["Destination", "Port", "Level"].map((text) => make("th", { scope: "col" }, text));
  const all = groupBy([...rules, ...gaps], ({ feature }) => feature);
  const order = (one, other) => data.features.indexOf(one) - data.features.indexOf(other);
  const bodies = [...all.keys()].sort(order).map((feature) => {
    const title = make("th", { scope: "rowgroup", colspan: "3" }, data.titles[feature] ?? feature, " ", make("code", { class: "dim" }, feature));
    return make("tbody", {}, make("tr", { class: "group" }, title), ...all.get(feature).map(row));
  });
  return make("table", { class: "plain list" }, make("caption", { class: "unseen" }, "What the cluster needs, by feature"), make("thead", {}, make("tr", {}, ...head)), ...bodies);
}

function row(rule) {
  const isGap = rule.level === "known-gap";
  const hosts = rule.values.map((value) => make("code", { class: "host" }, rule.form === "service-tag" ? `tag:${value}` : value));
  const said = [
    rule.optional && `optional: ${rule.optional}`,
    ...rule.constraints.map((one) => `${one}: pass the TLS ALPN extension on unchanged`),
    ...rule.remarks,
    rule.narrower && `narrower with ${rule.narrower}`,
  ].filter(Boolean);
  const link = isGap ? make("a", { href: `${root}known-gaps.html` }, ...hosts) : make("a", { href: `${root}${pathOf(rule.id)}` }, ...hosts);
  return make(
    "tr",
    { "data-level": rule.level, "data-id": rule.id },
    make("th", { scope: "row" }, link, ...said.map((text) => make("span", { class: "note" }, text))),
    make("td", { class: "port" }, rule.protocol ? `${rule.protocol} ${rule.port}` : "any port"),
    make("td", {}, make("span", { class: `level ${rule.level}` }, rule.level.replace("-", " "))),
  );
}

/** The list as lines of text. */
function list(rules) {
  return rules.flatMap((rule) => rule.values.map((value) => [rule.form === "service-tag" ? `tag:${value}` : value, rule.protocol ? `${rule.protocol} ${rule.port}` : "any port", rule.level, rule.feature].join("\t"))).join("\n");
}

function tools(text) {
  const told = make("span", { class: "hint", role: "status" });
  const button = make("button", { type: "button", class: "quiet" }, "Copy this list");
  button.addEventListener("click", () => copy(text, told));
  const link = make("button", { type: "button", class: "quiet" }, "Copy link to this cluster");
  link.addEventListener("click", () => copy(location.href, told));
  return [make("p", { class: "tools" }, button, " ", link, " ", told)];
}

function files(written) {
  return Object.entries(written).flatMap(([name, text]) => {
    const told = make("span", { class: "hint", role: "status" });
    const button = make("button", { type: "button", class: "quiet", "aria-label": `Copy ${name}` }, "Copy");
    const download = make("button", { type: "button", class: "quiet", "aria-label": `Download ${name}` }, "Download");
    button.addEventListener("click", () => copy(text, told));
    download.addEventListener("click", () => save(name, text));
    return [
      make("p", { class: "tools file-head" }, make("strong", {}, name), " ", make("span", { class: "hint" }, size(text)), " ", button, " ", download, " ", told),
      text ? make("pre", { class: "file", tabindex: "0", "aria-label": name }, make("code", {}, text)) : make("p", { class: "empty" }, "This file is empty."),
    ];
  });
}

function size(text) {
  return count(text.split("\n").length - 1, "line");
}

/** Hand a text to the browser as a file. */
export function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = make("a", { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

/** What became of rules that a format does not hold as they are. */
function inexact(all) {
  const some = all.filter(({ fidelity }) => fidelity !== "exact");
  if (!some.length) return [make("p", { class: "hint" }, "Every rule is in it exactly as it is needed.")];
  const alike = [...groupBy(some, ({ fidelity, reason }) => `${fidelity} ${reason}`).values()];
  const items = alike.map((group) => {
    const [{ fidelity, reason }] = group;
    const ids = group.flatMap(({ id }) => [" ", make("code", {}, id)]);
    const what = make("strong", {}, fidelity);
    const named = group.length > FEW ? [make("details", {}, make("summary", {}, what, ` ${count(group.length, "rule")}`), ...ids)] : [what, ...ids];
    return make("li", {}, ...named, make("span", { class: "note" }, reason));
  });
  return [make("details", { open: "open" }, make("summary", {}, `${count(some.length, "rule")} not exactly in it`), make("ul", { class: "sources" }, ...items))];
}

/** Rules that the cluster needs and that cannot be written without more input. */
function needed(found) {
  if (!found.unmet.length) return [];
  const items = found.unmet.map(({ id, reason, optional }) => make("li", {}, make("code", {}, id), make("span", { class: "note" }, reason), optional ? make("span", { class: "note" }, `optional: ${optional}`) : ""));
  const title = make("p", {}, make("strong", {}, `Needed, and missing below: ${count(found.unmet.length, "rule")}.`), " Answer more questions, or add it yourself.");
  return [make("div", { class: "advisory" }, title, make("ul", { class: "sources" }, ...items))];
}

function about(found) {
  const isForeign = ({ reason }) => reason.startsWith("it is a rule of");
  const reasons = groupBy(found.leftOut.filter((one) => !isForeign(one)), ({ reason }) => reason);
  const foreign = found.leftOut.filter(isForeign).length;
  const left = [...reasons].map(([reason, rules]) => make("li", {}, reason, make("span", { class: "note" }, rules.map(({ id }) => id.split("/").slice(1).join("/")).join(", "))));
  return [
    make("h3", {}, "What to know"),
    make("ul", { class: "known" }, ...found.caveats.map((text) => make("li", {}, text))),
    make(
      "details",
      {},
      make("summary", {}, `Left out: ${count(found.leftOut.length, "rule")}, each with the reason`),
      make("ul", { class: "sources left-out" }, ...left, make("li", {}, `${count(foreign, "rule")} of other clouds`)),
    ),
  ];
}
