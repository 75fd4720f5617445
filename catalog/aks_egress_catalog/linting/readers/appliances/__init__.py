"""Firewalls of other makers: what their command lines and configuration files say."""
