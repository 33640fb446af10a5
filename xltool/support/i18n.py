"""The language people are spoken to in: Chinese, or English when XLTOOL_LANG is ``en``."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager


def english() -> bool:
    """Whether XLTOOL_LANG asks for English."""
    return os.environ.get("XLTOOL_LANG", "").lower().startswith("en")


@contextmanager
def for_units() -> Iterator[None]:
    """Chinese, whatever the operator reads: for what goes into workbooks, reports and lists that units read.

    The environment says so, so that processes begun meanwhile hear it too.
    """
    before = os.environ.get("XLTOOL_LANG")
    os.environ["XLTOOL_LANG"] = "zh"
    try:
        yield
    finally:
        if before is None:
            del os.environ["XLTOOL_LANG"]
        else:
            os.environ["XLTOOL_LANG"] = before


def tr(chinese: str, in_english: str) -> str:
    """The one of two texts that people want to read."""
    return in_english if english() else chinese


_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹", errno.EACCES: "没有权限", errno.EPERM: "没有权限",
    errno.EROFS: "只能读，不能写",
    errno.EISDIR: "是文件夹", errno.ENOTDIR: "上级不是文件夹", errno.EEXIST: "已经存在", errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "名称太长", errno.ELOOP: "链接绕成一圈", errno.EBUSY: "正在被别的程序使用",
    errno.EINVAL: "名称不能用",
}  # fmt: skip


def os_error_text(error: OSError) -> str:
    """Why the system refused."""
    told = error.strerror or type(error).__name__
    return tr(_REASONS.get(error.errno or 0, told), told)
