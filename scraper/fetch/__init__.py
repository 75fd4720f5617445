"""The network, and nothing else. In come addresses, out come files of pages, or the reason why there is none."""
