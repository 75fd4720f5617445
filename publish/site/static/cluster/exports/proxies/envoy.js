// A complete configuration of Envoy: aks_egress_catalog.exports.proxies.envoy.

import { fit, placeRules } from "../declaration.js";
import { head, hostsOf, jsonText, textOf, toKnow } from "../lines.js";
import { byListener } from "./by-server-name.js";

const TYPE = "type.googleapis.com/envoy.extensions";
const CHAINS = { HTTPS: tls, HTTP: http };
const INSPECTOR = {
  name: "envoy.filters.listener.tls_inspector",
  typed_config: { "@type": `${TYPE}.filters.listener.tls_inspector.v3.TlsInspector` },
};

export function envoy(found, header, { files, declaration }) {
  const { placed, notes } = placeRules(found, (rule) => fit(declaration, rule));
  const [[name, frame]] = Object.entries(files);
  const content = JSON.parse(frame);
  const cache = content.static_resources.clusters[0].cluster_type.typed_config.dns_cache_config;
  content.static_resources.listeners = byListener(placed).map(([port, kinds]) => ({
    name: `port_${port}`,
    address: { socket_address: { address: "0.0.0.0", port_value: port } },
    listener_filters: [INSPECTOR],
    filter_chains: kinds.map(([kind, some]) => CHAINS[kind](port, hostsOf(some), cache)),
  }));
  return { files: { [name]: `${textOf(head(header, notes, toKnow(found)))}${jsonText(content, 1)}` }, notes };
}

/** TLS passes as it is: by its server name, to the address of that name. */
function tls(port, hosts, cache) {
  const forward = { "@type": `${TYPE}.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig`, port_value: port, dns_cache_config: cache };
  const proxy = { "@type": `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`, stat_prefix: `tls_${port}`, cluster: "names" };
  return {
    filter_chain_match: { transport_protocol: "tls", server_names: hosts },
    filters: [
      { name: "envoy.filters.network.sni_dynamic_forward_proxy", typed_config: forward },
      { name: "envoy.filters.network.tcp_proxy", typed_config: proxy },
    ],
  };
}

/** Plain HTTP passes by its host; what is no host of the list gets no route. */
function http(port, hosts, cache) {
  const forward = { "@type": `${TYPE}.filters.http.dynamic_forward_proxy.v3.FilterConfig`, dns_cache_config: cache };
  const routes = [{ match: { prefix: "/" }, route: { cluster: "names" } }];
  const manager = {
    "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: `http_${port}`,
    strip_matching_host_port: true,
    route_config: { virtual_hosts: [{ name: "needed", domains: hosts, routes }] },
    http_filters: [
      { name: "envoy.filters.http.dynamic_forward_proxy", typed_config: forward },
      { name: "envoy.filters.http.router", typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` } },
    ],
  };
  return {
    filter_chain_match: { transport_protocol: "raw_buffer" },
    filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }],
  };
}
