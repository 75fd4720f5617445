"""One way for any text into a language: what is of a page, a list or a log passes here, and ends nothing."""
