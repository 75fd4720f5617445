// What the proxies share that look at the server name of TLS and the host of HTTP: exports.proxies.by_server_name.

import { trafficOf } from "../declaration.js";

const WITHOUT_A_PORT = [[443, "HTTPS"], [80, "HTTP"]];

/** Rules by the port that the proxy listens on, and by how it finds the name there: [[port, [[kind, rules], …]], …]. */
export function byListener(fitted) {
  const found = new Map();
  for (const one of fitted) {
    const traffic = trafficOf(one.rule);
    for (const [port, kind] of traffic ? [[one.rule.port, traffic]] : WITHOUT_A_PORT) {
      const kinds = found.get(port) ?? new Map();
      found.set(port, kinds.set(kind, [...(kinds.get(kind) ?? []), one]));
    }
  }
  const ports = [...found.keys()].sort((one, other) => one - other);
  return ports.map((port) => [port, [...found.get(port)].sort(([one], [other]) => (one < other ? -1 : 1))]);
}
