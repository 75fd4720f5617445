"""A page as rules, in the order of the work: its headings, tables, cells and prose in, one reading out."""
