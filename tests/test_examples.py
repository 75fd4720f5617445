from __future__ import annotations

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import aks_egress_catalog
import publish
import scraper

MODULES = [
    module.name
    for package in (aks_egress_catalog, scraper, publish)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", ["aks_egress_catalog", *MODULES])
def test_the_examples_in_the_docstrings_run(name: str) -> None:
    module: ModuleType = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
