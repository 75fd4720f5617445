"""Plain lists, tables, and what programs print."""
