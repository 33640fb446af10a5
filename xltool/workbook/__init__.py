"""Untrusted bytes to a grid of cells; knows no form."""
