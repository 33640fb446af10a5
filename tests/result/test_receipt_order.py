"""Which batch of forms was received first: told from the forms, which say what they answer."""

from __future__ import annotations

import pytest

from xltool.result.receipt_order import ReceivedWorkbook, in_order, receipt_levels


def _batch(*texts: str) -> list[ReceivedWorkbook]:
    """Workbooks written as ``a`` (digest a…) or ``b<a`` (digest b…, answers a…)."""
    pairs = (text.partition("<") for text in texts)
    return [ReceivedWorkbook(own * 64, answered * 16 if answered else None) for own, _, answered in pairs]


CASES = {
    "nothing answers anything": ({"二": ["a"], "一": ["b"]}, {"二": 0, "一": 0}, ["二", "一"]),
    "one answers the other": ({"二": ["b<a"], "一": ["a"]}, {"二": 1, "一": 0}, ["一", "二"]),
    "three in a row": ({"三": ["c<b"], "二": ["b<a"], "一": ["a"]}, {"三": 2, "二": 1, "一": 0}, ["一", "二", "三"]),
    "all rounds in each": ({"甲": ["a", "d<c"], "乙": ["c", "b<a"]}, {"甲": 0, "乙": 0}, ["甲", "乙"]),
    "one has everything": (
        {"一": ["a"], "二": ["b<a"], "全部": ["a", "b<a"]}, {"一": 0, "二": 1, "全部": 0}, ["一", "二", "全部"],
    ),
    "what is answered is not there": ({"二": ["b<a"], "三": ["c<b"]}, {"二": 0, "三": 1}, ["二", "三"]),
    "a circle": ({"一": ["a<c"], "二": ["b<a"], "三": ["c<b"]}, {"一": 0, "二": 0, "三": 0}, ["一", "二", "三"]),
}  # fmt: skip


@pytest.mark.parametrize(("batches", "level", "order"), CASES.values(), ids=CASES.keys())
def test_the_order_of_batches(batches: dict[str, list[str]], level: dict[str, int], order: list[str]) -> None:
    workbooks = {name: _batch(*texts) for name, texts in batches.items()}
    assert receipt_levels(workbooks) == level
    assert list(in_order(workbooks)) == order
