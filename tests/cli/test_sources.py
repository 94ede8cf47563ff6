"""Which videos are read and written."""

from pathlib import Path
from typing import Any

import pytest

from vid2vid.cli.sources import jobs
from vid2vid.data.video import RawVideo
from vid2vid.errors import ConfigError

DEFAULTS: dict[str, Any] = {
    "output": "out",
    "segment": 120,
    **dict.fromkeys(("first", "instance", "foreground", "background", "densepose"), ""),
    **dict.fromkeys(("height", "width", "raw_height", "raw_width", "fps"), 0),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a2.mkv", "a10.mkv", "b.mp4", "images/1.png", "images/2.png", "more/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def found(source: object, **settings: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any setting
    return list(jobs({**DEFAULTS, "source": source, **settings}, lambda: False))


def test_one_source(folder: Path) -> None:
    assert found("a.mp4", output="b.mp4") == [(Path("a.mp4"), Path("b.mp4"))]
    assert found([f"{folder}/b.mp4"]) == [(folder / "b.mp4", Path("out"))]
    # the frames of one video
    assert found(f"{folder}/images/*.png") == [(folder / "images/*.png", Path("out"))]


def test_several_sources(folder: Path) -> None:
    several = [(folder / "a2.mkv", Path("out/a2.mp4")), (folder / "a10.mkv", Path("out/a10.mp4"))]
    assert found(f"{folder}/*.mkv") == several
    assert found([f"{folder}/a2.mkv", f"{folder}/a10.mkv"]) == several
    assert found([f"{folder}/*.mkv", f"{folder}/images"]) == [*several, (folder / "images", Path("out/images.mp4"))]
    assert found([f"{folder}/images", f"{folder}/more"])[1] == (folder / "more", Path("out/more.mp4"))


def test_the_standard_input_needs_a_size() -> None:
    ((source, output),) = found("-", raw_height=4, raw_width=6, height=8, width=12)
    assert source == RawVideo(4, 6, 25)
    assert output == Path("out")
    assert found("-", height=8, width=12, fps=10)[0][0] == RawVideo(8, 12, 10)
    with pytest.raises(ConfigError, match="raw frames do not say their size: give raw_height and raw_width"):
        found("-", raw_height=4)


def test_contradictions_are_refused(folder: Path) -> None:
    (folder / "b.mkv").touch()
    two = [f"{folder}/a2.mkv", f"{folder}/a10.mkv"]
    mistakes: dict[str, dict[str, Any]] = {
        r"nothing/\*: no file fits": {"source": f"{folder}/nothing/*"},
        "instance belong to one source: synthesise the 2 sources singly": {"source": two, "instance": "a"},
        r"output=out\.mp4: of 2 sources it must be a folder": {"source": two, "output": "out.mp4"},
        "output=-: of 2 sources it must be a folder": {"source": two, "output": "-"},
        r"b\.m..: another source would be written to out/b\.mp4": {"source": f"{folder}/b.*"},
        "source=- cannot be one of several": {"source": ["-", two[0]]},
        "segment=0: must be at least 1 frame": {"source": "a", "segment": 0},
    }
    for message, settings in mistakes.items():
        with pytest.raises(ConfigError, match=message):
            found(**settings)
