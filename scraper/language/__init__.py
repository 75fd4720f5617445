"""The meaning of words. In come headings, labels, notes and sentences, out come clouds, features and conditions."""
