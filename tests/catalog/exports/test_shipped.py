"""Whatever data the package ships, every format takes all of it."""

from __future__ import annotations

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.exports.formats import FORMATS, load_format
from tests.catalog.exports.resolutions import HEADER, REAL, real

pytestmark = pytest.mark.shipped


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("form", FORMATS)
def test_every_rule_has_one_note_and_every_deviation_a_reason(form: str, name: str) -> None:
    format_ = load_format(form)
    needed = real(name, format_.TARGET, aec.load())
    export = format_.render(needed, HEADER)
    ids = [*(rule.id for rule in needed.rules), *(rule.id for rule in needed.unmet)]
    assert sorted(note.id for note in export.notes) == sorted(ids)
    assert [note for note in export.notes if note.fidelity is not Fidelity.EXACT and not note.reason] == []
    assert export == format_.render(needed, HEADER)
