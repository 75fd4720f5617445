"""Proxies that people let their nodes reach the world through."""
