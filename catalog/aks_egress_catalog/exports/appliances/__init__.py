"""Firewalls of other makers: Palo Alto Networks, FortiGate, AWS Network Firewall, Zscaler."""
