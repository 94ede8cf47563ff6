"""Reading for a long time and from many sides: nothing leaks, and every worker reads the right frames."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from vid2vid.errors import VideoError
from vid2vid.video import (
    ReaderPool,
    cached_inspection,
    inspect,
    open_frames,
    open_ids,
    open_labels,
    stream_frames,
    stream_ids,
    write_ids,
    write_labels,
    write_video,
)

COUNT, HEIGHT, WIDTH = 24, 32, 64
PATIENCE = 60  # seconds; a reader that is shared between processes would hang for ever
STATUS = Path("/proc/self/status")
OPEN_FILES = Path("/proc/self/fd")


def noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (COUNT, HEIGHT, WIDTH, 3), dtype=np.uint8)


class Windows(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Seven frames of a video, of its label maps and of its ids, read as a data set of clips does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.readers = ReaderPool()

    def __len__(self) -> int:
        return 2 * (COUNT - 7)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        name, window = f"{index % 2}", range(index // 2, index // 2 + 7)
        frames = self.readers.get(self.folder / f"{name}.mp4").read(window)
        labels = self.readers.labels(self.folder / f"{name}.labels.mkv").read(window)
        ids = self.readers.ids(self.folder / f"{name}.ids.mkv").read(window)
        return torch.from_numpy(frames), torch.from_numpy(labels), torch.from_numpy(ids)


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    for name in range(2):
        pixels = noise(name)
        write_video(folder / f"{name}.mp4", pixels, fps=25)
        write_labels(folder / f"{name}.labels.mkv", pixels[..., 0].copy(), fps=25)
        write_ids(folder / f"{name}.ids.mkv", pixels[..., 0].astype(np.int32) * 257, fps=25)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fork", "spawn"])
def test_workers_read_exactly(kind: Literal["fork", "spawn"], videos: Path) -> None:
    windows = Windows(videos)
    truth = [np.stack(list(stream_frames(videos / f"{name}.mp4"))) for name in range(2)]
    _ = windows[3]  # readers that are open already must not be shared
    loader = DataLoader(
        windows, batch_size=None, num_workers=2, multiprocessing_context=kind, timeout=PATIENCE, prefetch_factor=4
    )
    count = 0
    for index, (frames, labels, ids) in enumerate(loader):
        name, start = index % 2, index // 2
        np.testing.assert_array_equal(frames, truth[name][start : start + 7])
        np.testing.assert_array_equal(labels, noise(name)[start : start + 7, ..., 0])
        np.testing.assert_array_equal(ids, noise(name)[start : start + 7, ..., 0].astype(np.int32) * 257)
        count += 1
    assert count == len(windows)


def resident() -> int:
    """Return how many KiB of memory this process holds."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1])


def broken(path: Path) -> Path:
    path.write_text("no video")
    return path


def refused(look: Callable[[Path], object], path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        look(path)
    return str(caught.value)


def open_files(*folders: Path) -> int:
    """Count the descriptors of files in the folders; other threads of the process open and close others meanwhile."""
    targets = []
    for descriptor in OPEN_FILES.iterdir():
        # that of the listing itself is closed by now
        with suppress(FileNotFoundError):
            targets.append(descriptor.readlink())
    return sum(any(target.is_relative_to(folder) for folder in folders) for target in targets)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["open", "inspect", "stream", "maps", "broken"])
def test_hundreds_of_opens_leave_nothing_behind(what: str, videos: Path, tmp_path: Path) -> None:
    if not STATUS.is_file():
        pytest.skip("this system does not tell a process's memory and open files in /proc")
    video, ids, bad = videos / "0.mp4", videos / "0.ids.mkv", broken(tmp_path / "bad.mp4")
    work: dict[str, Callable[[], Any]] = {
        "open": lambda: open_frames(video).read([20, 3]),
        "inspect": lambda: inspect(video),
        "stream": lambda: next(stream_frames(video)),
        "maps": lambda: (open_ids(ids).read([5]), open_labels(videos / "0.labels.mkv"), next(stream_ids(ids))),
        "broken": lambda: [refused(look, bad) for look in (open_frames, inspect)],
    }
    times = 40 if what == "inspect" else 200  # it opens several readers, and decodes all
    for _ in range(times // 3):  # what libraries keep for themselves once
        work[what]()
    memory, files, all_files = resident(), open_files(videos, tmp_path), len(list(OPEN_FILES.iterdir()))
    for _ in range(times):
        work[what]()
    # a reader that was not freed holds 2 MB at the least
    assert resident() - memory < 16_000
    assert open_files(videos, tmp_path) <= files
    assert len(list(OPEN_FILES.iterdir())) < all_files + times // 10


@pytest.mark.slow
def test_looking_through_many_videos_holds_one_at_a_time(videos: Path, tmp_path: Path) -> None:
    if not STATUS.is_file():
        pytest.skip("this system does not tell a process's memory and open files in /proc")
    for index in range(40):
        (tmp_path / f"{index}.mp4").hardlink_to(videos / "0.mp4")
    paths = sorted(tmp_path.glob("*.mp4"))
    for path in paths[:15]:
        cached_inspection(path, tmp_path / "cache")
    files, all_files = open_files(tmp_path), len(list(OPEN_FILES.iterdir()))
    assert {cached_inspection(path, tmp_path / "cache").frames for path in paths} == {COUNT}
    assert open_files(tmp_path) <= files
    assert len(list(OPEN_FILES.iterdir())) < all_files + len(paths) // 10
