// Rule collections as an ARM template, Bicep and Terraform: aks_egress_catalog.exports.azure.arm, .bicep and .terraform.

import { jsonText } from "../lines.js";
import { capitalized, commentLines, ruleCollectionGroup } from "./rule-collections.js";

const ESCAPES = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const SOURCES = "[parameters('sourceAddresses')]";

export function arm(found, header, { files, declaration }, data) {
  const [[name, frame]] = Object.entries(files);
  const group = ruleCollectionGroup(found, declaration, data);
  const template = JSON.parse(frame);
  template.metadata.header = header;
  template.metadata.remarks = group.remarks;
  template.resources[0].properties.ruleCollections = group.collections.map(armCollection);
  return { files: { [name]: jsonText(template, 2) }, notes: group.notes };
}

export function bicep(found, header, { files, declaration }, data) {
  const [[name, frame]] = Object.entries(files);
  const group = ruleCollectionGroup(found, declaration, data);
  const [head, tail] = frame.split(/(?<=ruleCollections: \[\n)/);
  const comments = commentLines(header, group.remarks).map((line) => `// ${line}`.trimEnd());
  const text = `${comments.join("\n")}\n${head}${group.collections.flatMap(bicepCollection).map((line) => `${line}\n`).join("")}${tail}`;
  return { files: { [name]: text }, notes: group.notes };
}

export function terraform(found, header, { files, declaration }, data) {
  const [[name, frame]] = Object.entries(files);
  const group = ruleCollectionGroup(found, declaration, data);
  const comments = commentLines(header, group.remarks).map((line) => `# ${line}`.trimEnd());
  const blocks = group.collections.flatMap(terraformCollection).map((line) => `${line}\n`).join("");
  return { files: { [name]: `${comments.join("\n")}\n${frame.replace(/\}\n$/, () => `${blocks}}\n`)}` }, notes: group.notes };
}

/** Keep ARM from evaluating a text: one in brackets is an expression, unless it starts with two. */
function literal(text) {
  return text.startsWith("[") && text.endsWith("]") ? `[${text}` : text;
}

function armCollection({ name, priority, rules }) {
  return { ruleCollectionType: "FirewallPolicyFilterRuleCollection", name: literal(name), priority, action: { type: "Allow" }, rules: rules.map(armRule) };
}

function armRule(rule) {
  const isApplication = rule.kind === "application";
  const lists = isApplication ? { targetFqdns: rule.fqdns } : { destinationAddresses: rule.addresses, destinationFqdns: rule.fqdns };
  const destinations = Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length).map(([key, values]) => [key, values.map(literal)]));
  const head = {
    ruleType: isApplication ? "ApplicationRule" : "NetworkRule",
    name: literal(rule.name),
    description: literal(rule.description),
    sourceAddresses: SOURCES,
  };
  if (!isApplication) return { ...head, ipProtocols: [rule.protocol], destinationPorts: [`${rule.port}`], ...destinations };
  const protocols = [{ protocolType: capitalized(rule.application), port: rule.port }];
  return { ...head, ...destinations, protocols, ...(rule.keepTls ? { terminateTLS: false } : {}) };
}

/** A Bicep string; what is not printable ASCII, or opens a comment, is escaped. */
function bicepText(text) {
  const pieces = [];
  for (const char of text) {
    const opens = char === "/" && !/^[A-Za-z0-9]$/.test(pieces.at(-1) ?? "");
    const isPlain = char >= " " && char <= "~" && !opens;
    pieces.push(ESCAPES[char] ?? (char === "'" ? "\\'" : isPlain ? char : `\\u{${char.codePointAt(0).toString(16)}}`));
  }
  return `'${pieces.join("").replaceAll("${", "\\${")}'`;
}

function bicepArray(values) {
  if (values.length === 1) return [`[${bicepText(values[0])}]`];
  return ["[", ...values.map((value) => `  ${bicepText(value)}`), "]"];
}

