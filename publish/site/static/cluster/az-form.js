// Reads the output of az where a person pastes it or chooses a file. It is read here, and sent nowhere.

import { count, make } from "../dom.js";
import { LONGEST, readAz } from "./az.js";
import { markOpen } from "./form.js";
import { ProfileError } from "./profile.js";

const text = document.querySelector("#az-text");
const file = document.querySelector("#az-file");
const told = document.querySelector("#az-told");

/** Offer it; `take` gets the profile that was read. */
export function offerAz(data, take) {
  const button = document.querySelector("#az-read");
  button.disabled = false;
  button.addEventListener("click", () => read(data, text.value, take));
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const start = chosen.slice(0, LONGEST * 2 + 2);
    read(data, decoded(new Uint8Array(await start.arrayBuffer())), take);
    file.value = "";
  });
}

function read(data, written, take) {
  try {
    const { name, profile, notes, open } = readAz(data, written);
    take(profile);
    markOpen(open);
    const left = [...new Set(open)];
    const asks = left.length ? ` It leaves ${count(left.length, "question")} open, marked below: ${left.join(", ")}.` : " It leaves no question open.";
    told.replaceChildren(make("p", {}, make("strong", {}, `Read${name ? `: ${name}` : ""}.`), asks), ...notes.map((note) => make("p", { class: "note" }, `${note}.`)));
    text.value = "";
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    told.replaceChildren(make("p", { class: "fault" }, `${error.message[0].toUpperCase()}${error.message.slice(1)}`));
  }
}

/** A shell may write UTF-16, with a mark at the begin. */
function decoded(bytes) {
  const encoding = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2).join()] ?? "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
