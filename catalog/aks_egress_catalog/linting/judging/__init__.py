"""One policy held against what clusters need.

``needs`` is what they need, ``policies`` the entries in the order in which a firewall tries them, ``coverage`` which of
them lets a need through, ``book`` what the catalog says of a host as written. ``case`` has all of it for the findings.
"""
