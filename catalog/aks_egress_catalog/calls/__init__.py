"""What the commands do, as calls of Python. In come a catalog and a profile, out comes what a command would print.

One module a command: ``checking``, ``comparing``, ``exporting``; ``clusters`` describes a cluster. The commands of
``cli`` are made of the same parts.
"""
