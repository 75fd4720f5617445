"""The only room that talks to GitHub.

In come proposals, faults and the state folder; out come the one pull request, the releases, the one issue and the
branch ``state``.
"""
