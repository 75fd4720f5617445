"""The command line. In come arguments, out come text on stdout, notes on stderr, an exit code."""

import gc

# Python looks for garbage after every 700 new objects, 30 times in one command: while it imports, reads a catalog and
# its history, all of which is kept. This room is imported first by the script, and by no user of the library.
gc.set_threshold(100_000)
