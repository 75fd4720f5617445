// The state of the page in its address: the settings of the cluster by their keys, what it is written as, and the gaps.

import { remember } from "../dom.js";
import { ProfileError } from "./profile.js";

const OWN = ["fix_advisories", "as"];

/** What the address asks: {settings, fixed, form}. Throws a ProfileError where it says what this page does not know. */
export function asksFor(data) {
  const query = new URLSearchParams(location.search);
  const known = new Map(data.keys.map((key) => [key.name, key]));
  const strange = [...new Set(query.keys())].filter((name) => !known.has(name) && !OWN.includes(name));
  if (strange.length) throw new ProfileError(`the address has ${strange.map((name) => `“${name.slice(0, 60)}”`).join(", ")}, which is no question here`);
  const settings = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (values.length > 1 && known.get(name)?.form !== "list") throw new ProfileError("the address says it more than once", name);
    if (known.has(name)) settings[name] = values.join();
  }
  const [fixed, form] = OWN.map((name) => query.get(name) ?? "");
  if (!["", "true", "false"].includes(fixed)) throw new ProfileError(`“${fixed.slice(0, 60)}” is neither true nor false`, "fix_advisories");
  return { settings, fixed: fixed === "true", form };
}

/** Keep what is asked in the address; what this page does not know goes, or a copied link would be refused. */
export function keep(data, settings, { fixed, form }, { push }) {
  const nothing = Object.fromEntries([...data.keys.map((key) => key.name), ...new URLSearchParams(location.search).keys()].map((name) => [name, null]));
  remember({ ...nothing, ...Object.fromEntries(settings), fix_advisories: fixed ? "true" : null, as: form || null }, { push });
}
