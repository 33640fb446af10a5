"""From files to results and an overview: every form is checked and compared with roster, ledger and other forms."""

from __future__ import annotations

from xltool.result.overview import Overview, OverviewEntry
from xltool.services.checked_forms import CheckedForms, Ingest, IngestRequest
from xltool.services.progress import Tracker, untracked


def ingest(request: IngestRequest, track: Tracker = untracked) -> Ingest:
    """Read and check every workbook; whatever is wrong with one is a finding on it.

    Args:
        request: the workbooks, and what to compare them with.
        track: sees the results pass as they are read.
    """
    forms = CheckedForms(request, track)
    if request.ledger_file is None and request.roster is None:
        results = list(forms)
        counting = [OverviewEntry(one) for at, one in enumerate(results) if at not in forms.superseded]
        return Ingest(results, Overview(counting, request.as_of), (), forms.own_files)
    from xltool.services.ledger_ingest import ingest_into_ledger

    return ingest_into_ledger(request, forms)
