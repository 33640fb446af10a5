"""What was changed, lost or added in a workbook of ours."""
