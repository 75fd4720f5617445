"""Logs in, denied endpoints with their rules out: which of these denied flows does AKS need?

``source`` opens files and streams, ``decoders`` turn each line into flows (one file a format), ``gather`` sums them up
by endpoint, ``attribution`` says which of them AKS needs. ``kql`` writes the queries that say the same elsewhere.
"""
