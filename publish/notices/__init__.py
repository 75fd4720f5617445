"""Notices. In come announced changes and ``subscribers.toml``, out come feeds, calendars and messages."""
