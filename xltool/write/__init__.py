"""To Excel: the only room that imports XlsxWriter."""
