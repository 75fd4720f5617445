// An nftables table, and the lines of dnsmasq that fill its sets: aks_egress_catalog.exports.dns.nftables.

import { fit, placeRules } from "../declaration.js";
import { byPort, head, hostsOf, isAnywhere, named, portName, rangesOf, textOf, toKnow } from "../lines.js";

const TABLE = "aks_egress";
const FAMILIES = [[4, "ip", "ipv4_addr"], [6, "ip6", "ipv6_addr"]];
const CACHE = ["max-cache-ttl=300", "max-ttl=300"];

export function nftables(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const told = head(header, notes, toKnow(found));
  const groups = byPort(placed).map(([protocol, port, some]) => ({ name: portName(protocol, port, "_"), protocol, port, some }));
  const names = groups.flatMap(({ name, some }) => hostsOf(some).map((host) => `nftset=/${host.replace(/^\*\./, "")}/4#inet#${TABLE}#${name}_4,6#inet#${TABLE}#${name}_6`));
  const [file, resolver] = Object.keys(files);
  return { files: { [file]: textOf([...told, ...table(groups)]), [resolver]: textOf([...told, ...CACHE, ...new Set(names)]) }, notes };
}

/** Make what is not there, empty what is to be made anew, then write it: one transaction. */
function table(groups) {
  const ranges = groups.flatMap(({ name, some }) =>
    FAMILIES.map(([version, , kind]) => ({ name: `${name}_ranges_${version}`, kind, members: rangesOf(some, version) })).filter(({ members }) => members.length),
  );
  const sets = groups.filter(({ some }) => named(some).length);
  return [
    `table inet ${TABLE} {`,
    ...FAMILIES.map(([version, , kind]) => `\tset nodes_${version} { type ${kind}; flags interval; }`),
    ...sets.flatMap(({ name }) => FAMILIES.map(([version, , kind]) => `\tset ${name}_${version} { type ${kind}; flags timeout; timeout 1h; }`)),
    ...ranges.map(({ name, kind }) => `\tset ${name} { type ${kind}; flags interval; }`),
    "\tchain needed {",
    "\t}",
    "\tchain forward {",
    "\t\ttype filter hook forward priority filter; policy accept;",
    "\t}",
    "}",
    ...["needed", "forward"].map((chain) => `flush chain inet ${TABLE} ${chain}`),
    ...ranges.map(({ name }) => `flush set inet ${TABLE} ${name}`),
    ...ranges.map(({ name, members }) => `add element inet ${TABLE} ${name} { ${members.join(", ")} }`),
    `table inet ${TABLE} {`,
    "\tchain needed {",
    ...groups.flatMap(rules).map((rule) => `\t\t${rule}`),
    "\t\tmeta l4proto tcp reject with tcp reset",
    "\t\treject with icmpx admin-prohibited",
    "\t}",
    "\tchain forward {",
    "\t\tct state established,related accept",
    ...FAMILIES.map(([version, family]) => `\t\t${family} saddr @nodes_${version} goto needed`),
    "\t}",
    "}",
  ];
}

function rules({ name, protocol, port, some }) {
  const ports = port ? `${protocol.toLowerCase()} dport ${port} ` : "";
  if (isAnywhere(some)) return [`${ports}accept`];
  return FAMILIES.flatMap(([version, family]) => [
    ...(named(some).length ? [`${family} daddr @${name}_${version} ${ports}accept`] : []),
    ...(rangesOf(some, version).length ? [`${family} daddr @${name}_ranges_${version} ${ports}accept`] : []),
  ]);
}
