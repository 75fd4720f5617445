"""The answers as a file: what ``externaldata`` and watchlists read, one row a pattern and port.

``Pattern`` and ``On`` (a port as in rule ids, ``any``, or ``-`` where none is told) say for what a row is; of several
rows for one endpoint those of the lowest ``Tier`` count, and of these the lowest ``Use``. ``Of`` are the ids of the
rules. The columns stay as they are: queries that were written once read every later file.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from aks_egress_catalog.logs.kql.rows.answers import Answers
from aks_egress_catalog.logs.kql.writing.joined import stored

FILE: Final = "kql-rules.csv"
LATEST: Final = f"https://github.com/aks-egress-catalog/aks-egress-catalog/releases/latest/download/{FILE}"
"""Where the newest release has it, for every cluster."""
COLUMNS: Final = {
    "Pattern": "string",
    "On": "string",
    "Use": "int",
    "Tier": "int",
    "Verdict": "string",
    "Reason": "string",
    "Of": "string",
}


def rules_csv(answers: Answers) -> str:
    r"""Write the file.

    >>> from aks_egress_catalog.logs.kql.rows.answers import Answers
    >>> rules_csv(Answers(rows=(), ranges={}, about="", data_version=""))
    'Pattern,On,Use,Tier,Verdict,Reason,Of\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    uses = {saying: place for place, saying in enumerate(dict.fromkeys(row.saying for row in answers.rows))}
    for row in answers.rows:
        use = uses[row.saying]
        writer.writerow(
            (stored(row.pattern), row.port, use, int(row.tier), row.verdict, row.reason, " ".join(row.rules))
        )
    return text.getvalue()
