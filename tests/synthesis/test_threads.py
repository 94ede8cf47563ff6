"""Threads that read ahead and write behind."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from vid2vid.synthesis.threads import WriteBehind, read_ahead


def counted(until: int, seen: list[int]) -> Iterator[int]:
    for i in range(until):
        seen.append(i)
        yield i


def test_items_come_in_order_and_not_far_ahead() -> None:
    seen: list[int] = []
    with closing(read_ahead(counted(100, seen), depth=3)) as items:
        assert next(items) == 0
        assert len(seen) <= 5
        assert list(items) == list(range(1, 100))
    assert list(read_ahead(iter(()))) == []


def test_reading_stops_when_nobody_wants_more() -> None:
    seen: list[int] = []
    before = threading.active_count()
    with closing(read_ahead(counted(10**9, seen), depth=2)) as items:
        next(items)
    assert len(seen) <= 4
    assert threading.active_count() == before


def test_an_error_of_the_reader_comes_after_what_was_read() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("the disk is gone")

    got = []
    with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012 - what came before matters
        for item in read_ahead(broken()):
            got.append(item)
    assert got == [1, 2]


def test_work_is_done_in_order_elsewhere() -> None:
    done: list[tuple[int, bool]] = []
    here = threading.current_thread()
    with WriteBehind(depth=2) as writer:
        for i in range(50):
            writer.call(lambda i: done.append((i, threading.current_thread() is here)), i)
    assert done == [(i, False) for i in range(50)]


def test_an_error_of_the_writer_ends_it() -> None:
    done: list[int] = []

    def work(i: int) -> None:
        if i == 3:
            raise OSError("the disk is full")
        done.append(i)

    with pytest.raises(OSError, match="the disk is full"), WriteBehind(depth=2) as writer:  # noqa: PT012
        for i in range(100):
            writer.call(work, i)
    assert done == [0, 1, 2]
    with pytest.raises(OSError, match="the disk is full"), WriteBehind() as writer:
        writer.call(work, 3)


def test_an_error_beside_the_writer_leaves_it_finish() -> None:
    done: list[int] = []
    with pytest.raises(KeyError), WriteBehind() as writer:  # noqa: PT012
        for i in range(3):
            writer.call(done.append, i)
        raise KeyError
    assert done == [0, 1, 2]
