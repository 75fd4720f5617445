"""One table cell. In comes its text, out come destinations, hosts and ports, or findings about what cannot be read."""
