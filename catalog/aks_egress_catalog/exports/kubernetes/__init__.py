"""Targets within a cluster, for what pods send."""
