// The questions on the page: what is ticked and typed as settings, and settings put back into it.

const form = document.querySelector("#questions");
const fields = (name) => [...form.elements].filter((field) => field.name === name);

/** What the form says, as texts by key; what is as by default is left out. */
export function asked(data) {
  const said = data.keys.map((key) => [key.name, valueOf(key)]);
  return Object.fromEntries(said.filter(([, value]) => value !== ""));
}

/** Put a profile into the form. */
export function fill(data, profile) {
  for (const key of data.keys) {
    const value = profile[key.name];
    const boxes = fields(key.name);
    if (boxes[0].type !== "checkbox") boxes[0].value = value === null ? "" : Array.isArray(value) ? value.join(", ") : `${value}`;
    else if (key.form === "list") for (const box of boxes) box.checked = value.includes(box.value);
    else boxes[0].checked = value;
  }
}

/** Features that a profile has and that are asked for in other ways, said in those; and which cannot be said at all. */
export function shaped(profile) {
  const offered = fields("features").map(({ value }) => value);
  const shapedProfile = {
    ...profile,
    features: offered.filter((name) => profile.features.includes(name)),
    gpu: profile.gpu || profile.features.includes("gpu"),
    windows: profile.windows || profile.features.includes("windows"),
    recommended: profile.recommended || profile.features.includes("os-updates"),
  };
  const elsewhere = ["core", "gpu", "windows", "os-updates", ...offered];
  return { profile: shapedProfile, unknown: profile.features.filter((name) => !elsewhere.includes(name)) };
}

/** Show the one field that is at fault, or none. */
export function blame(key) {
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  for (const field of key ? fields(key) : []) {
    field.setAttribute("aria-invalid", "true");
    reveal(field);
  }
}

/** Mark the questions that were left open. */
export function markOpen(keys) {
  for (const question of form.querySelectorAll(".question")) {
    const isOpen = keys.includes(question.querySelector("[name]").name);
    question.classList.toggle("asked", isOpen);
    question.querySelector(".open")?.toggleAttribute("hidden", !isOpen);
    if (isOpen) reveal(question);
  }
}

/** Keep the region one of the cloud, and the other way round, whichever was changed last. */
export function agree(data, changed) {
  const [[cloud], [region]] = [fields("cloud"), fields("region")];
  const home = Object.keys(data.regions).find((one) => data.regions[one].includes(region.value));
  if (changed === "region" && home) cloud.value = home;
  if (changed === "cloud" && home && home !== cloud.value) region.value = "";
}

function reveal(field) {
  const folded = field.closest("details");
  if (folded) folded.open = true;
}

function valueOf(key) {
  const boxes = fields(key.name);
  if (boxes[0].type !== "checkbox") return boxes[0].value.trim();
  if (key.form === "list") return boxes.filter(({ checked }) => checked).map(({ value }) => value).join();
  return boxes[0].checked === key.default ? "" : `${boxes[0].checked}`;
}
