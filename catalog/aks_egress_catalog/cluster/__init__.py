"""One cluster and what it needs. In come rules and a profile, out comes a resolution: each rule decided.

``profile`` describes a cluster, ``profile_file`` and ``az`` read one, ``resolve`` decides each rule; ``advisories``,
``caveats`` and ``service_tags`` are what it knows beside the article.
"""
