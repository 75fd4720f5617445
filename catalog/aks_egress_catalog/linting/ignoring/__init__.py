"""Findings that somebody has looked at: silenced by a comment in the file, or by a baseline beside it.

``comment_syntax`` finds the comments of a file, ``comments`` reads those that are for ``lint``, ``fingerprints`` says
by what a finding is known again, ``baseline`` keeps what is known.
"""
