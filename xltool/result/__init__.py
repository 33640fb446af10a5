"""Findings, results, and what several results show together."""
