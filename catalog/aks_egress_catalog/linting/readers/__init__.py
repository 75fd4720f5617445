"""One module a format: a file in, a :class:`.Reading` out. ``formats`` has them by name, and finds the format."""
