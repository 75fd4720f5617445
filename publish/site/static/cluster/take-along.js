// The same cluster elsewhere: on the command line, in Python, and in a feed reader.

import { copy, make, root } from "../dom.js";
import { neededFeatures, settingsOf } from "./profile.js";

/** The commands that give what the page shows; `files` are those of the format. */
export function commands(data, profile, { fixed, form, files }) {
  const settings = settingsOf(data, profile).map(([name, value]) => `--set ${name}=${value}`);
  const fix = fixed ? ["--fix-advisories"] : [];
  const asks = form ? ["export", form, ...settings, ...fix, "--out", files.length === 1 ? files[0] : form] : ["resolve", ...settings, ...fix];
  const text = `pip install aks-egress-catalog\n${["aks-egress-catalog", ...asks].join(" ")}\n`;
  return [make("h3", {}, "The same on the command line"), ...block(text, "Copy the command")];
}

/** The feeds that tell of changes for this cluster, and of nothing else: one a feature, in its cloud. */
export function subscriptions(data, profile) {
  const stated = new Set(data.rules.filter(({ cloud }) => cloud === profile.cloud).map(({ feature }) => feature));
  const features = data.features.filter((feature) => neededFeatures(profile).has(feature) && stated.has(feature));
  const addresses = features.map((feature) => new URL(`${root}feeds/cloud/${profile.cloud}/${feature}.atom`, location.href).href);
  const links = addresses.map((address, place) => make("li", {}, make("a", { href: address }, `${profile.cloud}, ${features[place]}`)));
  const told = make("span", { class: "hint", role: "status" });
  const button = make("button", { type: "button", class: "quiet" }, "Copy these addresses");
  button.addEventListener("click", () => copy(addresses.join("\n"), told));
  return [
    make("h3", {}, "Be told when this list changes"),
    make("p", {}, "These feeds tell of these features in this cloud, and of nothing else. ", make("a", { href: `${root}subscribe.html` }, "How to put one into Teams, Slack or mail")),
    make("ul", { class: "inline feeds" }, ...links),
    make("p", { class: "tools" }, button, " ", told),
  ];
}

function block(text, label) {
  const told = make("span", { class: "hint", role: "status" });
  const button = make("button", { type: "button", class: "quiet" }, label);
  button.addEventListener("click", () => copy(text, told));
  return [make("pre", { class: "command" }, make("code", {}, text.trimEnd())), make("p", { class: "tools" }, button, " ", told)];
}
