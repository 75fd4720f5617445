"""How answers look. In come values, out come tables, Markdown, CSV and words. Nothing is computed."""
