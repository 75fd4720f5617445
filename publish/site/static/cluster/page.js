// "My cluster": the questions, the list as it grows, and the same as configuration of a firewall.

import "../site.js";
import { fetchJson, make } from "../dom.js";
import { asksFor, keep } from "./address.js";
import { agree, asked, blame, fill, markOpen, shaped } from "./form.js";
import { defaults, profileOf, ProfileError, settingsOf } from "./profile.js";
import { show, showFault } from "./outcome.js";

const form = document.querySelector("#questions");
const gaps = document.querySelector("#gaps");
const tabs = [...document.querySelectorAll("[role=tab]")];
const another = document.querySelector("#another");
const offered = new Map([...tabs.map((tab) => [tab.dataset.format ?? "", tab]), ...[...another.options].filter(({ value }) => value).map((option) => [option.value, another])]);
let state = { fixed: false, form: "" };
let begun = false;

start();

async function start() {
  let data;
  try {
    data = await fetchJson("data/cluster.json");
  } catch {
    showFault("The rules cannot be fetched now. Load this page again.");
    return;
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => target.name && answer(data, target.name));
  form.addEventListener("reset", () => setTimeout(() => begin(data)));
  for (const tab of tabs) tab.addEventListener("click", () => choose(data, tab.dataset.format));
  another.addEventListener("change", () => choose(data, another.value));
  document.querySelector(".tabs").addEventListener("keydown", (event) => move(data, event));
  window.addEventListener("popstate", () => take(data));
  const az = document.querySelector(".az");
  const offer = async () => (await import("./az-form.js")).offerAz(data, (profile) => put(data, profile));
  if (az.open) offer(); // somebody was faster than the data
  else az.addEventListener("toggle", offer, { once: true });
  take(data);
}

/** Put what the address asks into the form; where it asks for what no cluster is, say so and answer nothing. */
function take(data) {
  markOpen([]);
  try {
    const { settings, fixed, form: named } = asksFor(data);
    begun = Object.keys(settings).length > 0 || fixed || named !== "";
    state = { fixed, form: offered.has(named) ? named : "" };
    if (named !== state.form) throw new ProfileError(`“${named.slice(0, 60)}” is no format that is written here; the command line may know it`, "as");
    const { profile, unknown } = shaped(profileOf(data, settings));
    if (unknown.length) throw new ProfileError(`the article asks for nothing for ${unknown.join(", ")} today`, "features");
    gaps.checked = fixed;
    fill(data, profile);
    present(data, profile);
  } catch (error) {
    refuse(data, error);
    fill(data, { ...defaults(data), cloud: "AzureCloud" });
  }
}

function begin(data) {
  state = { fixed: false, form: "" };
  begun = false;
  markOpen([]);
  keep(data, [], state, { push: true });
  take(data);
}

/** Take over a profile that was read of a cluster. */
function put(data, found) {
  const { profile } = shaped(found);
  fill(data, profile);
  answer(data, "");
}

function answer(data, changed) {
  begun = true;
  agree(data, changed);
  state.fixed = gaps.checked;
  try {
    const profile = profileOf(data, asked(data));
    keep(data, settingsOf(data, profile), state, { push: changed === "" });
    present(data, profile);
  } catch (error) {
    refuse(data, error);
  }
}

function present(data, profile) {
  blame("");
  const chosen = offered.get(state.form);
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", `${tab === chosen}`);
    tab.tabIndex = tab === chosen || (tab === tabs[0] && chosen === another) ? 0 : -1;
  }
  another.value = chosen === another ? state.form : "";
  show(data, profile, { ...state, begun, by: chosen });
}

function refuse(data, error) {
  if (!(error instanceof ProfileError)) throw error;
  blame(error.key);
  const says = error.key ? error.message : `${error.message[0].toUpperCase()}${error.message.slice(1)}`;
  showFault(make("span", {}, `${says}. Nothing is listed until that is mended.`));
}

function choose(data, form = "") {
  state.form = form;
  answer(data, "");
}

/** Arrows go from tab to tab, as in every list of tabs. */
function move(data, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length);
  next.focus();
  choose(data, next.dataset.format);
}