function bicepCollection({ name, priority, rules }) {
  return [
    "      {",
    "        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'",
    `        name: ${bicepText(name)}`,
    `        priority: ${priority}`,
    "        action: { type: 'Allow' }",
    "        rules: [",
    ...rules.flatMap((rule) => ["          {", ...bicepRule(rule).map((line) => `            ${line}`), "          }"]),
    "        ]",
    "      }",
  ];
}

function bicepRule(rule) {
  const list = (key, values) => {
    const [first, ...more] = bicepArray(values);
    return values.length ? [`${key}: ${first}`, ...more] : [];
  };
  const isApplication = rule.kind === "application";
  const head = [
    `ruleType: '${isApplication ? "ApplicationRule" : "NetworkRule"}'`,
    `name: ${bicepText(rule.name)}`,
    `description: ${bicepText(rule.description)}`,
    "sourceAddresses: sourceAddresses",
  ];
  if (isApplication) {
    const protocol = `protocols: [{ protocolType: ${bicepText(capitalized(rule.application))}, port: ${rule.port} }]`;
    return [...head, ...list("targetFqdns", rule.fqdns), protocol, ...(rule.keepTls ? ["terminateTLS: false"] : [])];
  }
  const ports = [`ipProtocols: [${bicepText(rule.protocol)}]`, `destinationPorts: [${bicepText(`${rule.port}`)}]`];
  return [...head, ...ports, ...list("destinationAddresses", rule.addresses), ...list("destinationFqdns", rule.fqdns)];
}

/** An HCL string; what is not printable ASCII, or opens a template, is escaped. */
function hclText(text) {
  const code = (char) => {
    const point = char.codePointAt(0);
    return point < 65536 ? `\\u${point.toString(16).padStart(4, "0")}` : `\\U${point.toString(16).padStart(8, "0")}`;
  };
  const written = [...text].map((char) => ESCAPES[char] ?? (char === '"' ? '\\"' : char >= " " && char <= "~" ? char : code(char)));
  return `"${written.join("").replace(/[$%](?=\{)/g, code)}"`;
}

function hclList(values) {
  if (values.length === 1) return `[${hclText(values[0])}]`;
  return ["[", ...values.map((value) => `        ${hclText(value)},`), "      ]"].join("\n");
}

function terraformCollection({ kind, name, priority, rules }) {
  return [
    "",
    `  ${kind}_rule_collection {`,
    `    name     = ${hclText(name)}`,
    `    priority = ${priority}`,
    '    action   = "Allow"',
    ...rules.flatMap((rule) => ["", "    rule {", ...terraformRule(rule), "    }"]),
    "  }",
  ];
}

function terraformRule(rule) {
  const isApplication = rule.kind === "application";
  const lists = [["destination_addresses", rule.addresses], ["destination_fqdns", rule.fqdns]].filter(([, values]) => values.length);
  const settings = [
    ["name", hclText(rule.name)],
    ["description", hclText(rule.description)],
    ["source_addresses", "var.source_addresses"],
    ...(isApplication ? [] : [["protocols", `[${hclText(rule.protocol)}]`], ["destination_ports", `[${hclText(`${rule.port}`)}]`]]),
    ...(rule.keepTls ? [["terminate_tls", "false"]] : []),
    ...lists.map(([name, values]) => [name, hclList(values)]),
  ];
  if (!isApplication) return aligned(settings);
  return [...aligned(settings), "", "      protocols {", `        type = ${hclText(capitalized(rule.application))}`, `        port = ${rule.port}`, "      }"];
}

/** Line up the equals signs as terraform fmt does: an argument of several lines stands for itself. */
function aligned(settings) {
  const width = Math.max(...settings.filter(([, value]) => !value.includes("\n")).map(([name]) => name.length));
  return settings.map(([name, value]) => `      ${value.includes("\n") ? name : name.padEnd(width)} = ${value}`);
}
