"""What pages show. In come a catalog, its history and its texts, out come the values that templates are filled with."""
