"""What becomes of a file on its way (A), what people lay on a form (O), which form it is (I); and what is tried elsewhere."""

from __future__ import annotations

from breaking import NOBODYS, Case, Mutation, Pack, both, in_part, linked, parts_of, to_field, zipped
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

_W, _E = ("P04", "warning"), ("P04", "error")
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


def _comment(case: Case) -> None:
    case.row("score").comment = Comment("请核对这一项", "审核")


def _chart(case: Case) -> None:
    chart = BarChart()
    chart.add_data(Reference(case.sheet, min_col=7, min_row=13, max_row=16))
    case.sheet.add_chart(chart, "A60")


def _drawing(shape: str) -> Pack:
    text = f'<xdr:wsDr xmlns:xdr="{_DRAWING}/spreadsheetDrawing" xmlns:a="{_DRAWING}/main">{shape}</xdr:wsDr>'
    return linked("drawing", "xl/drawings/drawingMore.xml", text.encode())


_BOX = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>以附件为准</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
_OLD_BOX = '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><div>以附件为准<br></div></v:textbox></v:shape></xml>'


def _strict_book(data: bytes, case: Case) -> bytes:
    """The namespaces of the strict format in every part that we read."""
    parts = parts_of(data)
    main, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    return zipped({name: part.replace(main, strict) for name, part in parts.items()})


def _zipped_anew(data: bytes, case: Case) -> bytes:
    """Members in another order, a folder and a thumbnail among them, as programs leave them."""
    parts = parts_of(data)
    return zipped({"docProps/": b"", "docProps/thumbnail.jpeg": b"\xff\xd8", **dict(reversed(parts.items()))})


def _broken_names(case: Case) -> None:
    """Web spreadsheets drop what their names lead to."""
    for name, defined in list(case.book.defined_names.items()):
        if name.startswith("xl_") and "!" in (defined.attr_text or ""):
            defined.attr_text = "#REF!"


_MACROS = both(
    linked(
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "xl/vbaProject.bin", b"x", from_book=True
    ),
    in_part(
        "[Content_Types].xml",
        "openxmlformats-officedocument.spreadsheetml.sheet.main",
        "ms-excel.sheet.macroEnabled.main",
    ),
)


def _own_name(case: Case) -> None:
    """A colleague's file with one's own project and unit written over his."""
    for name, value in (("name", "本单位自己的项目"), ("unit", "本单位")):
        case.at("project", name).value = value


def _epoch(case: Case) -> None:
    case.book.epoch = CALENDAR_MAC_1904


FILES: tuple[Mutation, ...] = (
    Mutation("I02", lambda case: _stamped(case, "mof-2020/7"), {("P01", "error"): 1}, "unreadable", ("",), None),
    Mutation("I03", lambda case: _stamped(case, "mof-2020/99"), {("P01", "error"): 1}, "unreadable", ("",), None),
    Mutation("I04", lambda case: _stamped(case, "nowhere-1999/1"), {("P01", "error"): 1}, "unreadable", ("",), None),
    Mutation("I05", to_field("project.unit", lambda _: "另一个单位"), {_E: 1}, "returned", ("project",), loose=True, only=("issued",)),
    Mutation("I09", _own_name, {_E: 1}, "unreadable", loose=True, only=("issued",),
             otherwise=NOBODYS),
    Mutation("A06", _epoch),
    Mutation("A06b", _broken_names, alone=("S11", "S12", "S13", "S17")),
    Mutation("A07", None, {_W: 1}, packed=in_part("xl/workbook.xml", "</workbook>", '<fileRecoveryPr repairLoad="1"/></workbook>')),
    Mutation("A08", None, packed=_strict_book),
    Mutation("A09", None, {_W: 1}, packed=_MACROS),
    Mutation("A09b", None, packed=in_part("[Content_Types].xml", "sheet.main+xml", "template.main+xml")),
    Mutation("A15", None, packed=_zipped_anew),
    Mutation("O01", _comment, {_W: 1}, unplaced=1),
    Mutation("O02", None, {_W: 1}, packed=_drawing("<xdr:pic/>")),
    Mutation("O03", None, {_W: 1}, unplaced=1, packed=_drawing(_BOX)),
    Mutation("O03b", None, {_W: 1}, unplaced=1, packed=linked("vmlDrawing", "xl/drawings/vmlMore.vml", _OLD_BOX.encode())),
    Mutation("O04", None, {_W: 1}, packed=linked("oleObject", "xl/embeddings/oleObject1.bin", b"x")),
    Mutation("O05", _chart, {_W: 1}),
    Mutation("O06", None, {_W: 1}, packed=linked("revisionHeaders", "xl/revisions/revisionHeaders.xml", b"<headers/>", from_book=True)),
)  # fmt: skip


def _stamped(case: Case, reference: str) -> None:
    cell = case.book["_xltool"]["A1"]
    cell.value = cell.value.replace(case.layout.form.reference, reference)


#: Lines of the catalogue that are no mutation of one form's workbook, or need what a workbook is not: what is tried
#: instead, and the test that tries it.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "S28": ("a million formatted rows are a matter of the package", "test_package_reader.py::test_a_million_empty_rows_and_cells_leave_nothing"),
    "I01": ("an older version needs a newer one beside it, which no shipped form has yet",
            "test_migrate.py::test_a_version_accepted_with_a_warning_is_read_as_it_is_and_said"),
    "I06": ("the same bytes twice are a matter of the ledger", "test_ledger.py::test_a_second_time_changes_nothing"),
    "I07": ("versions are a matter of the ledger", "test_ledger.py::test_two_versions_in_one_round_are_told_with_the_one_that_counts"),
    "I08": ("look-alikes are a matter of the ledger", "test_ledger.py::test_look_alikes_are_those_that_comparing_all_pairs_finds"),
    "A01": ("saved by LibreOffice itself", "test_returned.py::test_a_form_that_another_program_saved_gives_the_same_record"),
    "A02": ("WPS runs in no test; what it does is: <dimension ref=A1>, nothing recalculated, lists as x14",
            "test_package_reader.py::test_no_claim_of_size_is_believed"),
    "A03": ("what every mutation starts from is a save by openpyxl",
            "test_mutations.py::test_the_clean_form_saved_by_a_library_says_only_that_nothing_was_calculated"),
    "A04": ("saved by exceljs itself", "test_returned.py::test_a_form_that_another_program_saved_gives_the_same_record"),
    "A05": ("saved by SheetJS itself", "test_returned.py::test_a_form_that_another_program_saved_gives_the_same_record"),
    "A10": ("saved as .ods and .xls by LibreOffice and SheetJS",
            "test_returned.py::test_a_form_that_another_program_saved_gives_the_same_record"),
    "A11": ("no workbook any more", "test_sniff.py::test_a_stranger_is_called_by_its_name"),
    "A12": ("no workbook that anybody can read", "test_sniff.py::test_a_stranger_is_called_by_its_name"),
    "A13": ("no workbook that anybody can read", "test_sniff.py::test_a_stranger_is_called_by_its_name"),
    "A14": ("archives and mail are a matter of files", "test_files.py::test_each_entry_of_an_archive_is_judged_by_itself"),
}  # fmt: skip
