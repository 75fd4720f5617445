// The concrete rules as CSV: aks_egress_catalog.exports.data.flat_csv.

import { flat } from "../../resolve.js";
import { lackingLines, plain, unmetNotes } from "../text.js";

const STRANGE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const LIVE = /^\s*[=+\-@＝＋－＠]/;
const AFTER_SEPARATOR = /(?<=[,;|])(?=\s*[=+\-@＝＋－＠])/g;

export function csv(found, header, { files }) {
  const [[name, columns]] = Object.entries(files);
  const notes = found.rules.map(noteOf);
  const kept = found.rules.filter((_, place) => notes[place].fidelity === "exact");
  const told = [...notes, ...unmetNotes(found)];
  const head = [...header, ...lackingLines(told)].map(comment);
  return { files: { [name]: [...head, columns, ...kept.flatMap(lines)].join("") }, notes: told };
}

function noteOf(rule) {
  const altered = destinations(rule).find((value) => cell(value) !== value);
  const reason = altered === undefined ? "" : `a spreadsheet cannot carry the destination '${plain(altered)}' as it is`;
  return { id: rule.id, fidelity: reason ? "dropped" : "exact", reason };
}

function destinations(rule) {
  return rule.values.map((value) => flat([rule.form, value]));
}

function lines(rule) {
  return destinations(rule).map((destination) => {
    const fields = [
      ...[rule.id, rule.feature, rule.level, rule.kind, destination, rule.protocol ?? "", `${rule.port ?? ""}`, rule.application ?? ""],
      ...[rule.alternative, rule.constraints.join(";"), rule.choice, rule.narrower, rule.remarks.join("; ")],
    ];
    return `${fields.map((field) => quoted(cell(field))).join(",")}\n`;
  });
}

/** A line above the columns, of which a spreadsheet makes cells: none is a formula, and no quote opens one. */
function comment(text) {
  return `# ${cell(text).replaceAll('"', "'").replace(AFTER_SEPARATOR, "'")}\n`;
}

/** Make a text one that no spreadsheet runs and no reader takes for two cells or lines. */
function cell(text) {
  const shown = plain(text, STRANGE);
  return LIVE.test(shown) ? `'${shown}` : shown;
}

function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
