"""Turns are taken in the order in which they were asked for."""

import asyncio
import threading
from typing import Any

from vid2vid.studio.turns import Turns


def test_who_waits_knows_the_place() -> None:
    async def visit() -> None:
        turns, go, order = Turns(), threading.Event(), list[str]()
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(turns.run("a", go.wait))]
        await asyncio.sleep(0)
        waiting += [asyncio.create_task(turns.run(name, order.append, name)) for name in ("b", "c", "b")]
        await asyncio.sleep(0)
        assert [turns.place(name) for name in ("a", "b", "c", "d")] == [0, 1, 2, 0]
        go.set()
        await asyncio.gather(*waiting)
        assert order == ["b", "c", "b"]
        assert turns.place("b") == 0
        turns.close()

    asyncio.run(visit())
