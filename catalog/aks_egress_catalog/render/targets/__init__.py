"""The list of export targets in, a table for the terminal or the docs out."""
