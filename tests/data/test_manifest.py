"""The manifest: what is saved is loaded, from wherever it lies, and each kind of mistake is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vid2vid.condition import Condition
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.errors import DataError


def manifest_in(folder: Path) -> Manifest:
    """Return a manifest of two sequences whose files lie in ``folder``."""
    sequences = [
        VideoSequence("a", "train", folder / "a.mp4", folder / "labels" / "a.mkv", 30),
        VideoSequence(
            "b",
            "val",
            folder / "b.mp4",
            folder / "b.mkv",
            12,
            start=3,
            instance=folder / "b-ids.mkv",
            flow=folder / "flow" / "b",
            planes={"depth": folder / "b-depth.mkv", "normals": folder / "normals" / "b"},
        ),
    ]
    condition = Condition(label_ids=[0, 7], label_names=["sky", "road"], palette=[[0, 0, 0], [128, 64, 128]])
    return Manifest(condition, sequences, fps=17.0)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    manifest_in(tmp_path).save(path)
    assert Manifest.load(path) == manifest_in(tmp_path)
    assert Manifest.load(tmp_path) == manifest_in(tmp_path), "the folder will do"
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"], "nothing half-written is left"


def test_the_folder_can_be_moved(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    manifest_in(here).save(here / "manifest.json")
    assert str(tmp_path) not in (here / "manifest.json").read_text(encoding="utf-8")
    shutil.move(here, there)
    assert Manifest.load(there) == manifest_in(there)


def test_files_elsewhere_are_found_too(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "set", tmp_path / "videos"
    folder.mkdir()
    manifest_in(elsewhere).save(folder / "manifest.json")
    assert Manifest.load(folder) == manifest_in(elsewhere)


def test_relative_paths_count_from_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest_in(tmp_path).save(tmp_path / "manifest.json")
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    assert Manifest.load(Path("..")).sequences[0].target == tmp_path / "a.mp4"


def test_splits_are_told_apart(tmp_path: Path) -> None:
    manifest = manifest_in(tmp_path)
    assert manifest.splits() == {"train", "val"}
    assert [sequence.name for sequence in manifest.split("train")] == ["a"]
    only = Manifest(manifest.condition, manifest.sequences[:1])
    with pytest.raises(DataError, match=r"no sequence in the split 'val'; its splits: \['train'\]"):
        only.split("val")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"there is no manifest here; make one with `vid2vid prepare`"),
        (b"{", r"not a JSON manifest"),
        (b"\xff\xfe\x00", r"not a JSON manifest"),
        (b"[]", r"not a manifest of the format 'vid2vid-manifest-1'"),
        (b"{}", r"not a manifest of the format"),
        (b'{"format": "vid2vid-manifest-0"}', r"not a manifest of the format"),
        (b'{"format": "vid2vid-manifest-1"}', r"the entry 'condition' is missing"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=rf"manifest\.json: {message}"):
        Manifest.load(path)


def spoil(*keys: str | int, value: Any = None, drop: bool = False) -> Callable[[Any], None]:  # noqa: ANN401
    """Return what changes, or drops, one entry of a manifest."""

    def change(text: Any) -> None:  # noqa: ANN401
        for key in keys[:-1]:
            text = text[key]
        if drop:
            del text[keys[-1]]
        else:
            text[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoil("fps", drop=True), r"the entry 'fps' is missing"),
        (spoil("sequences", drop=True), r"the entry 'sequences' is missing"),
        (spoil("sequences", 0, "frames", drop=True), r"the sequence 'a' has no frames"),
        (spoil("sequences", 0, "frame", value=3), r"the sequence 'a', key='frame' is unknown\. Did you mean 'frames'"),
        (spoil("sequences", value=None), r"an entry is invalid"),
        (spoil("sequences", value=["a.mp4"]), r"an entry is invalid"),
        (spoil("sequences", 0, "target", value=3), r"an entry is invalid"),
        (spoil("sequences", 0, "frames", value="30"), r"'a' has frames='30'"),
        (spoil("sequences", 0, "frames", value=0), r"'a' has frames=0"),
        (spoil("sequences", 1, "start", value=-1), r"'b' has start=-1"),
        (spoil("sequences", 0, "split", value="training"), r"'a' is in the split 'training'; .* train and val"),
        (spoil("sequences", 1, "name", value="a"), r"'a' occurs twice"),
        (spoil("fps", value="fast"), r"an entry is invalid: .*'fast'"),
        (spoil("fps", value=0), r"fps must be above 0"),
        (spoil("condition", value=None), r"label_ids"),
        (spoil("condition", "kind", value="label"), r"condition\.kind='label' is unknown"),
        (spoil("condition", "colours", value=[]), r"condition\.colours is not a setting"),
        (spoil("condition", "label_ids", value=["road"]), r"condition\.label_ids"),
        (spoil("condition", "label_ids", value=[1, 1]), r"list each id once"),
    ],
)
def test_each_mistake_is_named_with_the_file(tmp_path: Path, change: Callable[[Any], None], message: str) -> None:
    path = tmp_path / "manifest.json"
    manifest_in(tmp_path).save(path)
    text = json.loads(path.read_text(encoding="utf-8"))
    change(text)
    path.write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(DataError, match=rf"manifest\.json: .*{message}"):
        Manifest.load(path)


def test_a_save_that_fails_leaves_the_old_manifest(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    manifest_in(tmp_path).save(path)
    spoilt = Manifest(manifest_in(tmp_path).condition, fps=object())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        spoilt.save(path)
    assert Manifest.load(path) == manifest_in(tmp_path)


@pytest.mark.parametrize("name", ["../out", "/etc/x", "", 5, ["a"], "a\0b"])
def test_a_name_that_is_no_name_of_files_is_refused(name: object, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    Manifest(Condition(label_ids=[1]), [VideoSequence("a", "train", tmp_path / "x", tmp_path / "y", 3)]).save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["sequences"][0]["name"] = name
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match="needs a name"):
        Manifest.load(path)


@pytest.mark.parametrize("text", ["[" * 200_000, "9" * 5000])
def test_json_that_python_cannot_hold_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="not a JSON manifest"):
        Manifest.load(tmp_path)
