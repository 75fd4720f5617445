"""A page as rules, in the order of the work. In come its headings, tables and lines, out come rules and findings."""
