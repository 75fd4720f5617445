"""Policies of a cluster itself; they bind pods, and nodes only where they say so."""
