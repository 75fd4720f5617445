// On every page: how long ago the article was looked at, and the language of descriptions.

import { fetchJson, make, root } from "./dom.js";

const HOUR = 3_600_000;
const LATE = 48;
const KEPT = "language";
const MEANINGS = {
  stale: "older than the English page: it may describe what has changed since.",
  damaged: "translation broke facts on that page; the facts here are always the English ones.",
};

for (const time of document.querySelectorAll("[data-checked]")) {
  const hours = Math.floor((Date.now() - Date.parse(time.dateTime)) / HOUR);
  if (hours < 0) continue;
  const ago = hours < 1 ? "less than an hour ago" : hours <= LATE ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
  time.append(` (${ago})`);
  const line = time.closest("li");
  if (hours <= LATE || line.querySelector("strong")) continue;
  // The page was made when all was well, and nobody has made it anew since.
  line.closest(".trust").classList.add("late");
  line.append(make("strong", {}, " This is too long ago: what you read may be out of date."));
}

const switches = document.querySelector("[data-languages]");
if (switches) offerLanguages(switches);

function offerLanguages(box) {
  const select = box.querySelector("select");
  const cells = [...document.querySelectorAll("#rules td.use")].map((cell) => ({
    cell,
    path: cell.parentElement.querySelector("a").getAttribute("href").slice(root.length),
    english: cell.textContent,
    text: cell.firstElementChild,
  }));
  const asked = new URLSearchParams(location.search).get("lang") ?? kept();
  const known = [...select.options].find((option) => option.value === asked && !option.disabled);
  box.hidden = false;
  select.addEventListener("change", () => speak(box, select, cells));
  if (known && asked !== select.value) {
    select.value = asked;
    speak(box, select, cells);
  }
}

async function speak(box, select, cells) {
  const locale = select.value;
  const note = box.querySelector("[data-language-note]");
  try {
    localStorage.setItem(KEPT, locale);
  } catch {
    // A browser that keeps nothing still shows the language that was chosen.
  }
  let texts = {};
  try {
    if (locale !== "en-us") texts = await fetchJson(`data/texts/${locale}.json`);
  } catch {
    note.textContent = "The descriptions in that language cannot be fetched now.";
    return;
  }
  if (select.value !== locale) return;
  for (const { cell, path, english, text } of cells) {
    const found = texts[path];
    text.textContent = found ? found.join(" ") : english;
    cell.lang = found ? locale : "en-us";
    cell.dir = found ? "auto" : "ltr";
  }
  const state = select.selectedOptions[0].dataset.state;
  note.textContent = MEANINGS[state] ? `${state}: ${MEANINGS[state]}` : "";
  document.querySelector("#rules").classList.toggle("dated", state in MEANINGS);
  document.dispatchEvent(new Event("texts"));
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
