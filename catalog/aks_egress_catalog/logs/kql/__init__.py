"""Queries in the language of Log Analytics and Azure Data Explorer. In come a catalog and a cluster, out comes a text.

``rows`` asks ``check`` once for each pattern and port, ``writing`` makes KQL of the answers, ``query`` puts a query
together and ``command`` those that were asked for. ``rules_file``, ``workbook`` and ``alert`` are files of a release.
"""
