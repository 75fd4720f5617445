// Commands and lists for PAN-OS: aks_egress_catalog.exports.appliances.paloalto.

import { byNumber } from "../../networks.js";
import { NotExpressible, fit, placeRules } from "../declaration.js";
import { NotWritten, lackingLines, plain, wrap } from "../text.js";

const PREFIX = "aks-egress";
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const WHOLE_LABEL = /^(?:\*|\{[a-z0-9_-]+\})$/;
const UNQUOTABLE = /[^ -~]|["\\?]/gu;
const COMMENT = 1023;
const LONGEST_NAME = 63;
const LONGEST_HOST = 252;
const WIDTH = 116;
const TAGGED = `tag ${PREFIX}`;
const RULEBASE = "set rulebase ";
const FROM_ANY = ["disabled yes", "from any", "to any", "source any"];
const WEIGHTY = [": missing ", ": not of the article"];

export function paloalto(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => place(declaration, rule));
  const advice = Object.values(files)[0].split(" Made by ")[0].split('"')[1];
  const written = commands(placed, [[advice, ...header].join(" "), ...remarks(found)]);
  const lacking = lackingLines(notes).flatMap((line) => wrap(line.replace(UNQUOTABLE, "_"), WIDTH, { hyphens: true }).map((part) => `# ${part}`));
  const rules = written.filter((line) => line.startsWith(RULEBASE));
  const begins = (line) => FROM_ANY.some((setting) => line.endsWith(` ${setting}`));
  const contents = [
    [...lacking, ...written.filter((line) => !line.startsWith(RULEBASE))],
    rules.filter(begins),
    [...lacking, ...rules.filter((line) => !begins(line))],
    [...new Set(placed.flatMap(({ urls }) => urls))].sort(),
    [...new Set(placed.flatMap(({ networks }) => networks))].sort(byNumber),
  ];
  const names = Object.keys(files);
  return { files: Object.fromEntries(names.map((name, index) => [name, contents[index].map((line) => `${line}\n`).join("")])), notes };
}

/** What the reader should know, in the order of weight: the comment that it goes into may be too short for all. */
function remarks(found) {
  const all = found.rules.flatMap((rule) => rule.remarks.map((remark) => `${rule.id}: ${remark}`));
  const isWeighty = (remark) => WEIGHTY.some((words) => remark.includes(words));
  return [...all.filter(isWeighty), ...all.filter((remark) => !isWeighty(remark)), ...found.caveats];
}

function place(declaration, rule) {
  const { way, values, fidelity, reason } = fit(declaration, rule);
  const byUrl = way === declaration.ways[0];
  return {
    service: rule.protocol ? `${rule.protocol.toLowerCase()}-${rule.port}` : "any",
    urls: byUrl ? values.map(urlEntry) : [],
    hosts: rule.form === "fqdn" && !byUrl ? values.map(hostOf) : [],
    networks: rule.form === "cidr" ? values : [],
    anywhere: rule.form === "any",
    undecrypted: byUrl && rule.constraints.includes("preserve-alpn"),
    fidelity,
    reason,
  };
}

/** Write a host pattern as an entry of a URL category or list. */
export function urlEntry(host) {
  const deep = host.startsWith("*.") ? "*." : "";
  const labels = host.slice(deep.length).toLowerCase().split(".").map((label) => (WHOLE_LABEL.test(label) ? "^" : label));
  if (labels.some((label) => /[*{]/.test(label))) throw new NotExpressible(`'${plain(host)}': a wildcard of PAN-OS is a whole label, not a part of one`);
  if (!isHost(labels.map((label) => (label === "^" ? "x" : label)))) throw new NotExpressible(`'${plain(host)}' is not a host that PAN-OS takes`);
  return `${deep}${labels.join(".")}/`;
}

function hostOf(host) {
  if (!isHost(host.toLowerCase().split("."))) throw new NotExpressible(`'${plain(host)}' is not a host that an address object takes`);
  return host.toLowerCase();
}

function isHost(labels) {
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) && /[a-z]/.test(labels.at(-1)) && labels.join(".").length <= LONGEST_HOST;
}

