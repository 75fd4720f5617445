"""The network, and nothing else. In come locales, out come files of pages, or the reason why a page is missing."""
