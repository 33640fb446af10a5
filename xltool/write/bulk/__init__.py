"""Many forms from one: a workbook taken apart once, filled many times."""
