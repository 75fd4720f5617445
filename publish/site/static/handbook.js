// A page of the handbook: everything that every page has, and a button beside each block of code that copies it.

import "./site.js";
import { copy, make } from "./dom.js";

for (const block of document.querySelectorAll("figure.code")) {
  const code = block.querySelector("code");
  const commands = [...code.querySelectorAll(".command")].map((one) => `${one.textContent}\n`);
  const button = make("button", { type: "button", class: "quiet" }, commands.length ? "Copy commands" : "Copy");
  const told = make("span", { class: "hint", role: "status" });
  // Of a console the commands alone are copied: without prompts, and without what they print.
  button.addEventListener("click", () => copy(commands.join("") || code.textContent, told));
  block.append(make("p", { class: "tools" }, told, button));
}
