"""The command line. In come arguments, out come text on stdout, notes on stderr, an exit code."""
