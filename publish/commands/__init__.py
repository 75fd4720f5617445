"""The publisher's command line, one module a purpose. Only these modules know click and rich."""
