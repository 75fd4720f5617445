"""Who is told what. In come announced changes, out come entries, feeds for readers and messages for subscribers."""
