"""Text in and out: canonical JSON, visible characters, files written whole or not at all. Nothing here knows a rule."""
