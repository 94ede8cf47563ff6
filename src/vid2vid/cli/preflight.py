"""``vid2vid train … preflight=true``: what a training would be, from two batches of it, before it takes a night."""

import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only
from torch import nn

from vid2vid.cli.trainer import processes
from vid2vid.data.curriculum import Curriculum
from vid2vid.data.module import Vid2VidDataModule
from vid2vid.errors import ConfigError
from vid2vid.settings import OptimizerConfig, TrainerConfig, build
from vid2vid.training import ImageModule, Vid2VidModule
from vid2vid.training.resume import asked
from vid2vid.training.watch import peak_memory

_BATCHES = 2
"""The first one warms up: memory is taken, workers start."""


def refuse_resume(config: DictConfig) -> None:
    """Refuse to try out a training that goes on.

    Raises:
        ConfigError: Both ``preflight`` and ``resume`` are asked for.
    """
    if config.preflight and asked(config.resume):
        raise ConfigError("preflight=true tries a training out from its beginning: leave resume away.")


def try_out(settings: dict[str, Any], module: Vid2VidModule | ImageModule, data: Vid2VidDataModule) -> None:
    """Train two batches and print the parameters, the schedule and what a batch costs; nothing is written to run_dir.

    Weights of earlier stages or of ``init_from`` are not loaded: they change no size and no time.

    Args:
        settings: The whole configuration of a training in one go, or of one stage.
        module: What would be trained.
        data: On what.

    Raises:
        ConfigError: A setting cannot work.
        DataError: A file cannot be used.
    """
    config = build(TrainerConfig, settings["trainer"], "trainer")
    watch = _Watch()
    trainer = pl.Trainer(
        **processes(config),
        max_epochs=config.max_epochs,
        limit_val_batches=0,
        enable_progress_bar=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        logger=False,
        callbacks=[watch],
        num_sanity_val_steps=0,
    )
    trainer.fit(module, data)
    framing = data.framing
    size = f"{framing.width} x {framing.height}" if framing.height else "as in the files"
    _print(
        f"{settings['run_dir']}: {size}, {config.max_epochs} epochs of {trainer.num_training_batches} batches or less"
    )
    for part in (parameters(module), schedule(settings, data), costs(config, data, watch, trainer)):
        _print(part)


def parameters(module: Vid2VidModule | ImageModule) -> str:
    """Return how many numbers each network learns, a line for each."""
    networks: dict[str, nn.Module] = {"generator": module.generator}
    networks.update({f"  scale {i}": scale for i, scale in enumerate(module.spatial_scales())})
    if isinstance(module, Vid2VidModule):
        networks["D_I"] = module.critics.image
        networks.update({f"D_V, stride {stride}": critic for stride, critic in module.critics.video.items()})
    else:
        networks["D_I"] = module.critic
    counts = {name: sum(p.numel() for p in network.parameters()) for name, network in networks.items()}
    return "\n".join([f"{'network':<20}{'parameters':>14}", *(f"{n:<20}{count:>14,}" for n, count in counts.items())])


def schedule(settings: dict[str, Any], data: Vid2VidDataModule) -> str:
    """Return how long the clips are, what learns and at which rate, a line for each run of equal epochs."""
    optimizer = build(OptimizerConfig, settings["optimizer"], "optimizer")
    epochs = settings["trainer"]["max_epochs"]
    if epochs < 1:
        return "no end is set (trainer.max_epochs): the learning rate stays constant"
    lines = [f"{'epochs':<12}{'clip frames':<13}{'learns':<18}lr of F"]
    rows = [_epoch(i, epochs, optimizer, Curriculum.of(data.loader)) for i in range(epochs)]
    for row, same in groupby(enumerate(rows), key=lambda pair: pair[1]):
        numbers = [i for i, _ in same]
        span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        lines.append(f"{span:<12}{row[0]:<13}{row[1]:<18}{row[2]}")
    return "\n".join(lines)


def costs(config: TrainerConfig, data: Vid2VidDataModule, watch: "_Watch", trainer: pl.Trainer) -> str:
    """Return what a batch costs, and from that the whole training, a line for each."""
    (memory,) = peak_memory(trainer.strategy.root_device).values() or (float("nan"),)
    lines = [
        f"{'a batch':<20}{watch.seconds:.2f} s, clips of {watch.frames} frames",
        f"{'peak memory so far':<20}{memory:.2f} GiB",
    ]
    if config.max_epochs > 0:
        seconds = watch.seconds / watch.frames * sum(_frames(data, config.max_epochs, trainer.world_size))
        hours, minutes = divmod(round(seconds / 60), 60)
        lines.append(f"{'all epochs':<20}about {hours} h {minutes:02d} min, without validation and previews")
    return "\n".join(lines)


def _epoch(epoch: int, epochs: int, optimizer: OptimizerConfig, curriculum: Curriculum) -> tuple[int, str, str]:
    alone = epoch < optimizer.alone_epochs
    falls = epoch > optimizer.decay_from * epochs
    rate = f"{optimizer.lr:g}" + (" falling to 0" if falls else "")
    return curriculum.frames_in(epoch), "finest scale only" if alone else "all scales", rate


def _frames(data: Vid2VidDataModule, epochs: int, world_size: int) -> Iterator[int]:
    """Yield for each epoch the frames that a clip of each of its batches has, added up."""
    curriculum, sequences = Curriculum.of(data.loader), data.manifest.split("train")
    for epoch in range(epochs):
        frames = curriculum.frames_in(epoch)
        windows = data.loader.repeats * sum(sequence.frames // frames for sequence in sequences) // world_size
        yield -(-windows // data.loader.batch_size) * frames


class _Watch(pl.Callback):
    """Times the last of some batches, and stops the training behind it.

    Attributes:
        seconds: How long the last batch took.
        frames: Frames T of its clips.
    """

    seconds = 0.0
    frames = 1
    _done = 0

    def on_train_batch_start(self, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Take the time."""
        self._start = time.perf_counter()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Take the time that has gone by."""
        clip = args[1]
        # the GPU works beside the program: reading a number waits for it
        for value in trainer.callback_metrics.values():
            value.item()
        self.seconds, self.frames = time.perf_counter() - self._start, clip.real.shape[1]
        self._done += 1
        trainer.should_stop = self._done >= _BATCHES


@rank_zero_only
def _print(text: str) -> None:
    print(text + "\n")  # noqa: T201
