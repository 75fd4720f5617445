// Suricata rules and a domain list for AWS Network Firewall: aks_egress_catalog.exports.appliances.aws_suricata.

import { NotExpressible, fit, placeRules, trafficOf } from "../declaration.js";
import { isPattern, posixRegex } from "../expressions.js";
import { head, jsonText, textOf, toKnow, unique } from "../lines.js";

const FIRST_SID = 3800000;
const KINDS = { HTTPS: ["tls"], HTTP: ["http"] };

export function suricata(found, header, { files, declaration }) {
  const [[rules], [list, frame]] = Object.entries(files);
  const { placed, notes } = placeRules(found, (rule) => place(declaration, list, rule));
  const group = JSON.parse(frame);
  group.RulesSource.RulesSourceList.Targets = unique(placed.flatMap(({ values }) => values.map(domain)).filter(Boolean));
  const numbered = unique(placed.flatMap(rulesOf)).map((line, index) => `${line} sid:${FIRST_SID + index}; rev:1;)`);
  return { files: { [rules]: textOf([...head(header, notes, toKnow(found)), ...numbered]), [list]: jsonText(group, 1) }, notes };
}

/** Fit a rule, and say of the domain list what is not true of the rules. */
function place(declaration, list, rule) {
  const fitted = fit(declaration, rule);
  const said = (more) => [fitted.reason, more].filter(Boolean).join("; ");
  const domains = { title: "a domain list", ways: [{ ...declaration.ways[0], name: "a domain", wildcard: "WITH_APEX", inner: "NOWHERE", ports: false }] };
  try {
    const listed = fit(domains, rule);
    return listed.reason ? { ...fitted, fidelity: listed.fidelity, reason: said(`in ${list} ${listed.reason}`) } : fitted;
  } catch (error) {
    if (!(error instanceof NotExpressible)) throw error;
    const fidelity = fitted.fidelity === "exact" ? "narrowed" : fitted.fidelity;
    return { ...fitted, fidelity, reason: said(`${list} lacks it: ${error.message}`) };
  }
}

/** Write a host pattern for the domain list; empty where that has no form for it. */
function domain(value) {
  return isPattern(value.replace(/^\*\./, "")) ? "" : value.replace(/^\*/, "");
}

function rulesOf({ rule, values }) {
  const kinds = KINDS[trafficOf(rule)] ?? ["http", "tls"];
  return kinds.flatMap((kind) => values.map((value) => ruleOf(kind, rule.port ?? "any", value)));
}

/** Write a rule but for its number. The buffer of an HTTP host is in small letters already, and takes no nocase. */
function ruleOf(kind, port, value) {
  const [buffer, nocase] = kind === "tls" ? ["tls.sni", " nocase;"] : ["http.host", ""];
  const exact = `content:"${value}";${nocase} startswith; endswith;`;
  const match = isPattern(value.replace(/^\*\./, "")) ? `pcre:"/${posixRegex(value)}/i";` : value.startsWith("*.") ? `content:"${value.slice(1)}";${nocase} endswith;` : exact;
  return `pass ${kind} $HOME_NET any -> $EXTERNAL_NET ${port} (msg:"aks-egress ${value}"; flow:to_server, established; ${buffer}; ${match}`;
}
