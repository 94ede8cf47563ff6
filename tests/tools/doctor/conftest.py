"""Small data sets to be looked at: healthy ones, and what spoils them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Vid2VidDataModule
from vid2vid.condition import Condition
from vid2vid.config import GeneratorConfig
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.tools.doctor import CheckedDataset, DoctorReport, Finding, examine

Pixels = NDArray[np.uint8]
HEIGHT, WIDTH, FRAMES = 32, 48, 10
LABELS = Condition(label_ids=[0, 7, 8], label_names=["sky", "road", "car"])
SMALL = GeneratorConfig(downsamples=2, past_frames=1)


def film(frames: int = FRAMES, seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """Return a soft pattern that moves by a pixel a frame, ``(T, H, W, 3)``."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width + frames, 3), np.uint8)
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 20, 230, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    return np.stack([soft[:, t : t + width] for t in range(frames)])


def label_film(frames: int = FRAMES, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """Return sky, a road and a car that drives over it, ``(T, H, W)``."""
    labels = np.zeros((frames, height, width), np.uint8)
    labels[:, height // 2 :] = 7
    for t in range(frames):
        labels[t, height // 3 : height * 2 // 3, 4 + t : 16 + t] = 8
    return labels


@dataclass
class DatasetBuilder:
    """Builds a data set sequence by sequence and has it looked at.

    Attributes:
        folder: Where the files are.
        condition: What the conditions are.
        sequences: What was added.
        dataset: What was examined last.
        report: What was found.
    """

    folder: Path
    condition: Condition = field(default_factory=lambda: LABELS)
    sequences: list[VideoSequence] = field(default_factory=list)
    dataset: CheckedDataset | None = None
    report: DoctorReport | None = None

    def add(
        self,
        name: str,
        split: str = "train",
        target: Pixels | Path | None = None,
        source: Pixels | Path | None = None,
        frames: int = FRAMES,
        **more: Any,  # noqa: ANN401 - other fields of a sequence
    ) -> VideoSequence:
        """Add a sequence; what is not given of it is healthy."""
        seed = len(self.sequences)
        target = self.store(name, film(frames, seed) if target is None else target)
        source = self.store(f"{name}-labels", label_film(frames) if source is None else source)
        sequence = VideoSequence(name, split, target, source, frames, **more)
        self.sequences.append(sequence)
        return sequence

    def store(self, name: str, what: Pixels | Path) -> Path:
        """Write frames ``(T, H, W, 3)`` or maps ``(T, H, W)`` as a folder of images; a path is taken as it is."""
        if isinstance(what, Path):
            return what
        # not by write_frames, which waits for the disk
        path = self.folder / name
        path.mkdir()
        for t, frame in enumerate(what[..., ::-1] if what.ndim == 4 else what):
            (path / f"{t:06d}.png").write_bytes(cv2.imencode(".png", frame)[1].tobytes())
        return path

    def data(self, **loader: Any) -> Vid2VidDataModule:  # noqa: ANN401 - any setting
        """Return the data set, with a healthy sequence in each split that has none."""
        for split in ("train", "val"):
            if all(sequence.split != split for sequence in self.sequences):
                self.add(f"healthy-{split}", split)
        path = self.folder / "manifest.json"
        Manifest(self.condition, self.sequences).save(path)
        return Vid2VidDataModule(path, {"clip_frames": 4, "num_workers": 0, **loader})

    def examine(self, generator: GeneratorConfig = SMALL, frames: int = 32, **loader: Any) -> DoctorReport:  # noqa: ANN401
        """Have the data set looked at."""
        self.report, self.dataset = examine(self.data(**loader), generator, frames)
        return self.report

    def found(self, check: str) -> list[Finding]:
        """Return what a check has found."""
        assert self.report is not None
        return [finding for finding in self.report.findings if finding.check == check]

    def one(self, check: str) -> Finding:
        """Return the only thing that a check has found."""
        (only,) = self.found(check)
        return only

    def report_of(self, severity: str) -> list[Finding]:
        """Return all that was found of a severity."""
        assert self.report is not None
        return self.report.of(severity)

    def serious(self) -> dict[str, str]:
        """Return the checks that have found errors and warnings, with the severity."""
        assert self.report is not None
        return {finding.check: finding.severity for finding in self.report.findings if finding.severity != "note"}

    def points(self, number: int, people: int = 1, frames: int = FRAMES) -> NDArray[np.float32]:
        """Return keypoints of people who stay in the picture and move by half a pixel a frame, ``(T, P, N, 3)``."""
        random = np.random.default_rng(0)
        shape = random.uniform(0, 1, (1, 1, number, 2)) * (10, 20) + (2, 5)
        step = np.arange(frames)[:, None, None, None] * (0.5, 0.0)
        apart = np.arange(people)[None, :, None, None] * (20.0, 0.0)
        places = shape + step + apart
        return np.concatenate([places, np.ones((*places.shape[:3], 1))], axis=-1).astype(np.float32)

    film = staticmethod(film)
    label_film = staticmethod(label_film)


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def builder(tmp_path: Path) -> DatasetBuilder:
    """An empty data set of label maps."""
    return DatasetBuilder(tmp_path)
