"""``python -m aks_egress_catalog`` is the command line."""

from __future__ import annotations

from aks_egress_catalog.cli.main import main

if __name__ == "__main__":
    main()
