"""The folder of a user study is blinded and whole, or not there; each pair of models is shown once per scene."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from vid2vid.errors import ConfigError, VideoError
from vid2vid.tools.user_study import StudyKey, gather_scenes, make_user_study
from vid2vid.tools.user_study.blinding import coarse_blocks
from vid2vid.tools.user_study.study_key import DAMAGED, INTACT
from vid2vid.tools.user_study.study_page import check_scenes, pair_up
from vid2vid.video import stream_frames

THREE = ["a", "b", "c"]


def test_the_key_tells_whose_each_video_is(comparison: Path, colours: dict[str, tuple[int, int, int]]) -> None:
    key = StudyKey.load(comparison / "key.json")
    assert key.models == ["ours", "theirs"]
    assert {match.scene for match in key.matches.values()} == {"scene0", "scene1", "scene2"}
    assert list(key.matches) == ["1", "2", "3"]
    for match in key.matches.values():
        for file, model in match.models.items():
            colour = next(stream_frames(comparison / "page" / "videos" / file))[-1, -1]
            # scenes are a little lighter, one after the other
            assert colour.astype(int) - colours[model] == pytest.approx([5 * int(match.scene[-1])] * 3, abs=6)


def test_nothing_that_viewers_get_tells_whose_a_video_is(comparison: Path) -> None:
    page = comparison / "page"
    assert not (page / "key.json").exists()
    files = [path for path in page.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".mp4"}
    for path in files:
        content = path.read_bytes().lower()
        for word in (b"ours", b"theirs", b"scene0", b"key.json"):
            # a word with letters around it is another one: yours
            assert not re.search(rb"(?<![a-z])" + word + rb"(?![a-z])", content), path
        assert re.fullmatch(r"index\.html|[0-9a-f]{10}\.mp4", path.name)
    assert len({path.stat().st_mtime for path in files if path.suffix == ".mp4"}) == 1


def test_the_page_asks_nothing_of_the_network(comparison: Path) -> None:
    page = (comparison / "page" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//\w+\.|@import|\bfetch\(|XMLHttpRequest", page)


def test_all_pairs_of_three_models(folders: dict[str, Path], tmp_path: Path) -> None:
    key = make_user_study(gather_scenes(folders, {}), tmp_path / "out", question="<b>Which</b> & why?")
    assert len(key.matches) == 9
    assert "&lt;b&gt;Which&lt;/b&gt; &amp; why?" in (tmp_path / "out" / "page" / "index.html").read_text()


def test_nothing_is_left_of_a_comparison_that_fails(two: dict[str, Path], tmp_path: Path) -> None:
    whole = (two["theirs"] / "scene0.mp4").read_bytes()
    (tmp_path / "broken.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    scenes = gather_scenes({"ours": two["ours"] / "scene0.mp4", "theirs": tmp_path / "broken.mp4"}, {}, fps=16)
    with pytest.raises(VideoError, match=r"broken\.mp4"):
        make_user_study(scenes, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.mp4"]


def test_a_comparison_is_never_written_over(two: dict[str, Path], comparison: Path, tmp_path: Path) -> None:
    before = (comparison / "key.json").read_bytes()
    with pytest.raises(ConfigError, match="votes on it need its key"):
        make_user_study(gather_scenes(two, {}), comparison)
    assert (comparison / "key.json").read_bytes() == before
    (tmp_path / "empty").mkdir()
    make_user_study(gather_scenes(two, {}), tmp_path / "empty")
    with pytest.raises(ConfigError, match="seed must be at least 0"):
        make_user_study(gather_scenes(two, {}), tmp_path / "other", seed=-1)


@pytest.mark.parametrize("number", [1, 6, 7])
def test_all_pairs_of_models_on_all_scenes(number: int) -> None:
    scenes = [f"scene{i}" for i in range(number)]
    pairs = pair_up(scenes, THREE, seed=3)
    found = Counter((pair.scene, frozenset((pair.left, pair.right))) for pair in pairs)
    wanted = [(scene, frozenset(rivals)) for scene in scenes for rivals in combinations(THREE, 2)]
    assert found == Counter(wanted)


@pytest.mark.parametrize("number", [1, 6, 7])
@pytest.mark.parametrize("seed", range(5))
def test_sides_are_balanced_between_any_two_models(number: int, seed: int) -> None:
    sides = Counter((pair.left, pair.right) for pair in pair_up([str(i) for i in range(number)], THREE, seed))
    for one, other in combinations(THREE, 2):
        assert abs(sides[one, other] - sides[other, one]) == number % 2


def test_the_seed_decides_order_and_sides() -> None:
    scenes = [str(i) for i in range(8)]
    pairs = pair_up(scenes, THREE, seed=0)
    assert pairs == pair_up(scenes, THREE, seed=0)
    other = pair_up(scenes, THREE, seed=1)
    assert [pair.scene for pair in pairs] != [pair.scene for pair in other]
    assert set(pairs) != set(other)


def test_an_odd_side_out_falls_to_either_model() -> None:
    assert {pair_up(["one"], ["a", "b"], seed)[0].left for seed in range(10)} == {"a", "b"}


def test_attention_checks_show_a_video_beside_itself_in_blocks(
    two: dict[str, Path], film: Callable[..., None], tmp_path: Path
) -> None:
    for name in ("a", "b", "real"):
        film(tmp_path / name / "one.mp4", height=96, width=192)
    scenes = gather_scenes({name: tmp_path / name for name in "ab"}, {"Real": tmp_path / "real"})
    key = make_user_study(scenes, tmp_path / "out", checks=2)
    assert (key.pairs, key.checks) == (1, 2)
    assert StudyKey.load(tmp_path / "out" / "key.json") == key
    real = next(stream_frames(tmp_path / "real" / "one.mp4"))
    for match in key.matches.values():
        assert match.check == match.scene.startswith("check ")
        if match.check:
            files = {owner: tmp_path / "out" / "page" / "videos" / file for file, owner in match.models.items()}
            intact, damaged = (next(stream_frames(files[owner])).astype(int) for owner in (INTACT, DAMAGED))
            assert abs(intact - real).mean() < 4
            assert abs(damaged - coarse_blocks(real)).mean() < 4
            assert abs(damaged - real).max() > 100
    # without the real video those of the models, in turn
    sources = [scene.models[INTACT].parent.name for scene in check_scenes(gather_scenes(two, {}), 4, seed=0)]
    assert sources == ["ours", "theirs", "ours", "theirs"]
    assert check_scenes(scenes, 0, seed=0) == []


def test_blocks_have_one_colour_each_at_every_size() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (61, 97, 3), np.uint8)
    blocks = coarse_blocks(frame)
    assert blocks.shape == frame.shape
    assert (blocks[:60, :95].reshape(12, 5, 19, 5, 3) == frame[2::5, 2::5][:12, None, :19, None]).all()
