"""Forward proxies: Squid, and Envoy and HAProxy by server name."""
