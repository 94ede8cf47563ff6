"""Videos in folders, whoever made them: paired by name, read part by part, evaluated against the real ones."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.config import EvaluationConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.evaluation import video_folders
from vid2vid.evaluation.video_folders import evaluate_folders
from vid2vid.video import open_frames, stream_frames, write_frames, write_video

Frames = list[NDArray[np.uint8]]
LENGTHS = {"one": 20, "two": 6}
FEW = EvaluationConfig(bootstrap=50, window=5)


def frames(seed: int, count: int, noise: float = 0.0) -> Frames:
    """A random picture that moves by one pixel a frame, 32 x 40."""
    random = np.random.default_rng(seed)
    wide = cv2.resize(random.integers(0, 256, (8, 20, 3), np.uint8), (80, 32), interpolation=cv2.INTER_CUBIC)
    moving = (wide[:, t : t + 40].astype(float) for t in range(count))
    return [np.clip(f + noise * random.standard_normal(f.shape), 0, 255).astype(np.uint8) for f in moving]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two real videos as folders of images, the same, a little and much disturbed ones; and a third real one."""
    for folder, noise in (("real", 0), ("same", 0), ("slight", 8), ("strong", 60)):
        for seed, (name, count) in enumerate(LENGTHS.items()):
            write_frames(tmp_path / folder / name, frames(seed, count, noise))
    write_frames(tmp_path / "real" / "three", frames(3, 4))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(*names: str) -> dict[str, Path]:
    return {name: Path(name) for name in names}


def test_the_more_a_video_is_damaged_the_lower_it_ranks(home: Path) -> None:
    report = evaluate_folders(paths("strong", "same", "slight"), Path("real"), Path("out"), FEW)
    content = json.loads(Path("out/metrics.json").read_text())
    assert content == report.content()
    assert (content["clips"], content["evaluated_frames"], content["given_frames"]) == (2, 26, 0)
    same, slight, strong = (content[name] for name in ("same", "slight", "strong"))
    assert (same["psnr"], same["perceptual_distance"], same["flow_difference"]) == (100, 0, 0)
    assert same["video_frechet_distance"] == pytest.approx(0, abs=1e-6)
    for name in ("perceptual_distance", "warping_error", "flow_difference", "video_frechet_distance"):
        assert same[name] < slight[name] < strong[name], name
    assert same["psnr"] > slight["psnr"] > strong["psnr"]
    assert set(report.best().values()) == {"same"}
    table = Path("out/metrics.md").read_text().splitlines()
    assert [row.split(" | ")[0] for row in table[6:10]] == ["| strong", "| same", "| slight", "| real"]
    everything_can_be_looked_at()


def everything_can_be_looked_at() -> None:
    written = {path.name for path in Path("out").iterdir()}
    assert written == {"metrics.json", "metrics.md", "curves.png", "sheet.png", "sheet_2.png", "videos"}
    for name, count in LENGTHS.items():
        shown = np.stack(list(stream_frames(Path(f"out/videos/{name}.mp4"))))
        assert shown.shape == (count, 32 + 22, 4 * 40 + 3 * 2, 3)
        real = np.stack(list(stream_frames(Path("real") / name))).astype(int)
        # the rightmost is the real one, but for the colours, of which H.264 has half the resolution
        apart = [np.abs(shown[:, 22:, left : left + 40] - real).mean() for left in (0, 42, 84, 126)]
        assert apart[3] == pytest.approx(apart[1], abs=1.5)
        assert apart[3] < 20 < 1.5 * apart[3] < apart[0]
    assert open_frames(Path("out/videos/one.mp4")).fps == pytest.approx(25)
    sheet = cv2.imread("out/sheet.png")
    assert sheet is not None
    assert sheet.shape == (22 + 4 * 34, 96 + 8 * 40 + 7 * 2, 3)


@pytest.mark.slow
def test_where_a_video_is_cut_into_parts_does_not_matter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = []
    for part in (64, 7):
        monkeypatch.setattr(video_folders, "FRAMES_IN_MEMORY", part)
        contents.append(evaluate_folders(paths("slight"), Path("real"), Path("out"), FEW, given=1).content())
    assert contents[0]["slight"] == pytest.approx(contents[1]["slight"], rel=1e-6)
    assert contents[0]["evaluated_frames"] == 24
    assert len(contents[1]["curves"]["psnr"]["slight"]) == 19


