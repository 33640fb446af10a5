"""The XML namespaces of workbooks, each with the space that expat puts between namespace and local name."""

from __future__ import annotations

# ── Office Open XML ─────────────────────────────────────────────

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
_DRAWINGS = "http://schemas.openxmlformats.org/drawingml/2006/"

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
RELATIONSHIP = f"{_OFFICE}relationships "
PACKAGE_RELATIONSHIPS, CONTENT_TYPES = f"{_PACKAGE}relationships ", f"{_PACKAGE}content-types "
EXTENDED_PROPERTIES, CUSTOM_PROPERTIES = f"{_OFFICE}extended-properties ", f"{_OFFICE}custom-properties "
PROPERTY_VALUES = f"{_OFFICE}docPropsVTypes "
SHEET_DRAWING, DRAWING, CHART = f"{_DRAWINGS}spreadsheetDrawing ", f"{_DRAWINGS}main ", f"{_DRAWINGS}chart "
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006 "
MAIN_2009 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main "
EXCEL_2006 = "http://schemas.microsoft.com/office/excel/2006/main "
THREADED_COMMENTS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments "

_STRICT = "http://purl.oclc.org/ooxml/"
STRICT_MAIN = f"{_STRICT}spreadsheetml/main "
STRICT_RELATIONSHIP = f"{_STRICT}officeDocument/relationships "

#: The namespaces of ISO 29500 Strict and their transitional equivalents, both without the space.
TRANSITIONAL = {
    STRICT_MAIN.rstrip(): MAIN.rstrip(),
    STRICT_RELATIONSHIP.rstrip(): RELATIONSHIP.rstrip(),
    f"{_STRICT}officeDocument/customProperties": CUSTOM_PROPERTIES.rstrip(),
    f"{_STRICT}officeDocument/docPropsVTypes": PROPERTY_VALUES.rstrip(),
    f"{_STRICT}officeDocument/extendedProperties": EXTENDED_PROPERTIES.rstrip(),
    f"{_STRICT}drawingml/main": DRAWING.rstrip(),
    f"{_STRICT}drawingml/spreadsheetDrawing": SHEET_DRAWING.rstrip(),
    f"{_STRICT}drawingml/chart": CHART.rstrip(),
}

# ── OpenDocument ────────────────────────────────────────────────

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_LIBREOFFICE = "urn:org:documentfoundation:names:experimental:"

ODF_OFFICE, ODF_TABLE, ODF_TEXT = f"{_ODF}office:1.0 ", f"{_ODF}table:1.0 ", f"{_ODF}text:1.0 "
ODF_STYLE, ODF_META, ODF_DRAWING = f"{_ODF}style:1.0 ", f"{_ODF}meta:1.0 ", f"{_ODF}drawing:1.0 "
ODF_NUMBER, ODF_MANIFEST = f"{_ODF}datastyle:1.0 ", f"{_ODF}manifest:1.0 "
CALCEXT, LOEXT = (
    f"{_LIBREOFFICE}calc:xmlns:calcext:1.0 ",
    f"{_LIBREOFFICE}office:xmlns:loext:1.0 ",
)

# ── flat files, which are recognised and not read ───────────────

EXCEL_2003 = "urn:schemas-microsoft-com:office:spreadsheet"
OPENDOCUMENT = "urn:oasis:names:tc:opendocument"
