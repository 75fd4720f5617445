"""One module a format: lines in, :class:`.Flow` out. ``formats`` has them by name, and finds the format."""
