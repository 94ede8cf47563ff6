"""``vid2vid train … preflight=true``: what a training would cost, measured on two of its batches."""

import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities import rank_zero_only

from vid2vid.cli.trainer import limit, new_trainer
from vid2vid.config import OptimizerConfig
from vid2vid.config.commands import Train
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.data.sampler import Curriculum, WindowSampler
from vid2vid.errors import ConfigError
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.callbacks.throughput import peak_memory

_BATCHES = 2
"""The first one warms up: memory is taken, workers start."""


def try_out(settings: Train, module: AdversarialModule[Any], data: Vid2VidDataModule) -> None:
    """Train two batches and print parameters, schedule and the cost of a batch; nothing is written to ``run_dir``.

    Args:
        settings: The whole configuration of a training in one go, or of one stage.
        module: The module.
        data: The data.

    Raises:
        ConfigError: A setting cannot work.
        DataError: A file cannot be used.
    """
    config = settings.trainer
    timer = BatchTimer()
    trainer = new_trainer(
        config,
        max_epochs=config.max_epochs,
        limit_train_batches=limit(config.limit_train_batches),
        limit_val_batches=0,
        log_every_n_steps=1,
        enable_progress_bar=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        logger=False,
        callbacks=[timer],
        num_sanity_val_steps=0,
    )
    trainer.fit(module, data)
    if not timer.batches:
        raise ConfigError(
            f"there is no batch to train with trainer.max_epochs={config.max_epochs} and "
            f"trainer.limit_train_batches={config.limit_train_batches:g}: set them above 0."
        )
    crop_resize = data.crop_resize
    size = f"{crop_resize.width} x {crop_resize.height}" if crop_resize.height else "as in the files"
    epochs = f"{config.max_epochs} epochs" if config.max_epochs > 0 else "epochs without end"
    _print(f"{settings.run_dir}: {size}, {epochs} of {trainer.num_training_batches} batches or less")
    batches = list(_batches(data, trainer))
    for part in (parameters(module), schedule(settings, data, batches), costs(settings, data, batches, timer)):
        _print(part)


def parameters(module: AdversarialModule[Any]) -> str:
    """Return how many numbers each network learns, a line for each."""
    counts = {name: sum(p.numel() for p in network.parameters()) for name, network in module.networks().items()}
    return "\n".join([f"{'network':<20}{'parameters':>14}", *(f"{n:<20}{count:>14,}" for n, count in counts.items())])


def schedule(settings: Train, data: Vid2VidDataModule, batches: list[int]) -> str:
    """Return length of clips, layers that learn and learning rate, a line for each run of equal epochs.

    Args:
        settings: The whole configuration.
        data: The data.
        batches: Number of batches of each epoch; empty if the training has no set end.
    """
    if not batches:
        return "no end is set (trainer.max_epochs): the learning rate stays constant"
    optimizer = settings.optimizer
    curriculum = Curriculum.of(data.loader)
    lines = [f"{'epochs':<12}{'batches each':<14}{'clip frames':<13}{'learns':<18}lr of F"]
    rows = [
        f"{count:<14}{curriculum.frames_in(i):<13}{_learning(i, len(batches), optimizer)}"
        for i, count in enumerate(batches)
    ]
    for row, same in groupby(enumerate(rows), key=lambda pair: pair[1]):
        numbers = [i for i, _ in same]
        span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        lines.append(f"{span:<12}{row}")
    return "\n".join(lines)


def costs(settings: Train, data: Vid2VidDataModule, batches: list[int], timer: "BatchTimer") -> str:
    """Return the cost of a batch, and an estimate for the whole training; arguments as in `schedule`."""
    which = "the second batch" if timer.batches > 1 else "the only batch, which warmed up"
    lines = [
        f"{'a batch':<20}{timer.seconds:.2f} s, {timer.waited:.2f} s of them for data: {which}, "
        f"clips of {timer.frames} frames",
        f"{'processor time':<20}{timer.busy:.2f} s for this batch, of all threads, without loader workers",
        f"{'peak memory':<20}{timer.memory}",
    ]
    if batches:
        curriculum = Curriculum.of(data.loader)
        frames = sum(count * curriculum.frames_in(i) for i, count in enumerate(batches))
        hours, minutes = divmod(round(timer.seconds / timer.frames * frames / 60), 60)
        lines.append(f"{'all epochs':<20}about {hours} h {minutes:02d} min, without validation and previews")
        if settings.optimizer.freeze_coarse_epochs:
            lines.append(f"{'':<20}or longer: in the batch that was timed the finest scale learnt alone")
    if settings.trainer.max_time:
        lines.append(f"{'time limit':<20}{settings.trainer.max_time} (days:hours:minutes:seconds)")
    return "\n".join(lines)


def _learning(epoch: int, epochs: int, optimizer: OptimizerConfig) -> str:
    """Return the scales that learn in an epoch, and their learning rate."""
    learns = "finest scale only" if epoch < optimizer.freeze_coarse_epochs else "all scales"
    falling = " falling to 0" if epoch > optimizer.decay_from * epochs else ""
    return f"{learns:<18}{optimizer.lr:g}{falling}"


def _batches(data: Vid2VidDataModule, trainer: pl.Trainer) -> Iterator[int]:
    """Yield the number of batches of each epoch and process; nothing if the training has no set end."""
    sequences = data.prepare_manifest().split("train")
    sampler = WindowSampler(
        sequences, Curriculum.of(data.loader), data.loader.seed, data.loader.repeats, world_size=trainer.world_size
    )
    for epoch in range(trainer.max_epochs or 0):
        sampler.set_epoch(epoch)
        # Lightning reads the limit once, from the first epoch; later ones are no longer than that
        yield min(int(trainer.num_training_batches), -(-len(sampler) // data.loader.batch_size))


class BatchTimer(pl.Callback):
    """Times the last of a few batches, and then stops the training.

    Attributes:
        batches: Number of trained batches.
        seconds: Duration of the last batch from the end of the one before; of the first, from its own start.
        waited: Seconds of these spent waiting for data.
        busy: Processor time of all threads of the process in these seconds.
        frames: Frames T of its clips.
        memory: The peak memory, and of what.
    """

    batches = 0
    seconds = waited = busy = 0.0
    frames = 1
    memory = "not known on this machine"
    _ended: float | None = None
    _busy = 0.0

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Reset the peak memory of a GPU, which an earlier stage used too; that of a process cannot be reset."""
        device = trainer.strategy.root_device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)

    def on_train_batch_start(self, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Note when the data of a batch have arrived."""
        self._started = time.perf_counter()
        if self._ended is None:
            self._busy = time.process_time()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Note duration and peak memory of the batch."""
        clip = args[1]
        # the GPU works asynchronously: reading a number waits for it
        for value in trainer.callback_metrics.values():
            value.item()
        now, before = time.perf_counter(), self._started if self._ended is None else self._ended
        self.seconds, self.waited, self._ended = now - before, self._started - before, now
        busy = time.process_time()
        self.busy, self._busy = busy - self._busy, busy
        self.frames = clip.real.shape[1]
        device = trainer.strategy.root_device
        of = "the GPU" if device.type == "cuda" else "the process so far"
        for gib in peak_memory(device).values():
            self.memory = f"{gib:.2f} GiB of {of}"
        self.batches += 1
        trainer.should_stop = self.batches >= _BATCHES


@rank_zero_only
def _print(text: str) -> None:
    print(text + "\n")  # noqa: T201
