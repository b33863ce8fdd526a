"""Every shard is run by exactly one process, and every server is on one shard."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.shards import Layout


@given(st.data())
def test_every_shard_is_run_exactly_once(data: st.DataObject) -> None:
    """Together the ranges are all shards in order, and their lengths differ by one at most."""
    shards = data.draw(st.integers(1, 500))
    processes = data.draw(st.integers(1, shards))
    ranges = [Layout(shards, processes, ordinal).own for ordinal in range(processes)]
    assert [*chain(*ranges)] == [*range(shards)]
    assert {len(each) for each in ranges} <= {shards // processes, shards // processes + 1}
    assert [0 in each for each in ranges] == [Layout(shards, processes, ordinal).leads for ordinal in range(processes)]


@given(st.integers(1, 2**63), st.integers(1, 50))
def test_every_server_belongs_to_one_process(server: int, shards: int) -> None:
    """It is the one that Discord's formula names."""
    owners = [ordinal for ordinal in range(shards) if Layout(shards, shards, ordinal).has(server)]
    assert owners == [(server >> 22) % shards]


@pytest.mark.parametrize("layout", [Layout(), Layout(shards=3)])
def test_one_process_has_every_server(layout: Layout) -> None:
    """With as many shards as Discord advises, and with as many as set."""
    assert layout.leads
    assert all(layout.has(server << 22) for server in range(10))
