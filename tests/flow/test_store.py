"""Flows on disk: exact enough, whole or not there, and never read from a damaged file."""

import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.flow.store import FlowStore

Part = tuple[NDArray[np.float32], NDArray[np.float32]]


def flows(count: int, seed: int = 0) -> Part:
    """Draw flows of up to 32 pixels and their confidence."""
    random = np.random.default_rng(seed)
    vectors = random.uniform(-32, 32, (count, 2, 6, 9)).astype(np.float32)
    return vectors, random.uniform(0, 1, (count, 1, 6, 9)).astype(np.float32)


def assert_read(store: FlowStore, stride: int, expected: Part, start: int, count: int) -> None:
    """Compare what is read with what was written: float16 to 0.02 pixels, 8 bits to 0.002."""
    vectors, confidence = store.read(stride, start, count)
    assert vectors.dtype == confidence.dtype == np.float32
    np.testing.assert_allclose(vectors, expected[0][start : start + count], rtol=0, atol=0.02)
    np.testing.assert_allclose(confidence, expected[1][start : start + count], rtol=0, atol=0.002)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    store, one, three = FlowStore(tmp_path / "new" / "folder"), flows(7), flows(5, seed=1)
    store.write(1, *one)
    store.write(3, *three)
    assert store.has(1)
    assert store.has(3)
    assert not store.has(9)
    for start, count in ((0, 7), (2, 3), (6, 1), (4, 0)):
        assert_read(store, 1, one, start, count)
    assert_read(store, 3, three, 0, 5)


def test_full_and_no_confidence_are_exact(tmp_path: Path) -> None:
    vectors, confidence = flows(2)
    store, sure = FlowStore(tmp_path), np.round(confidence)
    store.write(1, vectors, sure)
    assert np.array_equal(store.read(1, 0, 2)[1], sure)


def test_parts_are_put_one_after_the_other(tmp_path: Path) -> None:
    vectors, confidence = whole = flows(7)
    parts = ((vectors[a:b], confidence[a:b]) for a, b in ((0, 3), (3, 4), (4, 7)))
    store = FlowStore(tmp_path)
    store.write_stream(1, 7, parts)
    assert_read(store, 1, whole, 0, 7)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.confidence.npy", "1.flow.npy"]


@pytest.mark.parametrize("count", [6, 8])
def test_a_wrong_number_of_flows_is_an_error_and_leaves_nothing(tmp_path: Path, count: int) -> None:
    store = FlowStore(tmp_path)
    with pytest.raises(ValueError, match=f"7 flows were given for {count} entries"):
        store.write_stream(1, count, iter([flows(4), flows(3)]))
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_full_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    vectors, confidence = flows(7)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        # files may not grow beyond it
        resource.setrlimit(resource.RLIMIT_FSIZE, (vectors.nbytes // 4, before[1]))
        with pytest.raises(OSError, match=re.escape(str(tmp_path))):
            FlowStore(tmp_path).write(1, vectors, confidence)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def broken_off() -> Iterator[Part]:
    """Give some flows, then fail, as a flow estimator may."""
    yield flows(3)
    raise KeyboardInterrupt


def test_a_half_written_file_does_not_count_as_there(tmp_path: Path) -> None:
    store = FlowStore(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        store.write_stream(1, 7, broken_off())
    assert not list(tmp_path.iterdir())
    with pytest.raises(DataError, match=r"1\.flow\.npy"):
        store.read(1, 0, 3)
    # and the next attempt succeeds
    store.write(1, *flows(7))
    assert_read(store, 1, flows(7), 0, 7)


def test_a_rewrite_that_breaks_off_leaves_the_old_flows(tmp_path: Path) -> None:
    store, old = FlowStore(tmp_path), flows(7, seed=3)
    store.write(1, *old)
    with pytest.raises(KeyboardInterrupt):
        store.write_stream(1, 7, broken_off())
    assert_read(store, 1, old, 0, 7)


def test_vectors_without_their_confidence_do_not_count_as_there(tmp_path: Path) -> None:
    store = FlowStore(tmp_path)
    store.write(1, *flows(3))
    (tmp_path / "1.confidence.npy").unlink()
    assert not store.has(1)


@pytest.mark.parametrize("kind", ["flow", "confidence"])
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.5, 0.99])
def test_a_truncated_file_is_named(tmp_path: Path, kind: str, kept: float) -> None:
    store = FlowStore(tmp_path)
    store.write(1, *flows(20))
    path = tmp_path / f"1.{kind}.npy"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=rf"1\.{kind}\.npy: cannot be read as flow .*delete the folder"):
        store.read(1, 0, 2)


def test_more_entries_than_there_are_are_refused(tmp_path: Path) -> None:
    store = FlowStore(tmp_path)
    store.write(1, *flows(5))
    with pytest.raises(DataError, match=r"1\.flow\.npy: holds 5 flows, but entry 5 is needed"):
        store.read(1, 3, 3)


class Trap:
    """Something that would act while it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("the file was unpickled",)


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "1.flow.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"1\.flow\.npy: cannot be read as flow"):
        FlowStore(tmp_path).read(1, 0, 1)


@pytest.mark.parametrize("shape", [b"(-1, 2, 4, 4)", b"(3**99,2,4,4)", b"(3, 2, 4, 4", b"(3, 2, 4)"])
def test_a_damaged_header_is_refused(shape: bytes, tmp_path: Path) -> None:
    store = FlowStore(tmp_path)
    store.write(1, np.zeros((3, 2, 4, 4), np.float32), np.ones((3, 1, 4, 4), np.float32))
    path = tmp_path / "1.flow.npy"
    path.write_bytes(path.read_bytes().replace(b"(3, 2, 4, 4)", shape))
    with pytest.raises(DataError, match="cannot be read as flow"):
        store.read(1, 0, 3)
