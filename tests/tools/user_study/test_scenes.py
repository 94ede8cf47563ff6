"""Which videos belong together, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.tools.user_study import gather_scenes
from vid2vid.video import write_frames, write_video

FRAMES = list(np.zeros((4, 16, 16, 3), np.uint8))


def test_scenes_are_the_names_that_all_folders_share(folders: dict[str, Path]) -> None:
    scenes = gather_scenes(folders, {"Real": folders["ours"]})
    assert [scene.name for scene in scenes] == ["scene0", "scene1", "scene2"]
    assert scenes[1].models == {model: folder / "scene1.mp4" for model, folder in folders.items()}
    assert scenes[1].beside == {"Real": folders["ours"] / "scene1.mp4"}
    assert scenes[1].fps == 16


def test_single_videos_show_one_scene_whatever_their_names(folders: dict[str, Path]) -> None:
    (scene,) = gather_scenes({"a": folders["ours"] / "scene0.mp4", "b": folders["theirs"] / "scene2.mp4"}, {})
    assert list(scene.models) == ["a", "b"]


def test_folders_of_images_take_the_rate_of_the_videos_beside_them(tmp_path: Path) -> None:
    write_frames(tmp_path / "a", FRAMES)
    write_video(tmp_path / "b.mp4", FRAMES, 12)
    (scene,) = gather_scenes({"a": tmp_path / "a", "b": tmp_path / "b.mp4"}, {})
    assert scene.fps == 12
    assert gather_scenes({"a": tmp_path / "a", "b": tmp_path / "a"}, {})[0].fps == 25


def test_other_rates_need_a_decision(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    write_video(tmp_path / "b.mp4", FRAMES, 24)
    models = {"a": tmp_path / "a.mp4", "b": tmp_path / "b.mp4"}
    with pytest.raises(ConfigError, match=r"a\.mp4 has 12 frames a second, but .*b\.mp4 has 24.*fps="):
        gather_scenes(models, {})
    assert gather_scenes(models, {}, fps=20)[0].fps == 20


def test_a_scene_that_a_model_lacks_is_named(two: dict[str, Path], tmp_path: Path) -> None:
    for name in ("scene0", "scene2"):
        write_video(tmp_path / f"{name}.mp4", FRAMES, 16)
    with pytest.raises(DataError, match=f"{tmp_path}: holds no video of scene1, which other folders have"):
        gather_scenes({"ours": two["ours"], "mine": tmp_path}, {})
    with pytest.raises(DataError, match=f"{tmp_path}: holds no video of scene1"):
        gather_scenes(two, {"Real": tmp_path})
    for name in ("scene1", "scene3"):
        write_video(tmp_path / f"{name}.mp4", FRAMES, 16)
    with pytest.raises(DataError, match=f"{two['ours']}: holds no video of scene3"):
        gather_scenes({"mine": tmp_path, "ours": two["ours"]}, {})


def test_what_is_not_there_is_named(two: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such file or folder; check models\.theirs"):
        gather_scenes({"ours": two["ours"], "theirs": tmp_path / "nowhere"}, {})
    with pytest.raises(VideoError, match="holds no images, no videos"):
        gather_scenes({"ours": two["ours"], "theirs": tmp_path}, {})
    with pytest.raises(ConfigError, match="two or more"):
        gather_scenes({"ours": two["ours"]}, {})
