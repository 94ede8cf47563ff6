"""The file of keypoints."""

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_layout import FACE_POINTS, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints


def some(frames: int = 6, people: int = 2, points: int = FACE_POINTS) -> NDArray[np.float32]:
    """Draw keypoints at random, confidences in 0..1."""
    return np.random.default_rng(0).random((frames, people, points, 3), np.float32)


@pytest.mark.parametrize(("size", "fps"), [(None, 0.0), ((480, 640), 29.97)])
@pytest.mark.parametrize("points", [FACE_POINTS, PERSON_POINTS])
def test_what_is_saved_is_loaded(size: tuple[int, int] | None, fps: float, points: int, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.npz"
    saved = Keypoints(some(points=points) * np.array([1920, 1080, 1], np.float32), size, fps)
    saved.save(path)
    loaded = Keypoints.load(path)
    assert np.array_equal(loaded.points, saved.points)
    assert loaded.points.dtype == np.float32
    assert (loaded.size, loaded.fps, len(loaded)) == (size, fps, 6)
    assert [entry.name for entry in path.parent.iterdir()] == ["a.npz"]


def test_frames_are_chosen_by_ranges_and_slices() -> None:
    keypoints = Keypoints(some(), (10, 20), 25)
    for frames in (range(1, 5, 2), range(5, -1, -1), range(3, 3), range(6)):
        chosen = keypoints[frames]
        assert np.array_equal(chosen.points, keypoints.points[list(frames)])
        assert (chosen.size, chosen.fps) == ((10, 20), 25)
    assert np.array_equal(keypoints[-2:].points, keypoints.points[4:])
    for outside, frame in ((range(4, 7), 6), (range(-1, 3), -1), (range(3, -2, -1), -1)):
        with pytest.raises(DataError, match=f"there is no frame {frame} of the keypoints; there are 6"):
            keypoints[outside]


@pytest.mark.parametrize("shape", [(68, 3), (1, 68, 3), (2, 0, 68, 3), (2, 1, 70, 3), (2, 1, 68, 2), ()])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="keypoints must be"):
        Keypoints(np.zeros(shape, np.float32))


@pytest.mark.parametrize(("channel", "value"), [(0, np.nan), (1, np.inf), (2, np.nan), (2, -0.1), (2, 1.5)])
def test_values_that_cannot_be_are_named(channel: int, value: float) -> None:
    points = some()
    points[4, 1, 33, channel] = value
    with pytest.raises(DataError, match="frame 4, person 1, point 33 is"):
        Keypoints(points)


def test_other_types_sizes_and_rates_are_refused() -> None:
    with pytest.raises(DataError, match="must be float32, but are float64"):
        Keypoints(some().astype(np.float64))
    with pytest.raises(DataError, match=r"size of the frames.*\(0, 5\)"):
        Keypoints(some(), (0, 5))
    with pytest.raises(DataError, match="frames a second"):
        Keypoints(some(), None, float("nan"))


def test_a_cut_file_is_named_wherever_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    Keypoints(some(frames=2)).save(path)
    data = path.read_bytes()
    for size in range(0, len(data), 97):
        path.write_bytes(data[:size])
        with pytest.raises(
            DataError, match=r"a\.npz: cannot be read as keypoints: it is not an \.npz file, or was cut off"
        ):
            Keypoints.load(path)


def test_a_damaged_file_is_named_or_loaded_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    saved = Keypoints(some(frames=2), (3, 4), 5)
    saved.save(path)
    data = path.read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    for place in random.integers(0, len(data), 150):
        path.write_bytes(data[:place] + bytes([data[place] ^ int(random.integers(1, 256))]) + data[place + 1 :])
        try:
            loaded = Keypoints.load(path)
        except DataError as error:
            assert str(path) in str(error)  # noqa: PT017 - not every damage matters
            refused += 1
        else:
            assert np.array_equal(loaded.points, saved.points)
    assert refused > 100


