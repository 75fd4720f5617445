"""Reads the Learn article into a catalog. Never shipped: it runs from the checkout."""
