"""Targets that decide by the name that a client looks up."""
