"""The models that come with vid2vid: small, described and found by name; tests/cli/test_synthesize.py uses one."""

from pathlib import Path

import pytest

from vid2vid import Vid2VidModule, load
from vid2vid.training.checkpoints.model_folder import CARD, SHIPPED, ModelFolder, shipped_models


def test_they_are_small_and_described() -> None:
    assert shipped_models() == ["street"]
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 8e6
    for name in shipped_models():
        folder = ModelFolder.find(name)
        assert folder is not None
        card = (folder.path / CARD).read_text(encoding="utf-8")
        assert all(f"## {part}" in card for part in ("Use", "Data", "Training", "Measured", "Limits"))
        assert f"checkpoint={name}" in card


def test_it_is_a_video_model_of_streets() -> None:
    module = load("street", Vid2VidModule)
    assert module.condition.object_motion
    assert module.generator.config.form == "efficient"


def test_an_empty_folder_of_that_name_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("street").mkdir()
    assert load("street").kind == "video"
