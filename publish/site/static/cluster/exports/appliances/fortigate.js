// FortiOS commands, and an external resource list: aks_egress_catalog.exports.appliances.fortigate.

import { netmask } from "../../networks.js";
import { fit, placeRules } from "../declaration.js";
import { byPort, head, hostsOf, isAnywhere, portName, rangesOf, textOf, toKnow } from "../lines.js";
import { NotWritten } from "../text.js";

const PREFIX = "aks-egress";
const LONGEST = 79;
const MEMBERS = 300;
const VERSIONS = [4, 6];

export function fortigate(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [objects, policies, domains] = Object.keys(files);
  const advice = `how to use: ${policies} is pasted once, after ${objects}; set interfaces and sources, then enable each policy.`;
  const told = head(header, notes, [advice, ...toKnow(found)]);
  const groups = byPort(placed).map(([protocol, port, some]) => ({ name: `${PREFIX} ${portName(protocol, port)}`, protocol, port, some }));
  return {
    files: {
      [objects]: textOf([...told, ...objectTables(groups)]),
      [policies]: textOf([...told, ...table("firewall policy", groups.map((one) => ["0", [`name "${one.name}"`, ...policy(one)]]))]),
      [domains]: textOf(hostsOf(placed)),
    },
    notes,
  };
}

/** A table comes after those that it refers to, and so does a group after its parts. */
function objectTables(groups) {
  const services = groups.filter(({ port }) => port).map(({ name, protocol, port }) => [`"${name}"`, [`${protocol.toLowerCase()}-portrange ${port}`]]);
  return [
    ...VERSIONS.flatMap((version) => table(`firewall address${suffix(version)}`, addresses(groups, version))),
    ...VERSIONS.flatMap((version) => table(`firewall addrgrp${suffix(version)}`, groups.flatMap((one) => group(one, version)))),
    ...table("firewall service custom", services),
  ];
}

function suffix(version) {
  return version === 4 ? "" : "6";
}

function table(name, entries) {
  const lines = entries.flatMap(([entry, settings]) => [`    edit ${entry}`, ...settings.map((setting) => `        set ${setting}`), "    next"]);
  return lines.length ? [`config ${name}`, ...lines, "end"] : [];
}

/** Name an object after what it is; a name that would be too long needs a digest, which is left to the package. */
function nameOf(value) {
  const name = `${PREFIX} ${value}`;
  if (name.length > LONGEST) throw new NotWritten(`${value} is too long for a name of FortiOS; the command line shortens it`);
  return name;
}

/** The members of a port's group: names are addresses of IPv4 to FortiOS, and have no second object. */
function valuesOf(some, version) {
  return [...(version === 4 ? hostsOf(some) : []), ...rangesOf(some, version)];
}

function addresses(groups, version) {
  const known = [...new Set(groups.flatMap(({ some }) => valuesOf(some, version)))].sort();
  return known.map((value) => {
    if (!value.includes("/")) return [`"${nameOf(value)}"`, ["type fqdn", `fqdn "${value}"`]];
    if (version === 6) return [`"${nameOf(value)}"`, [`ip6 ${value}`]];
    const [address, length] = value.split("/");
    return [`"${nameOf(value)}"`, ["type ipmask", `subnet ${address} ${netmask(Number(length))}`]];
  });
}

function groupName(name, version) {
  return version === 4 ? name : `${name} v6`;
}

/** The group of a port, with its parts before it where it cannot have all its members. */
function group({ name, some }, version) {
  const whole = groupName(name, version);
  const members = valuesOf(some, version).map(nameOf);
  const entry = (title, names) => [`"${title}"`, [`member ${names.map((one) => `"${one}"`).join(" ")}`]];
  if (members.length <= MEMBERS) return members.length ? [entry(whole, members)] : [];
  const parts = Array.from({ length: Math.ceil(members.length / MEMBERS) }, (_, place) => members.slice(MEMBERS * place, MEMBERS * (place + 1)));
  const names = parts.map((_, place) => `${whole} part ${place + 1}`);
  return [...parts.map((part, place) => entry(names[place], part)), entry(whole, names)];
}

function policy({ name, port, some }) {
  const [four, six] = VERSIONS.map((version) => (isAnywhere(some) ? "all" : valuesOf(some, version).length ? groupName(name, version) : ""));
  return [
    ...["status disable", 'srcintf "any"', 'dstintf "any"'],
    ...(four ? ['srcaddr "all"', `dstaddr "${four}"`] : []),
    ...(six ? ['srcaddr6 "all"', `dstaddr6 "${six}"`] : []),
    ...[`service "${port ? name : "ALL"}"`, 'schedule "always"', "action accept", "logtraffic all"],
  ];
}
