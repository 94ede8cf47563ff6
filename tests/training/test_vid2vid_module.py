"""What a step of the training does to F, D_I and D_V, and what it logs."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins import MixedPrecision
from torch import Tensor, nn

from vid2vid import Clip, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.errors import ConfigError, DataError
from vid2vid.metrics.image_quality import psnr
from vid2vid.metrics.temporal import warping_error
from vid2vid.ops import to_images
from vid2vid.training.adversarial_module import step_seed
from vid2vid.training.chunks import Chunk, rollout_chunks
from vid2vid.training.discriminator_inputs import discriminator_inputs
from vid2vid.types import Flow, Rollout

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]
ONE_CHUNK = {"chunk_frames": 64}


def networks(module: Vid2VidModule) -> dict[str, nn.Module]:
    return {"F": module.generator, "D_I": module.discriminators.image, "D_V": module.discriminators.video}


def weights(network: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).clone()


def first_clip(data: Vid2VidDataModule) -> Clip:
    data.setup("fit")
    clip: Clip = next(iter(data.train_dataloader()))
    return clip


# ---- the optimisers -------------------------------------------------------------------------------------------------


class Spy(pl.Callback):
    """Keeps each optimiser's gradient as it stands before its step, and its learning rates."""

    def __init__(self, still: int | None = None) -> None:
        self.still = still
        self.gradients: list[Tensor] = []
        self.rates: list[list[float]] = []

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        self.rates.append([group["lr"] for optimizer in trainer.optimizers for group in optimizer.param_groups])
        if self.still is not None:
            trainer.optimizers[self.still].param_groups[0]["lr"] = 0.0

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        parts = [p.grad.flatten() for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        self.gradients.append(torch.cat(parts).clone())


def test_a_step_changes_all_three_networks(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module = small_module()
    before = {name: weights(network) for name, network in networks(module).items()}
    quiet_trainer(limit_train_batches=1, limit_val_batches=0).fit(module, street_data())
    for name, network in networks(module).items():
        changed = (weights(network) != before[name]).float().mean()
        assert changed > 0.9, name


@pytest.mark.parametrize("still", [0, 1, 2])
def test_each_optimiser_changes_its_own_network_only(
    still: int, small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module = small_module()
    before = {name: weights(network) for name, network in networks(module).items()}
    quiet_trainer(limit_train_batches=1, limit_val_batches=0, callbacks=[Spy(still)]).fit(module, street_data())
    unchanged = [name for name, network in networks(module).items() if torch.equal(weights(network), before[name])]
    assert unchanged == [["F", "D_I", "D_V"][still]]


def test_each_gradient_is_that_of_the_networks_own_loss(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module = small_module(rollout=ONE_CHUNK)
    expected = own_gradients(module, first_clip(street_data()))
    spy = Spy()
    torch.manual_seed(0)
    quiet_trainer(limit_train_batches=1, limit_val_batches=0, callbacks=[spy]).fit(module, street_data())
    assert len(spy.gradients) == 3
    for found, wanted in zip(spy.gradients, expected, strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-3)


def own_gradients(module: Vid2VidModule, clip: Clip) -> list[Tensor]:
    """Differentiate the losses of F, D_I and D_V one by one, nothing toggled or accumulated."""
    (chunk,) = rollout_chunks(module.generator, module.clip_tensors(clip), module.rollout_config)
    # what φ_I and φ_V draw in the first batch of a training that was seeded with 0
    torch.manual_seed(step_seed(0, epoch=0, batch=0, rank=0))
    shown = discriminator_inputs(module.discriminators, chunk, [chunk.rollout.fake, chunk.rollout.hallucinated])
    features = {name: [view.detached_features() for view in views] for name, views in shown.items()}
    discriminators = [
        torch.stack([module.objective.discriminator(j) for j in features[name]]).sum() for name in ("D_I", "D_V")
    ]
    terms = {"L_I": torch.zeros(()), "L_V": torch.zeros(()), "feature_matching": torch.zeros(())}
    for name, views in shown.items():
        for view, known in zip(views, features[name], strict=True):
            gan, matching = module.objective.generator(view.features(known.real))
            term = name.replace("D_", "L_")
            terms[term] = terms[term] + gan
            terms["feature_matching"] = terms["feature_matching"] + matching
    losses = [module.objective.total({**terms, **flow_terms(module, chunk)}), *discriminators]
    found = []
    for loss, network in zip(losses, networks(module).values(), strict=True):
        parts = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True)
        found.append(torch.cat([part.flatten() for part in parts]))
    return found


def flow_terms(module: Vid2VidModule, chunk: Chunk[Rollout]) -> dict[str, Tensor]:
    first, count = chunk.start - 1, chunk.stop - chunk.start
    pairs = [(chunk.clip.real[:, first + i], chunk.fakes[:, first + i].detach()) for i in range(count)]
    previous = torch.stack([torch.stack(pair, dim=1) for pair in pairs], dim=1)
    flow = chunk.clip.flows[1]
    reference = Flow(flow.vectors[:, first : first + count], flow.confidence[:, first : first + count])
    return module.objective.flow(chunk.rollout, previous, chunk.real, reference)


def scaled() -> MixedPrecision:
    """The scaling of gradients that float16 needs, around computations in float32."""

    class Scaled(MixedPrecision):
        def autocast_context_manager(self) -> Any:  # noqa: ANN401 - in place of an autocast
            return nullcontext()

    return Scaled("16-mixed", "cpu", torch.amp.GradScaler("cpu"))


@pytest.mark.parametrize("plugins", [lambda: [], lambda: [scaled()]], ids=["float32", "scaled"])
def test_clip_norm_bounds_each_networks_gradient(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, plugins: Callable[[], list[Any]]
) -> None:
    norms: list[float] = []

    class Norms(pl.Callback):
        def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            for optimizer in trainer.optimizers:
                optimizer.register_step_post_hook(self.note)

        def note(self, optimizer: torch.optim.Optimizer, *args: Any) -> None:  # noqa: ANN401 - torch's signature
            norms.append(float(torch.nn.utils.get_total_norm([p.grad for p in optimizer.param_groups[0]["params"]])))

    trainer = quiet_trainer(limit_train_batches=2, limit_val_batches=0, callbacks=[Norms()], plugins=plugins())
    trainer.fit(small_module(optimizer={"clip_norm": 0.01}, rollout=ONE_CHUNK), street_data())
    assert len(norms) == 6
    assert norms == pytest.approx([0.01] * 6, rel=1e-3)


def test_the_learning_rates_fall_together(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    spy = Spy()
    trainer = quiet_trainer(max_epochs=4, limit_train_batches=1, limit_val_batches=0, callbacks=[spy])
    trainer.fit(small_module(optimizer={"lr": 1e-3, "decay_from": 0.25}), street_data())
    thirds = [1.0, 1.0, 2 / 3, 1 / 3]
    assert [pytest.approx([1e-3 * factor] * 3) for factor in thirds] == spy.rates


def test_the_discriminators_may_learn_at_another_rate(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    spy = Spy()
    trainer = quiet_trainer(max_epochs=2, limit_train_batches=1, limit_val_batches=0, callbacks=[spy])
    trainer.fit(small_module(optimizer={"lr": 1e-3, "discriminator_lr": 4e-3, "decay_from": 0.0}), street_data())
    assert spy.rates == [pytest.approx([1e-3, 4e-3, 4e-3]), pytest.approx([5e-4, 2e-3, 2e-3])]
    logged = {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith("lr/")}
    assert logged == {
        name: pytest.approx(rate) for name, rate in {"lr/F": 5e-4, "lr/D_I": 2e-3, "lr/D_V": 2e-3}.items()
    }


# ---- settings -------------------------------------------------------------------------------------------------------

GAN = {"D/L_I", "D/accuracy_L_I", "F/L_I", "F/feature_matching"}
VIDEO_GAN = {"D/L_V", "D/accuracy_L_V", "F/L_V"}
MOTION = {"F/L_W", "F/consistency"}
ALL = GAN | VIDEO_GAN | MOTION
SETTINGS: dict[str, tuple[dict[str, dict[str, Any]], set[str]]] = {
    "from nothing": ({"rollout": {"first_frame": "empty"}}, ALL),
    "from nothing, in one chunk": ({"rollout": {"first_frame": "empty", **ONE_CHUNK}}, ALL),
    "from nothing, frame by frame": ({"rollout": {"first_frame": "empty", "chunk_frames": 1}}, ALL),
    "frame by frame": ({"rollout": {"chunk_frames": 1}}, ALL),
    "chunks that do not divide the clip": ({"rollout": {"chunk_frames": 3}}, ALL),
    "one chunk": ({"rollout": ONE_CHUNK}, ALL),
    "gradient through the recursion": ({"rollout": {"bptt_frames": 3}}, ALL),
    "no flow": ({"generator": {"use_flow": False}}, GAN | VIDEO_GAN),
    "no D_V": ({"discriminators": {"temporal_strides": []}}, GAN | MOTION),
    "a D_V of too long a stride": ({"discriminators": {"temporal_strides": [1, 9]}}, ALL),
    "every frame for D_I": ({"discriminators": {"image_draws": 0}}, ALL),
    "K = 2": ({"discriminators": {"discriminator_frames": 2}}, ALL),
    "L = 1": ({"generator": {"past_frames": 1}}, ALL),
    "L = 3": ({"generator": {"past_frames": 3}}, ALL),
    "no downsampling": ({"generator": {"downsamples": 0}}, ALL),
    "hinge": ({"objective": {"adversarial": "hinge"}}, ALL),
    "log": ({"objective": {"adversarial": "log"}}, ALL),
    "h̃ left alone": ({"objective": {"supervise_hallucinated": False}}, ALL),
    "everywhere confident": ({"objective": {"mask_by_confidence": False}}, ALL),
    "plain distance": ({"objective": {"reconstruction_weight": 1.0}}, ALL | {"F/reconstruction"}),
    "batch norm": (
        {"generator": {"norm": "batch"}, "discriminators": {key: {"norm": "batch"} for key in ("image", "video")}},
        ALL,
    ),
    "a running average of F": ({"optimizer": {"ema_decay": 0.9}}, ALL),
    "a running average with batch norm": (
        {"generator": {"norm": "batch"}, "optimizer": {"ema_decay": 0.9}},
        ALL,
    ),
    "instance edges": ({"condition": {"instance_edges": True}}, ALL),
    "two scales that both learn": (
        {"generator": {"scales": 2}, "objective": {"coarser_weight": 1.0}},
        ALL | {"F/coarser"},
    ),
    "two scales": ({"generator": {"scales": 2}}, ALL),
    "three scales from nothing": ({"generator": {"scales": 3}, "rollout": {"first_frame": "empty"}}, ALL),
    "foreground prior": ({"generator": {"foreground": "prior", "foreground_labels": ["car", "24"]}}, ALL),
    "foreground over all": (
        {"generator": {"foreground": "overwrite", "foreground_labels": ["car"], "scales": 2, "norm": "batch"}},
        ALL,
    ),
    "all windows": ({"discriminators": {"video_draws": 0, "image_draws": 0}}, ALL),
    "windows that share no frame": ({"discriminators": {"video_windows": "sparse"}}, ALL),
    "spectral norm": ({"discriminators": {key: {"norm": "spectral"} for key in ("image", "video")}}, ALL),
    "augmented views": (
        {"discriminators": {key: {"augment": ["colour", "translation", "cutout"]} for key in ("image", "video")}},
        ALL,
    ),
    "R1": ({"objective": {"r1_weight": 1.0}}, ALL | {"D/R1_I", "D/R1_V"}),
    "a price on the mask": ({"objective": {"mask_weight": 1.0}}, ALL | {"F/mask"}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_it_trains_with(name: str, small_module: Modules, street_data: DataModules, quiet_trainer: Trainers) -> None:
    settings, terms = SETTINGS[name]
    data = street_data(flow_strides=[1, 2])
    condition = {**vars(data.condition), **settings.get("condition", {})}
    module = small_module(condition, **{key: value for key, value in settings.items() if key != "condition"})
    before = weights(module)
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=1)
    trainer.fit(module, data)
    logged = {key.removeprefix("train/"): float(v) for key, v in trainer.callback_metrics.items() if "train/" in key}
    assert set(logged) == terms
    assert all(torch.isfinite(torch.tensor(list(logged.values()))))
    assert logged["D/L_I"] > 0
    assert 0 <= logged["D/accuracy_L_I"] <= 1
    assert (weights(module) != before).float().mean() > 0.5
    assert bool(torch.isfinite(weights(module)).all())
    assert trainer.callback_metrics["val/psnr"] > 0


@pytest.mark.parametrize("plugins", [lambda: [], lambda: [scaled()]], ids=["float32", "scaled"])
def test_a_video_discriminator_learns_only_where_it_is_asked(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, plugins: Callable[[], list[Any]]
) -> None:
    # windows that end in frame 2 and 5 at stride 1, in 4 at stride 2, none in the chunk of frame 3
    module = small_module(
        discriminators={"video_windows": "sparse"}, rollout={"chunk_frames": 1}, optimizer={"clip_norm": 1}
    )
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=0, plugins=plugins())
    trainer.fit(module, street_data(clip_frames=6))
    discriminators = {
        "D_I": module.discriminators.image,
        **{f"D_V {stride}": one for stride, one in module.discriminators.video.items()},
    }
    moments = {p: values for optimizer in trainer.optimizers for p, values in optimizer.state.items()}
    steps = {
        name: {int(moments[p]["step"]) for p in discriminator.parameters()}
        for name, discriminator in discriminators.items()
    }
    assert steps == {"D_I": {4}, "D_V 1": {2}, "D_V 2": {1}}
    assert {"train/F/L_V", "train/D/L_V", "train/D/accuracy_L_V"} <= set(trainer.callback_metrics)


def test_the_log_tells_the_mean_of_the_chunks_in_which_it_is_asked(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = small_module(discriminators={"video_windows": "sparse"}, rollout={"chunk_frames": 1})
    learn, found = module.learn, list[dict[str, Tensor]]()

    def note(*given: Any) -> dict[str, Tensor]:  # noqa: ANN401 - as learn takes it
        found.append(learn(*given))
        return found[-1]

    monkeypatch.setattr(module, "learn", note)
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=0)
    trainer.fit(module, street_data(clip_frames=6))
    for name in ("F/L_V", "D/L_V", "D/accuracy_L_V"):
        assert [name in losses for losses in found] == [True, False, True, True]
        wanted = torch.stack([losses[name] for losses in found if name in losses]).mean()
        torch.testing.assert_close(trainer.callback_metrics[f"train/{name}"], wanted)


def test_it_trains_on_pictures_that_cannot_be_halved(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=1)
    module = small_module(generator={"downsamples": 2})
    trainer.fit(module, street_data(crop=[0, 0, 29, 51]))
    assert first_clip(street_data(crop=[0, 0, 29, 51])).real.shape[-2:] == (29, 51)
    assert trainer.callback_metrics["train/F/L_W"] > 0


@pytest.mark.parametrize("length", [2, 3])
def test_clips_that_are_too_short_are_named(
    length: int, small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module = small_module(generator={"past_frames": length})
    with pytest.raises(DataError, match=rf"clips of {length} frames .*train-0000\d:\d.*data\.clip_frames"):
        quiet_trainer(limit_val_batches=0).fit(module, street_data(clip_frames=length))
    with pytest.raises(DataError, match=rf"clips of {length} frames .*val-00000:0.*data\.val_frames"):
        quiet_trainer().validate(module, street_data(val_frames=length), verbose=False)


# ---- validation -----------------------------------------------------------------------------------------------------


def test_validation_compares_the_roll_out_with_the_real_video(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module, data = small_module(), street_data(val_frames=8)
    (logged,) = quiet_trainer().validate(module, data, verbose=False)
    (clip,) = data.val_dataloader()
    real = to_images(clip.real)
    with torch.no_grad():
        rollout = module.eval()(clip.source, real[:, :2])
    video = torch.cat([real[:, :2], rollout.fake], dim=1)
    flow = clip.flows[1]

    def mean_warping_error(frames: torch.Tensor) -> torch.Tensor:
        # the last given frame is the past of the first that counts; each clip has its own mean
        clips = zip(frames[:, 1:, None], flow.vectors[:, 1:, None], flow.confidence[:, 1:, None], strict=True)
        return torch.stack([warping_error(*(part.transpose(0, 1) for part in one)) for one in clips]).mean()

    wanted = {
        "val/psnr": psnr(rollout.fake, real[:, 2:]),
        "val/warping_error": mean_warping_error(video),
        "val/warping_error_real": mean_warping_error(real),
        "val/flow_error": (rollout.flow - flow.vectors[:, 1:]).square().sum(2).sqrt().mean(),
    }
    assert logged == pytest.approx({name: float(value) for name, value in wanted.items()}, rel=1e-5)
    assert len(clip.names) == 2


def test_the_place_of_a_batch_decides_whether_it_begins_from_nothing(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = []

    def watched(*arguments: Any) -> Iterator[Chunk[Rollout]]:  # noqa: ANN401 - those of rollout_chunks
        chunks = list(rollout_chunks(*arguments))
        starts.append(chunks[0].start)
        return iter(chunks)

    monkeypatch.setattr("vid2vid.training.vid2vid_module.rollout_chunks", watched)
    module = small_module(rollout={"empty_every": 2, "chunk_frames": 99})
    quiet_trainer(limit_train_batches=2, max_epochs=2, limit_val_batches=0).fit(module, street_data())
    assert starts == [2, 0, 2, 0]


def test_a_memory_of_objects_needs_their_ids(small_module: Callable[..., Vid2VidModule]) -> None:
    with pytest.raises(ConfigError, match=r"objects are known by their ids; set data\.instance_edges=true"):
        small_module(generator={"object_memory": True})


def test_training_notes_the_colours_of_objects_which_travel_with_the_model(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    data = street_data(instance_edges=True)
    module = small_module(data.condition, generator={"object_memory": True}, rollout=ONE_CHUNK)
    trainer = quiet_trainer(limit_train_batches=2, limit_val_batches=0)
    trainer.fit(module, data)
    assert module.class_colours is not None
    noted = module.class_colours.by_class()
    assert {"road", "building"} & set(noted)
    assert set(noted) <= set(data.condition.label_names)
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    module.save_pretrained(tmp_path / "model")
    for path in ("a.ckpt", "model"):
        stored = load(tmp_path / path, Vid2VidModule)
        assert stored.class_colours is not None
        assert stored.class_colours.by_class() == noted
