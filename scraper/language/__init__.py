"""The meaning of words. In come headings, labels and sentences, out come features, clouds, conditions and endpoints."""
