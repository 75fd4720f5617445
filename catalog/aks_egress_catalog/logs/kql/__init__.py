"""Queries in the language of Log Analytics and Azure Data Explorer. In come a catalog and a cluster, out comes a text.

``answers`` asks ``check`` once for each pattern and port of the catalog; ``query`` writes a query that gives a log the
same verdicts by these answers. ``rules_file``, ``workbook`` and ``alert`` are files of a release.
"""
