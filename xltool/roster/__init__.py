"""The roster: which projects have to be submitted. It comes from the operator, so openpyxl may read it."""
