"""Findings that somebody has looked at: silenced by a comment at their line, or by a baseline."""
