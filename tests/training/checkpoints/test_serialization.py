"""Checkpoints: plain, safe to load, equal to what was trained; and anything else is refused with its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from vid2vid import Vid2VidDataModule, Vid2VidModule, load
from vid2vid.errors import CheckpointError
from vid2vid.pretrained.perceptual_networks import FEATURE_NETWORKS
from vid2vid.training.checkpoints.serialization import save

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]


@pytest.fixture(scope="module")
def run(
    small_module: Modules, street_data: DataModules, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Vid2VidModule, Path]:
    """A trained module, and the checkpoint that Lightning wrote of it."""
    folder = tmp_path_factory.mktemp("run")
    # without flow in the data: the flow estimator has worked when the checkpoint is written
    data, module = street_data(flow_strides=[], flow_cache=False), small_module(flow_estimator={"kind": "dis"})
    trainer = pl.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        max_epochs=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[ModelCheckpoint(folder, save_last=True)],
    )
    trainer.fit(module, data)
    return module, folder / "last.ckpt"


@pytest.fixture
def content(run: tuple[Vid2VidModule, Path]) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(run[1], weights_only=True)
    return found


def test_the_loaded_module_is_the_trained_one(run: tuple[Vid2VidModule, Path]) -> None:
    module, path = run
    loaded = load(path)
    assert not loaded.training
    assert dict(loaded.hparams) == dict(module.hparams)
    assert loaded.condition == module.condition
    source = torch.randint(9, (2, 5, 1, 30, 42), dtype=torch.uint8)
    module.eval()
    with torch.no_grad():
        before, after = module(source), load(str(path))(source)
    for name in ("fake", "hallucinated", "warped", "flow", "mask"):
        assert torch.equal(getattr(before, name), getattr(after, name)), name


def test_a_checkpoint_holds_f_and_the_discriminators_and_plain_settings(content: dict[str, Any]) -> None:
    assert {name.split(".")[0] for name in content["state_dict"]} == {"generator", "discriminators"}
    settings = content["hyper_parameters"]
    assert set(settings) == {
        "condition",
        "generator",
        "discriminators",
        "objective",
        "optimizer",
        "rollout",
        "flow_estimator",
    }
    assert all(kind in (int, float, str, bool) for kind in leaves(settings))
    assert settings["generator"]["base_channels"] == 4
    assert settings["condition"]["label_names"][0] == "road"


def leaves(value: object) -> set[type]:
    if type(value) is dict:
        return set().union(*(leaves(child) for child in value.values())) | {type(key) for key in value}
    if type(value) is list:
        return set().union(*(leaves(child) for child in value))
    return {type(value)}


def test_lightning_loads_it_too(run: tuple[Vid2VidModule, Path]) -> None:
    module, path = run
    loaded = Vid2VidModule.load_from_checkpoint(path, map_location="cpu", weights_only=True)
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in loaded.state_dict().items())


def test_a_training_goes_on_from_it(
    run: tuple[Vid2VidModule, Path],
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Trainers,
) -> None:
    module, path = run
    resumed = small_module()
    trainer = quiet_trainer(max_epochs=1)
    trainer.fit(resumed, street_data(), ckpt_path=path, weights_only=True)
    assert trainer.current_epoch == 1
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in resumed.state_dict().items())
    moments = trainer.optimizers[0].state_dict()["state"]
    assert moments[0]["step"] > 0


class TinyNetwork(torch.nn.Module):
    """Stands in for the perceptual network, whose weights are not on every machine."""

    def __init__(self, weights: str) -> None:
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 2, 3, padding=1)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        return [self.layer(images)] * 5


def test_the_perceptual_network_stays_out(
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Trainers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(FEATURE_NETWORKS, "vgg19", TinyNetwork)
    module = small_module(objective={"perceptual_weight": 1.0})
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=0)
    trainer.fit(module, street_data())
    assert trainer.callback_metrics["train/F/perceptual"] > 0
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    saved = torch.load(tmp_path / "a.ckpt", weights_only=True)
    assert [name for name in module.state_dict() if name.startswith("objective.perceptual")]
    assert not [name for name in saved["state_dict"] if name.startswith("objective")]
    monkeypatch.delitem(FEATURE_NETWORKS, "vgg19")
    assert torch.equal(next(load(tmp_path / "a.ckpt").parameters()), next(module.parameters()))


# ---- refusals ------------------------------------------------------------------------------------------------------


class Intruder:
    """Pickles to a call that leaves a file behind."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.proof,)  # type: ignore[return-value]


@pytest.mark.parametrize("where", ["alone", "inside", "not zipped"])
def test_code_in_a_file_is_not_run(where: str, content: dict[str, Any], tmp_path: Path) -> None:
    path, proof = tmp_path / "evil.ckpt", tmp_path / "ran"
    intruder = Intruder(proof)
    inside = {**content, "extra": intruder}
    torch.save(intruder if where == "alone" else inside, path, _use_new_zipfile_serialization=where != "not zipped")
    with pytest.raises(CheckpointError, match=r"evil\.ckpt: .* not a file of weights only") as error:
        load(path)
    assert not proof.exists()
    assert "weights_only" not in str(error.value)
    torch.load(path, weights_only=False)
    assert proof.exists()


