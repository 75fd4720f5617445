"""Forward proxies: Squid."""
