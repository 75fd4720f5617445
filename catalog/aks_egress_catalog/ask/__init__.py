"""Is this endpoint covered? In come a catalog and an endpoint, out comes an answer: the rules, and what is near."""
