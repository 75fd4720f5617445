"""The files of a release. In comes a checkout, out come its assets, and their upload to a package index."""
