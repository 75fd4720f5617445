// A fragment of squid.conf: aks_egress_catalog.exports.proxies.squid.

import { collapsed, halves } from "../../networks.js";
import { fit, placeRules, trafficOf } from "../declaration.js";
import { posixRegex } from "../expressions.js";
import { comment, head } from "../lines.js";

const ACLS = { tunnel: "aks_connect", plain: "!aks_connect aks_http" };
const WAYS = { HTTPS: ["tunnel"], HTTP: ["plain"] };

export function squid(found, header, { files, declaration }) {
  const [[name, frame]] = Object.entries(files);
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [start, tail] = frame.split("\nhttp_access deny all");
  const told = head(header, notes, found.caveats);
  const text = `${told.join("\n")}\n${[...start.split("\n").slice(0, -1), ...groups(placed), ""].join("\n")}\nhttp_access deny all${tail}`;
  return { files: { [name]: text }, notes };
}

/** The passages by port and way; rules without a port come first. */
function groups(placed) {
  const grouped = new Map();
  for (const one of placed) {
    for (const way of WAYS[trafficOf(one.rule)] ?? ["tunnel", "plain"]) {
      const key = `${String(one.rule.port ?? 0).padStart(5, "0")} ${way}`;
      grouped.set(key, [...(grouped.get(key) ?? []), one]);
    }
  }
  const keys = [...grouped.keys()].sort();
  const ports = [...new Set(keys.map((key) => Number(key.split(" ")[0])))].filter(Boolean);
  return [
    ...ports.map((port) => `acl aks_port_${port} port ${port}`),
    ...keys.flatMap((key) => group(key.split(" ")[1], Number(key.split(" ")[0]), grouped.get(key))),
  ];
}

function group(way, port, passages) {
  const name = `aks_${way}_${port || "any"}`;
  const allow = `http_access allow ${ACLS[way]}${port ? ` aks_port_${port}` : ""}`;
  const { hosts, patterns, networks, anywhere } = split(passages);
  const ranges = collapsed(Object.keys(networks)).flatMap((each) => (each.endsWith("/0") ? halves(each) : [each]));
  const members = {
    hosts: Object.entries(hosts).map(([host, ids]) => [`dstdomain -n ${host}`, ids]),
    patterns: Object.entries(patterns).map(([host, ids]) => [`dstdom_regex -n -i ${posixRegex(host)}`, ids]),
    networks: ranges.map((each) => [`dst -n ${each}`, ""]),
  };
  return [
    "",
    ...comment(`${way === "tunnel" ? "CONNECT" : "Plain HTTP"} to ${port || "any port"}`),
    ...Object.entries(networks).flatMap(([each, ids]) => comment(`${each}: ${ids}`)),
    ...passages.flatMap(({ rule }) => remarks(rule)),
    ...Object.entries(members).flatMap(([kind, lines]) => [
      ...lines.flatMap(([value, ids]) => [...(ids ? comment(ids) : []), `acl ${name}_${kind} ${value}`]),
      ...(lines.length ? [`${allow} ${name}_${kind}`] : []),
    ]),
    ...(anywhere ? [...comment(`Any destination, as you allowed: ${anywhere}`), allow] : []),
  ];
}

/** Part the values into exact hosts, patterns, networks and any, each with the ids of its rules; sorted. */
function split(passages) {
  const ids = new Map();
  for (const { rule, values } of passages) {
    for (const value of values) {
      const kind = rule.form === "fqdn" && /[*{]/.test(value) ? "pattern" : rule.form;
      const key = `${kind}\n${value}`;
      ids.set(key, [...(ids.get(key) ?? []), rule.id]);
    }
  }
  const of = (wanted) => {
    const some = [...ids.keys()].filter((key) => key.split("\n")[0] === wanted).sort();
    return Object.fromEntries(some.map((key) => [key.split("\n")[1], ids.get(key).join(", ")]));
  };
  return { hosts: of("fqdn"), patterns: of("pattern"), networks: of("cidr"), anywhere: of("any")["*"] ?? "" };
}

function remarks(rule) {
  return [
    ...rule.remarks.flatMap((remark) => comment(`${rule.id}: ${remark}`)),
    ...rule.constraints.flatMap((one) => comment(`${one} for ${rule.values.join(", ")}: leave it out of ssl_bump (splice, never bump).`)),
  ];
}
