"""HTML as a typed page. In comes the text of a file, out come headings, tables and lines. No file is opened here."""