def test_files_of_something_else_are_refused(tmp_path: Path, run: tuple[Vid2VidModule, Path]) -> None:
    whole = run[1].read_bytes()
    files = {
        "text.ckpt": b"not a checkpoint\n",
        "empty.ckpt": b"",
        "noise.ckpt": bytes(torch.randint(256, (5000,), dtype=torch.uint8).tolist()),
        "cut.ckpt": whole[: len(whole) // 2],
        "picture.ckpt": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(CheckpointError, match=rf"{name}: cannot be read as a checkpoint"):
            load(path)
    with pytest.raises(CheckpointError, match=r"none\.ckpt: there is no such checkpoint"):
        load(tmp_path / "none.ckpt")


def test_of_a_folder_its_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=rf"{tmp_path}: is a folder, not a checkpoint; give a \.ckpt file"):
        load(tmp_path)
    for name in ("last.ckpt", "checkpoints/last.ckpt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        with pytest.raises(CheckpointError, match=rf"is a folder, .* give the one in it: {tmp_path / name}\."):
            load(tmp_path)


OTHERS: dict[str, Any] = {
    "a tensor": torch.zeros(3),
    "a list": [1, 2],
    "weights alone": {"layer.weight": torch.zeros(3)},
    "another module's checkpoint": {"state_dict": {}, "hyper_parameters": {"lr": 0.1}},
    "no settings": {"state_dict": {}, "hyper_parameters": None},
    "settings of another kind": {"state_dict": {}, "hyper_parameters": {"condition": 3}},
    "a condition alone": {"state_dict": {}, "hyper_parameters": {"condition": {"kind": "edges"}}},
}


@pytest.mark.parametrize("name", OTHERS)
def test_torch_files_of_something_else_are_refused(name: str, tmp_path: Path) -> None:
    torch.save(OTHERS[name], tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match=r"other\.ckpt: "):
        load(tmp_path / "other.ckpt")


def test_checkpoints_of_other_versions_are_refused_by_their_format(content: dict[str, Any], tmp_path: Path) -> None:
    assert content["vid2vid"] == {"kind": "video", "format": 1}
    del content["vid2vid"]
    torch.save(content, tmp_path / "old.ckpt")
    with pytest.raises(
        CheckpointError, match=r"old\.ckpt: is a checkpoint of another version .*format 0, kind not nam"
    ):
        load(tmp_path / "old.ckpt")
    torch.save({**content, "vid2vid": {"kind": "diffusion", "format": 9}}, tmp_path / "new.ckpt")
    with pytest.raises(
        CheckpointError, match=r"new\.ckpt: .*\(format 9, kind diffusion\); this version reads format 1 "
    ):
        load(tmp_path / "new.ckpt")
    with pytest.raises(CheckpointError, match="another kind of model or another version: its header is None"):
        Vid2VidModule.load_from_checkpoint(tmp_path / "old.ckpt", weights_only=True)


def test_optimisers_are_stored_by_name(content: dict[str, Any]) -> None:
    assert list(content["optimizer_states"]) == ["F", "D_I", "D_V"]


def altered(content: dict[str, Any], kind: str) -> dict[str, Any]:
    weights, settings = dict(content["state_dict"]), dict(content["hyper_parameters"])
    name = "generator.frame.scales.0.hallucination_head.1.weight"
    if kind == "missing weight":
        del weights[name]
    elif kind == "another shape":
        weights[name] = weights[name][:1]
    elif kind == "one too many":
        weights["generator.extra"] = torch.zeros(1)
    elif kind == "unknown setting":
        settings["generator"] = {**settings["generator"], "depth": 3}
    elif kind == "unknown part":
        settings["renderer"] = {}
    elif kind == "impossible setting":
        settings["rollout"] = {**settings["rollout"], "chunk_frames": 0}
    elif kind == "weights that are none":
        return {**content, "state_dict": 3}
    elif kind == "no weights":
        return {name: part for name, part in content.items() if name != "state_dict"}
    return {**content, "state_dict": weights, "hyper_parameters": settings}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing weight", r"weights do not fit .*hallucination_head\.1\.weight"),
        ("another shape", r"weights do not fit .*hallucination_head\.1\.weight"),
        ("one too many", r"weights do not fit .*generator\.extra"),
        ("no weights", "state_dict"),
        ("weights that are none", "weights do not fit"),
        ("unknown setting", r"generator\.depth"),
        ("unknown part", "renderer"),
        ("impossible setting", "chunk_frames"),
    ],
)
def test_checkpoints_that_do_not_fit_are_refused(
    kind: str, message: str, content: dict[str, Any], tmp_path: Path
) -> None:
    torch.save(altered(content, kind), tmp_path / "odd.ckpt")
    with pytest.raises(CheckpointError, match=rf"(?s)odd\.ckpt: .*{message}"):
        load(tmp_path / "odd.ckpt")


@pytest.mark.parametrize("channels", [4096, 2**40])
def test_networks_far_larger_than_the_file_are_refused(
    channels: int, small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    save(small_module(), tmp_path / "a.ckpt")
    content = torch.load(tmp_path / "a.ckpt", weights_only=True)
    content["hyper_parameters"]["generator"]["base_channels"] = channels
    torch.save(content, tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="its settings do not fit"):
        load(tmp_path / "a.ckpt")
