"""Write-through cache of rows in the store. Valid only while this process is the sole writer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class WriteThroughCache(Generic[KeyT, ValueT]):
    """The most recently used values, by default at most 2000. Put a value in only after its commit."""

    def __init__(self, most: int = 2000) -> None:
        self._most = most
        self._values: OrderedDict[KeyT, ValueT] = OrderedDict()

    def get(self, key: KeyT) -> ValueT | None:
        """Return a value; None when it is not in the cache."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def drop(self, key: KeyT) -> None:
        """Drop a value, if it is in the cache."""
        self._values.pop(key, None)

    def values(self) -> list[ValueT]:
        """Return every value."""
        return [*self._values.values()]

    def clear(self) -> None:
        """Drop every value."""
        self._values.clear()

    def drop_all(self, unwanted: Callable[[KeyT, ValueT], bool]) -> None:
        """Drop every entry for which `unwanted(key, value)` is true."""
        for key in [key for key, value in self._values.items() if unwanted(key, value)]:
            del self._values[key]

    def put(self, key: KeyT, value: ValueT) -> None:
        """Add or replace a value; drops the least recently used one of too many."""
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