def npz(**arrays: NDArray[np.generic]) -> bytes:
    """Return an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


GOOD = {"format": np.array("vid2vid-keypoints-1"), "points": some(), "size": np.array([4, 5]), "fps": np.array(25.0)}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"format": np.array("other")}, "is not a file of keypoints that vid2vid wrote"),
        ({"format": np.array(3)}, "is not a file of keypoints that vid2vid wrote"),
        ({"points": some()[0]}, "keypoints must be"),
        ({"points": some() * 2}, r"frame \d, person \d, point \d+ is"),
        ({"points": np.array([{"a": 1}, None])}, "Object arrays cannot be loaded"),
        ({"points": np.array(["a"])}, "keypoints must be"),
        ({"size": np.array([4, 5, 6])}, r"must be \(height, width\)"),
        ({"size": np.array(4)}, "iteration over a 0-d array"),
        ({"size": np.array(["a", "b"])}, "invalid literal"),
        ({"fps": np.array([1.0, 2.0])}, "a.npz: .*[Oo]nly"),
        ({"fps": np.array(-1.0)}, "frames a second"),
    ],
)
def test_foreign_contents_are_refused(changed: dict[str, NDArray[np.generic]], message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(npz(**GOOD))
    assert Keypoints.load(path).size == (4, 5)
    path.write_bytes(npz(**{**GOOD, **changed}))
    with pytest.raises(DataError, match=rf"a\.npz: .*{message}|{message}") as refused:
        Keypoints.load(path)
    assert str(path) in str(refused.value)


def test_times_are_kept_and_cut_with_the_frames(tmp_path: Path) -> None:
    times = np.array([0, 0.1, 0.5, 0.6])
    keypoints = Keypoints(np.ones((4, 1, FACE_POINTS, 3), np.float32), (9, 9), 5, times)
    keypoints.save(tmp_path / "a.npz")
    loaded = Keypoints.load(tmp_path / "a.npz")
    for cut in (loaded[2:], loaded[range(2, 4)], loaded[-2:]):
        assert cut.times == pytest.approx([0, 0.1])
    assert loaded.times == pytest.approx(times)
    assert len(loaded[4:]) == 0
    for wrong in (times[:3], times[::-1], times * np.nan):
        with pytest.raises(DataError, match="times of the frames must be ascending seconds, one for each frame"):
            Keypoints(keypoints.points, times=wrong)


def test_movements_are_resampled_in_time() -> None:
    points = np.ones((4, 1, FACE_POINTS, 3), np.float32)
    points[..., 0] = np.array([0, 10, 50, 60])[:, None, None]
    points[2, 0, 0, 2] = 0
    keypoints = Keypoints(points, (99, 99), 5, np.array([0, 0.1, 0.5, 0.6]))
    found = keypoints.resampled(20)
    assert (len(found), found.fps, found.times) == (13, 20, None)
    np.testing.assert_allclose(found.points[:, 0, 1, 0], np.arange(0, 61, 5), atol=1e-4)
    # a point that is missing in one of two frames is that of the nearer one
    assert found.points[:, 0, 0, 2].tolist() == [1] * 6 + [0] * 5 + [1] * 2
    halved = Keypoints(points, (99, 99), 20).resampled(10)
    np.testing.assert_array_equal(halved.points, points[::2])
    with pytest.raises(DataError, match="without a frame rate cannot be resampled"):
        Keypoints(points).resampled(10)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    without = {name: array for name, array in GOOD.items() if name != "fps"}
    for name, content in (("a.npz", npz(**without)), ("b.npz", npz(x=some()))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=rf"{name}: is not a file of keypoints"):
            Keypoints.load(tmp_path / name)
    np.save(tmp_path / "c.npy", some())
    (tmp_path / "d.npz").write_text("not an archive")
    for name in ("c.npy", "d.npz"):
        with pytest.raises(DataError, match=rf"{name}: cannot be read as keypoints: it is not an \.npz file"):
            Keypoints.load(tmp_path / name)
    for missing in (tmp_path / "e.npz", tmp_path):
        with pytest.raises(DataError, match=f"{missing.name}: cannot be read"):
            Keypoints.load(missing)


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    Keypoints(np.zeros((50, 1, 68, 3), np.float32)).save(path)
    monkeypatch.setattr("vid2vid.keypoints.keypoint_sequence._MOST_BYTES", 10_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(DataError, match=r"a\.npz: .*it unpacks to \d+ bytes"):
        Keypoints.load(path)