/** Name an address object after its value; a name that would be too long needs a digest, which is left to the package. */
function objectOf(value) {
  const name = `${PREFIX}-${value.replace(/[./]/g, "_").replaceAll(":", "-")}`;
  if (name.length > LONGEST_NAME) throw new NotWritten(`${value} is too long for a name of PAN-OS; the command line shortens it`);
  return name;
}

function quoted(text) {
  return `"${text.replace(UNQUOTABLE, "_").slice(0, COMMENT)}"`;
}

/** Join what a comment takes, and count what it does not. */
function commentOf(parts) {
  for (let kept = parts.length; kept > 0; kept -= 1) {
    const left = parts.length - kept;
    const text = [...parts.slice(0, kept), ...(left ? [`and ${left} more: aks-egress-catalog resolve tells them`] : [])].join("; ");
    if (text.length <= COMMENT) return text;
  }
  return parts[0];
}

function commands(placed, told) {
  const all = (name) => [...new Set(placed.flatMap((one) => one[name]))];
  const services = [...new Set(placed.map(({ service }) => service))].sort((one, other) => (port(one) < port(other) ? -1 : 1));
  const undecrypted = [...new Set(placed.filter((one) => one.undecrypted).flatMap(({ urls }) => urls))].sort();
  return [
    `set tag ${PREFIX} comments ${quoted(commentOf(told))}`,
    ...all("networks").sort(byNumber).flatMap((each) => set(`address ${objectOf(each)}`, `ip-netmask ${each}`, TAGGED)),
    ...all("hosts").sort().flatMap((host) => set(`address ${objectOf(host)}`, `fqdn ${host}`, TAGGED)),
    ...services.flatMap((service) => serviceOf(service, placed.filter((one) => one.service === service))),
    ...(undecrypted.length ? noDecryption(undecrypted) : []),
  ];
}

function set(what, ...settings) {
  return settings.map((setting) => `set ${what} ${setting}`);
}

/** A key to sort services by: their protocol, then their port. */
function port(service) {
  const [protocol, number = "0"] = service.split("-");
  return `${protocol} ${number.padStart(5, "0")}`;
}

/** A service with its URL category, its address group, and a security rule for each. */
function serviceOf(service, placed) {
  const [protocol, number] = service.split("-");
  const name = `${PREFIX}-${service}`;
  const on = `service ${number ? name : "any"}`;
  const all = (key) => [...new Set(placed.flatMap((one) => one[key]))];
  const urls = all("urls").sort();
  const members = [...all("networks").sort(byNumber), ...all("hosts").sort()];
  return [
    ...(number ? set(`service ${name}`, `protocol ${protocol} port ${number}`, TAGGED) : []),
    ...(urls.length ? [...category(name, urls), ...allow(`${name}-urls`, "destination any", `category ${name}`, on)] : []),
    ...(members.length ? [...set(`address-group ${name}`, ...members.map((one) => `static ${objectOf(one)}`), TAGGED), ...allow(`${name}-addresses`, `destination ${name}`, on)] : []),
    ...(placed.some((one) => one.anywhere) ? allow(`${name}-anywhere`, "destination any", on) : []),
  ];
}

function category(name, urls) {
  return set(`profiles custom-url-category ${name}`, 'type "URL List"', ...urls.map((url) => `list ${url}`));
}

function allow(name, ...match) {
  return set(`rulebase security rules ${name}`, ...FROM_ANY, ...match, "application any", "action allow", TAGGED);
}

/** Keep the firewall's TLS proxy, which may strip ALPN, off the hosts that need it. */
function noDecryption(urls) {
  const name = `${PREFIX}-preserve-alpn`;
  const match = ["destination any", `category ${name}`, "service any", "type ssl-forward-proxy", "action no-decrypt"];
  return [...category(name, urls), ...set(`rulebase decryption rules ${name}`, ...FROM_ANY, ...match, TAGGED)];
}
