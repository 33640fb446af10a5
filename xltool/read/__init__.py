"""From Excel: the only room that imports openpyxl. Nothing that comes in is trusted."""
