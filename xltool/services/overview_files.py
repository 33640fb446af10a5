"""An overview to the files that show it: the report, the summary. Chinese, whatever the operator's language."""

from __future__ import annotations

from xltool.result.overview import Overview
from xltool.support.i18n import for_units


def report_file(overview: Overview) -> bytes:
    """The report: one HTML file that needs nothing else."""
    from xltool.report.html import report_page

    with for_units():
        return report_page(overview).encode("utf-8")


def summary_file(overview: Overview, ending: str) -> bytes:
    """The summary: as CSV where the file's name ends in ``.csv``, else as .xlsx."""
    from xltool.tables import summary, summary_lines

    with for_units():
        return summary_lines.summary_table(overview) if ending == ".csv" else summary.summary_workbook(overview)
