"""The pool of readers: how many it holds, and that it survives forks, spawns and threads."""

import multiprocessing
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import ConfigError, VideoError
from vid2vid.video import FrameReader, ReaderPool, open_frames, stream_frames, write_video

PATIENCE = 60  # seconds; a shared reader would hang for ever


@pytest.fixture
def videos(tmp_path: Path) -> list[Path]:
    random = np.random.default_rng(4)
    paths = [tmp_path / f"{name}.mp4" for name in "abc"]
    for path in paths:
        write_video(path, random.integers(0, 256, (30, 32, 64, 3), dtype=np.uint8), fps=25)
    return paths


def read_in_child(pool: ReaderPool, paths: list[Path], answers: "Queue[NDArray[np.uint8]]") -> None:
    answers.put(np.concatenate([pool.get(path).read([20, 3]) for path in paths]))


@pytest.mark.parametrize("kind", [ForkContext, SpawnContext])
def test_a_pool_works_in_worker_processes(kind: type[ForkContext | SpawnContext], videos: list[Path]) -> None:
    context = kind()
    pool = ReaderPool()
    expected = np.concatenate([pool.get(path).read([20, 3]) for path in videos])
    answers = context.Queue()
    children = [context.Process(target=read_in_child, args=(pool, videos, answers)) for _ in range(2)]
    try:
        for child in children:
            child.start()
        for _ in children:
            np.testing.assert_array_equal(answers.get(timeout=PATIENCE), expected)
        for child in children:
            child.join(PATIENCE)
        assert [child.exitcode for child in children] == [0, 0]
    finally:
        for child in children:
            child.kill()
    np.testing.assert_array_equal(pool.get(videos[0]).read([20, 3]), expected[:2])


def read_foreign(path: Path, answers: "Queue[str]") -> None:
    try:
        _opened_by_parent[path].read([0])
    except VideoError as error:
        answers.put(str(error))


_opened_by_parent: dict[Path, FrameReader[np.uint8]] = {}


def test_a_reader_of_another_process_is_refused(videos: list[Path]) -> None:
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    _opened_by_parent[videos[0]] = open_frames(videos[0])
    child = context.Process(target=read_foreign, args=(videos[0], answers))
    child.start()
    try:
        assert "a.mp4: was opened in another process; use a ReaderPool" in answers.get(timeout=PATIENCE)
    finally:
        child.kill()
        _opened_by_parent.clear()


def test_the_least_recently_used_reader_goes_first(videos: list[Path]) -> None:
    first, second, third = videos
    pool = ReaderPool(max_open=2)
    kept = pool.get(first)
    dropped = pool.get(second)
    assert pool.get(first) is kept
    pool.get(third)
    assert len(pool) == 2
    assert pool.get(first) is kept
    assert pool.get(second) is not dropped
    with pytest.raises(ConfigError, match="max_open=0"):
        ReaderPool(max_open=0)


def test_a_pool_pickles_to_an_empty_one(videos: list[Path]) -> None:
    pool = ReaderPool(max_open=3)
    pool.get(videos[0])
    copy = pickle.loads(pickle.dumps(pool))  # noqa: S301
    assert (len(pool), len(copy), copy.max_open) == (1, 0, 3)


def test_each_thread_has_its_own_readers(videos: list[Path]) -> None:
    pool = ReaderPool()
    truth = {path: np.stack(list(stream_frames(path))) for path in videos}

    def check(seed: int) -> bool:
        random = np.random.default_rng(seed)
        path = videos[seed % 3]
        indices = random.integers(0, 30, 5).tolist()
        return np.array_equal(pool.get(path).read(indices), truth[path][indices])

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(check, range(60), timeout=PATIENCE))
    assert len(pool) == 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    pool = ReaderPool()
    with pytest.raises(VideoError, match=r"none\.mp4: there is no such file"):
        pool.get(tmp_path / "none.mp4")
    assert len(pool) == 0


def test_what_was_refused_leaves_no_trace(videos: list[Path], tmp_path: Path) -> None:
    truth = np.stack(list(stream_frames(videos[0])))
    pool, late = ReaderPool(max_open=1), tmp_path / "late.mp4"
    late.write_bytes(videos[0].read_bytes()[:2000])
    with pytest.raises(VideoError, match=r"late\.mp4"):
        pool.get(late)
    # mended under the same name, it is read
    shutil.copyfile(videos[0], late)
    for path in (late, videos[0]):
        with pytest.raises(VideoError, match="there is no frame 99"):
            pool.get(path).read([3, 99])
        with pytest.raises(VideoError):
            pool.labels(tmp_path)
        assert np.array_equal(pool.get(path).read([5, 0, 29]), truth[[5, 0, 29]])
