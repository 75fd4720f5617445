"""Diffs, gates and publishes a catalog. Never shipped: it runs from the checkout."""
