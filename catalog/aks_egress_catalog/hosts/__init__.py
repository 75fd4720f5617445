"""Host names and patterns. In come a host and patterns, out come the patterns that take it in."""
