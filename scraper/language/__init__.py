"""The meaning of words. In come headings, labels, notes and sentences, out come features, clouds, conditions and endpoints."""
