"""What a release carries: its files, and their upload to a package index."""
