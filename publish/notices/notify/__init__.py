"""Messages to subscribers. In come changes and ``subscribers.toml``, out come deliveries."""
