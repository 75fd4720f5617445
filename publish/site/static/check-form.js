// The host check: asks match.js of every host in the form, and keeps the question in the address.

import { COUNTED, answerItem, faultItem, wordsOf } from "./answers.js";
import { copy, count, fetchJson, groupBy, make, remember } from "./dom.js";
import { LONGEST, MOST, hostsIn } from "./hosts-in-text.js";
import { check } from "./match.js";
import { chosenPlace, takePlace } from "./place.js";

const DATA = "data/check.json";
const form = document.querySelector("#check");
const answer = document.querySelector("#answer");
const tools = document.querySelector("#answer-tools");
let question = 0;
let summary = "";

/** Answer what is asked in the form, or in the address (?host=…&host=…&cloud=…&region=…). */
export function offerCheck() {
  const { host } = form.elements;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask({ push: true });
  });
  host.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(hover: none)").matches) return; // no Shift+Enter on a phone
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("focusin", () => fetchJson(DATA).catch(() => {}), { once: true }); // an answer will need it
  document.addEventListener("place", () => answer.childElementCount && ask());
  window.addEventListener("popstate", takeQuestion);
  const told = tools.querySelector("[role=status]");
  document.querySelector("#copy-link").addEventListener("click", () => copy(location.href, told));
  document.querySelector("#copy-answers").addEventListener("click", () => copy(summary, told));
  takeQuestion();
}

/** Ask what the address asks; where it asks for what is not there, say so instead. */
function takeQuestion() {
  question += 1; // an answer that is still on its way is no longer asked for
  const query = new URLSearchParams(location.search);
  const fault = takePlace(query);
  form.elements.host.value = query.getAll("host").join("\n");
  if (fault) show([make("p", { class: "fault" }, `${fault} Nothing is answered until you choose one above.`)]);
  else if (form.elements.host.value) ask();
  else show([]);
}

async function ask({ push = false } = {}) {
  const mine = (question += 1);
  const place = chosenPlace();
  const { answers, silent, cut } = hostsIn(form.elements.host.value);
  remember({ host: answers.map(({ text }) => text), cloud: place.cloud, region: place.region }, { push });
  if (!answers.length) return show([make("p", { class: "fault" }, silent ? "No host is named in this text." : "Type a host first.")]);
  try {
    const data = await fetchJson(DATA);
    if (mine === question) report(data, answers, place, { silent, cut });
  } catch {
    if (mine === question) show([make("p", { class: "fault" }, "The rules cannot be fetched now. Try again.")]);
  }
  return undefined;
}

function report(data, answers, place, { silent, cut }) {
  const found = answers.map(({ text, endpoint, fault }) => ({ text, fault, answer: endpoint && check(data, endpoint, place) }));
  const lines = found.map(({ text, fault, answer }) => [text, ...(answer ? Object.values(wordsOf(answer, data, place)) : [fault])]);
  const said = new Set();
  const items = found.map(({ text, fault, answer }) => (answer ? answerItem(text, answer, data, place, said) : faultItem(text, fault)));
  const notes = [
    cut && `Only the first ${MOST} hosts of the first ${LONGEST / 1000} kB are answered here. For a whole file: aks-egress-catalog explain FILE.`,
    silent && `${count(silent, "line")} without a host.`,
  ].filter(Boolean);
  summary = lines.map((line) => line.filter(Boolean).join("\t")).join("\n");
  show([
    found.length > 1 || notes.length ? make("p", { class: "summary" }, [total(found), ...notes].join(" ")) : null,
    make("ol", { class: "answers" }, ...items),
  ]);
}

/** How many hosts have which verdict. */
function total(found) {
  const verdicts = groupBy(found, ({ answer }) => (answer ? answer.verdict : "invalid"));
  const counted = [...verdicts].map(([verdict, some]) => (verdict === "known-gap" ? count(some.length, "known gap") : `${some.length} ${COUNTED[verdict] ?? verdict}`));
  return `${count(found.length, "host")}: ${counted.join(", ")}.`;
}

function show(parts) {
  answer.replaceChildren(...parts.filter(Boolean));
  tools.hidden = !answer.querySelector("[data-verdict]");
  tools.querySelector("[role=status]").textContent = "";
}
