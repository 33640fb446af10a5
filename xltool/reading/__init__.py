"""Cells to answers."""
