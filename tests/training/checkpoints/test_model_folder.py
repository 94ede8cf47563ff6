"""Folders of models: what is written is read again, and a damaged one is refused with its name."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vid2vid import ImageModule, Vid2VidModule, load
from vid2vid.errors import CheckpointError
from vid2vid.files import write_text
from vid2vid.training.checkpoints.model_folder import CARD, SETTINGS, WEIGHTS, ModelFolder, save_model_folder
from vid2vid.training.checkpoints.partial import load_fitting_weights

Modules = Callable[..., Vid2VidModule]


@pytest.fixture
def module(small_module: Modules) -> Vid2VidModule:
    """A module whose running average differs from its newest weights."""
    made = small_module(optimizer={"ema_decay": 0.9})
    with torch.no_grad():
        for weight in made.synthesis_generator.parameters():
            weight.add_(0.01)
    return made.eval()


def source() -> torch.Tensor:
    return torch.randint(9, (1, 4, 1, 32, 48), dtype=torch.uint8)


def test_a_folder_makes_the_same_frames(module: Vid2VidModule, tmp_path: Path) -> None:
    save_model_folder(module, tmp_path / "model", "# A model\n")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [CARD, SETTINGS, WEIGHTS]
    loaded, given = load(tmp_path / "model", Vid2VidModule), source()
    assert (loaded.training, loaded.average, loaded.condition) == (False, None, module.condition)
    with torch.no_grad():
        assert torch.equal(loaded(given).fake, module(given).fake)


def test_half_of_the_room(module: Vid2VidModule, tmp_path: Path) -> None:
    for half in (False, True):
        save_model_folder(module, tmp_path / str(half), "", half)
    large, small = ((tmp_path / str(half) / WEIGHTS).stat().st_size for half in (False, True))
    assert 0.45 < small / large < 0.6
    given = source()
    with torch.no_grad():
        torch.testing.assert_close(load(tmp_path / "True")(given).fake, module(given).fake, atol=0.02, rtol=0)


def test_an_image_generator(small_image: Callable[..., ImageModule], tmp_path: Path) -> None:
    module = small_image().eval()
    save_model_folder(module, tmp_path, "")
    code = torch.rand(1, module.condition.channels, 32, 48)
    with torch.no_grad():
        assert torch.equal(load(tmp_path, ImageModule).images(code), module.images(code))


def test_a_training_begins_with_it(module: Vid2VidModule, small_module: Modules, tmp_path: Path) -> None:
    save_model_folder(module, tmp_path / "model", "")
    new = small_module()
    report = load_fitting_weights(new, tmp_path / "model").report
    assert "not in it, starts untrained: discriminators" in report
    for name, weight in module.synthesis_generator.state_dict().items():
        assert torch.equal(new.generator.state_dict()[name], weight)


def test_a_folder_of_the_users_goes_before_a_shipped_one(
    module: Vid2VidModule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model_folder(module, Path("street"), "")
    assert ModelFolder.find("street") == ModelFolder(Path("street"))
    # any other folder does not
    Path("street", SETTINGS).unlink()
    found = ModelFolder.find("street")
    assert found is None or found.path.is_absolute()


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (SETTINGS, "{", "cannot be read as the folder of a model"),
        (SETTINGS, "[]", "cannot be read as the folder of a model"),
        (SETTINGS, '{"settings": {}}', "cannot be read as the folder of a model"),
        (WEIGHTS, "no weights", "cannot be read as the folder of a model"),
        (WEIGHTS, None, "cannot be read as the folder of a model"),
    ],
)
def test_a_damaged_folder(file: str, content: str | None, message: str, module: Vid2VidModule, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    save_model_folder(module, folder, "")
    if content is None:
        (folder / file).unlink()
    else:
        write_text(folder / file, content)
    with pytest.raises(CheckpointError, match=f"{folder}: {message}"):
        load(folder)


def test_settings_of_larger_networks_take_no_memory(module: Vid2VidModule, tmp_path: Path) -> None:
    save_model_folder(module, tmp_path, "")
    text = (tmp_path / SETTINGS).read_text()
    width = f'"base_channels": {module.generator.config.base_channels}'
    assert width in text
    write_text(tmp_path / SETTINGS, text.replace(width, '"base_channels": 4096', 1))
    with pytest.raises(CheckpointError, match="they describe networks of"):
        load(tmp_path)


def test_an_unknown_name() -> None:
    with pytest.raises(CheckpointError, match="nothing: there is no such checkpoint, and none of the models that come"):
        load("nothing")
