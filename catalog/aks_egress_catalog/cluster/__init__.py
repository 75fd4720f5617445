"""One cluster and what it needs. In come rules and a profile, out comes a resolution: each rule decided.

``profile`` describes a cluster and ``profile_keys`` explains it; ``profile_file`` and ``az`` read one, ``settings``
stand on top, ``told`` brings them together; ``resolve`` decides each rule. ``advisories``, ``caveats`` and
``service_tags`` are what it knows beside the article.
"""
