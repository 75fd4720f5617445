"""How fresh it all is, and files for programs.

In come catalog, history and heartbeat; out come the badge, ``status.json``, and the files that programs poll.
"""
