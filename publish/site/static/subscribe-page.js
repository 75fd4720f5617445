// The address of the feed of exactly what was chosen, to copy and to put where one reads.

import "./site.js";
import { copy, remember, root } from "./dom.js";

const form = document.querySelector("#subscribe");
const told = document.querySelector("#subscribe-told");

if (form) {
  form.addEventListener("change", () => show({ push: true }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    copy(document.querySelector("#feed-address").value, told);
  });
  window.addEventListener("popstate", takeChoice);
  takeChoice();
}

/** Choose what the address asks for; where it asks for what is not there, say so, and for everything. */
function takeChoice() {
  const asked = new URLSearchParams(location.search);
  const fields = [...form.elements].filter(({ name }) => name);
  for (const field of fields) field.value = asked.get(field.name) ?? "";
  const wrong = fields.filter((field) => field.selectedIndex < 0);
  for (const field of wrong) field.value = "";
  show();
  if (wrong.length) told.textContent = `There is no ${wrong.map((field) => `${field.name} “${asked.get(field.name).slice(0, 60)}”`).join(", no ")}; this feed is of all of them.`;
}

function show({ push = false } = {}) {
  const { cloud, feature, about } = Object.fromEntries(new FormData(form));
  const narrow = cloud ? `cloud/${cloud}${feature ? `/${feature}` : ""}` : feature ? `feature/${feature}` : "";
  const scope = about === "breaking" ? ["breaking", narrow].filter(Boolean).join("/") : narrow || "all";
  const address = new URL(`${root}feeds/${scope}.${about === "days" ? "ics" : "atom"}`, location.href).href;
  document.querySelector("#feed-address").value = address;
  document.querySelector("#feed-open").href = address;
  for (const place of document.querySelectorAll("[data-feed]")) place.textContent = address;
  told.textContent = "";
  remember({ cloud, feature, about }, { push });
}
