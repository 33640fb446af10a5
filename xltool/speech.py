"""The language people are spoken to in: Chinese, or English when XLTOOL_LANG is ``en``."""

import os


def english() -> bool:
    """Whether XLTOOL_LANG asks for English."""
    return os.environ.get("XLTOOL_LANG", "").lower().startswith("en")


def say(chinese: str, in_english: str) -> str:
    """The one of two texts that people want to read."""
    return in_english if english() else chinese
