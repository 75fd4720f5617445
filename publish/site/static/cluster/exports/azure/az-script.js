// A shell script of az network firewall policy commands: aks_egress_catalog.exports.azure.az_script.

import { GROUP_NAME, capitalized, commentLines, ruleCollectionGroup } from "./rule-collections.js";

const COLLECTION = "az network firewall policy rule-collection-group collection";
const WHERE = `--resource-group "$GROUP" --policy-name "$POLICY" --rule-collection-group-name ${GROUP_NAME}`;

export function azScript(found, header, { files, declaration }, data) {
  const [[name, frame]] = Object.entries(files);
  const group = ruleCollectionGroup(found, declaration, data);
  const [shebang, ...preamble] = frame.trimEnd().split("\n");
  const comments = commentLines(header, group.remarks).map((line) => `# ${line}`.trimEnd());
  const lines = [shebang, ...comments, ...preamble, ...group.collections.flatMap(collection), ""];
  return { files: { [name]: lines.join("\n") }, notes: group.notes };
}

/** The collection with its first rule, then the others one by one; removed before that where somebody asks for it. */
function collection({ name, priority, rules: [first, ...others] }) {
  const quotedName = quoted(name);
  return [
    "",
    `if [ "\${REPLACE:-}" ]; then ${COLLECTION} remove ${WHERE} --name ${quotedName} || :; fi`,
    `${COLLECTION} add-filter-collection ${WHERE} --name ${quotedName} \\\n  --collection-priority ${priority} --action Allow \\\n  ${ruleOf(first, "--rule-name")}`,
    ...others.map((rule) => `${COLLECTION} rule add ${WHERE} --collection-name ${quotedName} \\\n  ${ruleOf(rule, "--name")}`),
  ];
}

function ruleOf(rule, option) {
  const list = (name, values) => (values.length ? [name, ...values] : []);
  const words =
    rule.kind === "application"
      ? ["ApplicationRule", "--protocols", `${capitalized(rule.application)}=${rule.port}`, ...list("--target-fqdns", rule.fqdns)]
      : [
          ...["NetworkRule", "--ip-protocols", rule.protocol, "--destination-ports", `${rule.port}`],
          ...list("--destination-addresses", rule.addresses),
          ...list("--destination-fqdns", rule.fqdns),
        ];
  return `${[option, rule.name, "--description", rule.description, "--rule-type", ...words].map(quoted).join(" ")} --source-addresses "$@"`;
}

/** Quote a word for the shell, where it needs it. */
function quoted(word) {
  return word && !/[^\w@%+=:,./-]/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
