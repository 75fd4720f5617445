// An address that is none: search for what it seems to have named.

import "./site.js";
import { showElsewhere } from "./search.js";

const form = document.querySelector("#search");
const found = document.querySelector("#elsewhere");

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", show);
form.elements.q.value = new URLSearchParams(location.search).get("q") ?? nameIn(location.pathname);
show();

function show() {
  const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  showElsewhere(found, words, { rules: true });
}

/** The host in the address of a page of a rule (rules/AzureCloud/core/mcr.microsoft.com_tcp-443.html), or its words. */
function nameIn(path) {
  const last = path.split("/").at(-1).replace(/\.html$/, "").replace(/_(?:tcp|udp)-\d+$|_any$/, "");
  return last.includes(".") ? last.replaceAll("~region~", "{region}").replaceAll("~", "*") : last.replaceAll(/%20|[-_]+/g, " ").trim();
}
