"""Allow lists in, findings out: does a list let a cluster live, and nothing more?

``source`` finds the files, ``readers`` turn each into entries (one file a format), ``findings`` compares the entries of
one policy with what a cluster needs, and says what is wrong. Nothing here prints.
"""
