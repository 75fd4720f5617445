// A complete haproxy.cfg with its lists: aks_egress_catalog.exports.proxies.haproxy.

import { fit, placeRules } from "../declaration.js";
import { isPattern, posixRegex } from "../expressions.js";
import { head, hostsOf, textOf, toKnow } from "../lines.js";
import { byListener } from "./by-server-name.js";

export function haproxy(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [[name, preamble]] = Object.entries(files);
  const lists = {};
  const frontends = byListener(placed).flatMap(([port, kinds]) => {
    for (const [kind, some] of kinds) {
      const hosts = hostsOf(some);
      lists[listOf(kind, port, "names")] = textOf([`# Names of ${kind} on ${port}`, ...hosts.filter((host) => !isPattern(host))]);
      lists[listOf(kind, port, "patterns")] = textOf([`# Names of ${kind} on ${port}, as expressions`, ...hosts.filter(isPattern).map(posixRegex)]);
    }
    return frontend(port, kinds.map(([kind]) => kind));
  });
  return { files: { [name]: `${textOf(head(header, notes, toKnow(found)))}${preamble}${textOf(frontends)}`, ...lists }, notes };
}

function listOf(kind, port, what) {
  return `${kind.toLowerCase()}-${port}-${what}.lst`;
}

function acls(kind, port, name) {
  return [`    acl named ${name} -i -f ${listOf(kind, port, "names")}`, `    acl matched ${name} -i -m reg -f ${listOf(kind, port, "patterns")}`];
}

/** Write what listens on a port: for TLS, for HTTP, or for both, where what is no TLS is looked at as HTTP. */
function frontend(port, kinds) {
  const [tls, http] = ["HTTPS", "HTTP"].map((kind) => kinds.includes(kind));
  const server = "    server named 0.0.0.0:0";
  return [
    ...["", `frontend port_${port}`, `    bind :${port}`, `    mode ${tls ? "tcp" : "http"}`],
    ...(tls ? tlsLines(port, http) : []),
    `    default_backend ${http ? "http" : "tls"}_${port}`,
    ...(tls ? ["", `backend tls_${port}`, "    mode tcp", server] : []),
    ...(http ? ["", `backend http_${port}`, "    mode http", ...httpLines(port), server] : []),
  ];
}

function tlsLines(port, http) {
  const name = "req.ssl_sni";
  return [
    "    tcp-request inspect-delay 5s",
    "    acl tls req.ssl_hello_type 1",
    ...acls("HTTPS", port, name),
    `    tcp-request content ${http ? "switch-mode http" : "reject"} if !tls${http ? " HTTP" : ""}`,
    "    tcp-request content reject unless tls",
    "    tcp-request content reject unless named or matched",
    `    tcp-request content do-resolve(txn.address,dns,ipv4) ${name}`,
    "    tcp-request content reject unless { var(txn.address) -m found }",
    "    tcp-request content set-dst var(txn.address)",
    `    tcp-request content set-dst-port int(${port})`,
    ...(http ? [`    use_backend tls_${port} if tls`] : []),
  ];
}

function httpLines(port) {
  const name = "req.hdr(host),host_only";
  return [
    ...acls("HTTP", port, name),
    "    http-request deny unless named or matched",
    `    http-request do-resolve(txn.address,dns,ipv4) ${name}`,
    "    http-request deny unless { var(txn.address) -m found }",
    "    http-request set-dst var(txn.address)",
    `    http-request set-dst-port int(${port})`,
  ];
}
