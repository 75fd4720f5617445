// Cilium policies for what the pods of add-ons send: aks_egress_catalog.exports.kubernetes.cilium.

import { NotExpressible, fit, placeRules } from "../declaration.js";
import { isPattern } from "../expressions.js";
import { byPort, head, hostsOf, jsonText, named, rangesOf, toKnow } from "../lines.js";

const OF_NODES = ["core", "os-updates", "gpu", "windows"];
const EVERYWHERE = "workload-identity";
const DNS = {
  toEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns" } }],
  toPorts: [{ ports: [{ port: "53", protocol: "ANY" }], rules: { dns: [{ matchPattern: "*" }] } }],
};

export function cilium(found, header, { files, declaration }, { version }) {
  const { placed, notes } = placeRules(found, (rule) => place(declaration, rule));
  const features = [...new Set(placed.map(({ rule }) => rule.feature))].sort();
  const documents = features.map((feature) => jsonText(policy(feature, placed.filter(({ rule }) => rule.feature === feature), version), 1).trimEnd());
  const [name] = Object.keys(files);
  return { files: { [name]: `${[head(header, notes, toKnow(found)).join("\n"), ...documents].join("\n---\n")}\n` }, notes };
}

/** What pods need of the core is the API server; all else there is what nodes fetch. */
function place(declaration, rule) {
  const ofPods = !OF_NODES.includes(rule.feature) || rule.values.some((value) => value.includes(".hcp."));
  if (!ofPods) throw new NotExpressible("not expressible: node traffic");
  return fit(declaration, rule);
}

/** One feature's policy: of a namespace, or of the whole cluster where its pods may be anywhere. */
function policy(feature, some, version) {
  const everywhere = feature === EVERYWHERE;
  return {
    apiVersion: "cilium.io/v2",
    kind: everywhere ? "CiliumClusterwideNetworkPolicy" : "CiliumNetworkPolicy",
    metadata: {
      name: `aks-egress-${feature}`,
      ...(everywhere ? {} : { namespace: "kube-system" }),
      labels: { "app.kubernetes.io/managed-by": "aks-egress-catalog" },
      annotations: { "aks-egress-catalog/version": version },
    },
    spec: {
      endpointSelector: everywhere ? { matchLabels: { "k8s:azure.workload.identity/use": "true" } } : {},
      enableDefaultDeny: { egress: false, ingress: false },
      egress: [...(named(some).length ? [DNS] : []), ...egress(some)],
    },
  };
}

/** One entry for all names on a port, and one for all ranges on it. */
function egress(some) {
  return byPort(some).flatMap(([protocol, port, group]) => {
    const ports = port ? { toPorts: [{ ports: [{ port: `${port}`, protocol }] }] } : {};
    const ranges = [...rangesOf(group, 4), ...rangesOf(group, 6)];
    return [
      ...(named(group).length ? [{ toFQDNs: hostsOf(group).map(nameOf), ...ports }] : []),
      ...(ranges.length ? [{ toCIDR: ranges, ...ports }] : []),
    ];
  });
}

/** *.x in Cilium is one label below; **.x is as many as there are. */
function nameOf(host) {
  if (!isPattern(host)) return { matchName: host };
  return { matchPattern: (host.startsWith("*.") ? `*${host}` : host).replace(/\{[^}]*\}/g, "*") };
}
