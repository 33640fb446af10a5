"""How many bytes objects take, walked in full: what cheap estimates are compared with."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterable

#: What everything shares, and nobody's entry brings along.
_SHARED = (type, types.ModuleType, types.BuiltinFunctionType, types.CodeType, types.MethodDescriptorType)


def deep_size(value: object, without: Iterable[object] = ()) -> int:
    """The bytes of an object and of all that hangs on it.

    Args:
        value: the object.
        without: objects that others keep, with all that hangs on them.
    """
    seen: set[int] = set()
    for one in without:
        _walk(one, seen)
    return _walk(value, seen)


def _walk(value: object, seen: set[int]) -> int:
    size, left = 0, [value]
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, _SHARED):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        if isinstance(one, types.FunctionType):  # its module is not its own
            left += [one.__closure__, one.__defaults__]
        else:
            left += gc.get_referents(one)
    return size
