"""Firewall appliances: Palo Alto Networks."""
