// Answers of the host check as people read them: one verdict a host, and the rules behind it.

import { dayText, groupBy, make, root } from "./dom.js";
import { byPlace } from "./near-misses.js";
import { pathOf } from "./match.js";

const FORMER = { required: "Was required until", recommended: "Was recommended until", informational: "Was named until" };
const NEEDS = {
  host: "the name behind it",
  service_tags: "a file of Azure service tags",
  api_server_ips: "the addresses of your API server",
  custom_dns: "the addresses of your DNS servers",
  api_server_subnet: "the subnet of your API server",
};

/** How verdicts are called where they are counted, which stand without their circumstances then. */
export const COUNTED = {
  "required-if": "required in some clusters",
  "not-needed": "not needed",
  retired: "no longer required",
  "not-listed": "not listed",
  invalid: "not readable",
};

/** The verdict in words: its name, and what there is to say of it. */
export function wordsOf(answer, data, place) {
  const said = [...new Set((answer.deciding ?? []).map(({ why }) => data.words[why] ?? why))].join(", or ");
  const phrases = {
    required: () => ["Required", answer.reason],
    "required-if": () => [`Required ${said}`, answer.where && `only${answer.where}`],
    recommended: () => ["Recommended", said],
    informational: () => ["Informational", said],
    "known-gap": () => ["Known gap", said],
    "not-needed": () => [`Not needed in ${place.region || place.cloud}`, answer.reason],
    retired: () => (answer.last ? [`${FORMER[answer.last.level]} ${dayText(answer.last.day)}`, `${answer.last.cloud === place.cloud ? "" : `in ${answer.last.cloud}; `}no rule has it today`] : ["No longer listed", said]),
    "not-listed": () => ["Not listed", answer.reason],
    unnamed: () => ["Unnamed", `an address says nothing by itself; any of these would tell: ${answer.needs.map((need) => NEEDS[need]).join(", ")}`],
  };
  const [word, more] = phrases[answer.verdict]();
  return { word, more: more ? sentence(more) : "" };
}

/** One answer: host, verdict, the rule that it rests on or those that come near, what the article lacks; `said` was. */
export function answerItem(name, answer, data, place, said) {
  const { word, more } = wordsOf(answer, data, place);
  return item(answer.verdict, name, word, more, [
    ...ruleList("", answer.rules, data, (rule) => [reasonBeside(rule, answer, data), rule.since && `in the article since ${dayText(rule.since)}`]),
    ...ruleList("Nearest rules", answer.near, data, (rule) => [rule.why]),
    ...ruleList(answer.rules.length ? "Former rules" : "", answer.gone, data, (rule) => [`left the article on ${dayText(rule.day)}`]),
    ...answer.advisories.map((one) => advisory(one, said)),
  ]);
}

/** What there is to know besides, in full for the first host that it is about. */
function advisory({ gap, message }, said) {
  if (said.has(message)) return make("p", { class: "note" }, gap ? "The same known gap as above." : "The same note as above.");
  said.add(message);
  return make("p", { class: "advisory" }, make("strong", {}, gap ? "Known gap of the article. " : "Note. "), message);
}

/** The answer to what is no endpoint. */
export function faultItem(text, fault) {
  return item("invalid", text, "Not readable", fault, []);
}

function item(verdict, name, word, more, parts) {
  return make(
    "li",
    { class: `answer ${verdict}`, "data-verdict": verdict },
    make("p", { class: "verdict" }, make("code", { class: "host" }, name), " ", make("strong", {}, word)),
    more ? make("p", { class: "why" }, more) : null,
    ...parts,
  );
}

/** What a rule says where another one decides. */
function reasonBeside(rule, answer, data) {
  const decides = rule.verdict === answer.verdict && answer.verdict !== "not-needed";
  return decides ? "" : `${rule.verdict === "required" ? "required" : (data.words[rule.why] ?? rule.why)}`;
}

/** One rule a host and port; those of other clouds and features are folded beneath it. */
function ruleList(title, rules, data, notes) {
  if (!rules.length) return [];
  const groups = groupBy([...rules].sort(byPlace), (rule) => `${rule.destination} ${rule.transport}`);
  const line = (rule) => [ruleLink(rule, data), ...notes(rule).filter(Boolean).map((text) => make("span", { class: "note" }, text))];
  const items = [...groups.values()].map(([first, ...others]) => make("li", {}, ...line(first), others.length ? folded(others, line) : null));
  return [title ? make("p", { class: "title" }, `${title}:`) : null, make("ul", { class: "sources" }, ...items)].filter(Boolean);
}

function folded(rules, line) {
  const summary = `${rules.length} more ${rules.length === 1 ? "rule" : "rules"} for the same host and port`;
  return make("details", {}, make("summary", {}, summary), make("ul", { class: "sources" }, ...rules.map((rule) => make("li", {}, ...line(rule)))));
}

function ruleLink(rule, data) {
  const port = rule.transport === "any" ? "any port" : rule.transport.replace("-", " ").toUpperCase();
  const name = [make("code", { class: "host" }, rule.destination), ` ${port}, ${rule.cloud}, ${data.features[rule.feature] ?? rule.feature}`];
  return rule.fix ? make("span", {}, ...name) : make("a", { href: `${root}${data.paths[rule.id] ?? pathOf(rule.id)}` }, ...name);
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