def test_single_videos_are_a_pair_whatever_they_are_called(home: Path) -> None:
    write_video(Path("made.mp4"), frames(0, 20), 12, crf=0)
    report = evaluate_folders({"made": Path("made.mp4")}, Path("real/one"), Path("out"), FEW)
    assert 20 < report.figures["made"]["psnr"].value < 100
    assert report.figures["made"]["psnr"].interval is None
    assert Path("out/videos/one.mp4").is_file()
    assert "made.mp4 is compared with real/one, though their names differ (made)" in report.notes


def test_what_is_left_out_is_named(home: Path) -> None:
    Path("slight/clip.gif").touch()
    Path("slight/notes.txt").touch()
    report = evaluate_folders(paths("slight"), Path("real"), Path("out"), FEW)
    assert "real: 1 real videos have no generated one and are left out: three" in report.notes
    (note,) = [note for note in report.notes if note.startswith("slight: ")]
    assert note.startswith("slight: 1 files or folders among its videos are left out")
    assert note.endswith(": clip.gif")


def short() -> None:
    for t in (4, 5):
        Path(f"slight/two/{t:06d}.png").unlink()


def small() -> None:
    images = Path("slight/two")
    for path in images.iterdir():
        path.unlink()
    write_frames(images, [frame[:, :38] for frame in frames(1, 6)])


def alone() -> None:
    Path("real/two").rename("real/deux")


MISTAKES: dict[Callable[[], None], str] = {
    short: r"slight/two: ends after 4 frames, but real/two goes on",
    small: r"slight/two: is 38x32, but real/two is 40x32 \(width x height\)",
    alone: r"real: has no video called two",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_does_not_fit_is_named(mistake: Callable[[], None], home: Path) -> None:
    mistake()
    with pytest.raises(DataError, match=MISTAKES[mistake]):
        evaluate_folders(paths("slight"), Path("real"), Path("out"), FEW)
    assert not Path("out/metrics.json").exists()


def test_what_cannot_be_evaluated_is_refused(home: Path) -> None:
    for generated, config, message in (
        ({"real": Path("slight")}, FEW, "'real' cannot be the name of a model"),
        (paths("slight"), EvaluationConfig(segmenter="train"), "segmenter: the labels"),
        (paths("slight"), EvaluationConfig(classes=["car"]), "classes: the labels"),
        (paths("slight"), EvaluationConfig(image_network="none.pt"), r"none\.pt: no such file"),
    ):
        with pytest.raises(ConfigError, match=message):
            evaluate_folders(generated, Path("real"), Path("out"), config)
    with pytest.raises(DataError, match="nowhere: there is no such file or folder"):
        evaluate_folders({"a": Path("nowhere")}, Path("real"), Path("out"), FEW)
    with pytest.raises(DataError, match=r"real/two: has 6 frames, but at least 7 are needed"):
        evaluate_folders(paths("slight"), Path("real"), Path("out"), FEW, given=6)


def test_long_videos_do_not_fill_memory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a part is evaluated, no frame has been read beyond it."""
    read = {"real": 0}

    def counting(path: Path) -> Iterator[NDArray[np.uint8]]:
        for frame in stream_frames(path):
            if path == Path("real/one"):
                read["real"] += 1
            yield frame

    monkeypatch.setattr(video_folders, "stream_frames", counting)
    monkeypatch.setattr(video_folders, "FRAMES_IN_MEMORY", 4)
    parts = video_folders.read_parts({"a": Path("same/one"), "real": Path("real/one")}, 0)
    seen = [(len(part["real"]), given, read["real"]) for part, given in parts]
    assert seen == [(4, 0, 4), (5, 1, 8), (5, 1, 12), (5, 1, 16), (5, 1, 20)]


def test_no_video_is_written_over(home: Path) -> None:
    write_video(home / "out" / "videos" / "one.mp4", frames(0, 20), 10)
    before = (home / "out" / "videos" / "one.mp4").read_bytes()
    for generated, output, reason in (
        ("out/videos", "out", "out/videos: would be written over"),
        ("out/videos/one.mp4", "out", "out/videos: would be replaced, but out/videos/one.mp4 in it is read"),
        ("same", "real/../same", "same/metrics.json: would be written into the folder same"),
    ):
        with pytest.raises(ConfigError, match=reason):
            evaluate_folders({"theirs": Path(generated)}, Path("real"), Path(output), FEW)
    assert (home / "out" / "videos" / "one.mp4").read_bytes() == before
