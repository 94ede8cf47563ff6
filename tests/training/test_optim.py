"""Optimisers, their learning rates, and the running average of F's weights."""

import copy
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
import torch
from pytorch_lightning import Callback, Trainer
from pytorch_lightning.callbacks import Timer
from torch import Tensor, nn

from vid2vid import Synthesizer, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.config import OptimizerConfig
from vid2vid.data.conditions import encode
from vid2vid.generator import conditions_with_context
from vid2vid.training.optim import lr_factor, running_average

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., Trainer]


def test_average_follows_the_weights_at_its_decay() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = running_average(network, OptimizerConfig(ema_decay=0.75))
    assert average is not None
    expected = None
    for value in (1.0, 3.0, -2.0):
        with torch.no_grad():
            network.weight.fill_(value)
        average.update_parameters(network)
        # the first update takes the weights as they are
        expected = value if expected is None else 0.75 * expected + 0.25 * value
        assert float(average.module.state_dict()["weight"]) == pytest.approx(expected)


def test_average_takes_no_gradient_and_can_be_left_out() -> None:
    network = nn.Linear(1, 1)
    average = running_average(network, OptimizerConfig(ema_decay=0.9))
    assert average is not None
    assert not any(parameter.requires_grad for parameter in average.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert running_average(network, OptimizerConfig()) is None


def test_synthesis_uses_the_average_and_training_does_not(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    module = small_module(optimizer={"lr": 1e-2, "ema_decay": 0.5})
    assert module.average is not None
    trainer = quiet_trainer(limit_train_batches=3)
    trainer.fit(module, street_data())
    raw, average = (weights(network) for network in (module.generator, module.average.module))
    assert (raw != average).float().mean() > 0.9
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    loaded = load(tmp_path / "a.ckpt", Vid2VidModule)
    assert torch.equal(weights(loaded.generator), raw)
    assert torch.equal(weights(loaded.synthesis_generator), average)
    source = torch.randint(9, (1, 4, 1, 16, 16), dtype=torch.uint8)
    synthesizer = Synthesizer(loaded)
    streamed = torch.stack([synthesizer.step(source[:, t]).fake for t in range(4)], dim=1)
    code = conditions_with_context(encode(loaded.condition, source), 2)
    with torch.no_grad():
        wanted, other = loaded.synthesis_generator(code, None).fake, loaded.generator(code, None).fake
        found = loaded(source).fake
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(streamed, wanted, atol=1e-4, rtol=0)
    assert (found - other).abs().max() > 0.01


def stepped(network: nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> Tensor:
    for step in range(steps):
        for parameter in network.parameters():
            parameter.grad = torch.full_like(parameter, 0.1 * (step + 1))
        optimizer.step()
    return weights(network)


def weights(network: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def test_the_rate_is_constant_and_then_falls_to_zero() -> None:
    assert [lr_factor(progress, 1.0) for progress in (0.0, 0.9, 1.0)] == [1, 1, 1]
    assert [lr_factor(progress, 0.5) for progress in (0.0, 0.25, 0.5, 0.75, 1.0)] == [1, 1, 1, 0.5, 0]
    assert [lr_factor(progress, 0.0) for progress in (0.0, 0.25, 1.0)] == [1, 0.75, 0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("epochs", "seconds", "used", "expected"),
    [
        (2, 0, 0, [1.0, 1.0]),
        (4, 0, 0, [1.0, 1.0, 1.0, 0.5]),
        # three quarters of the time are over already, as after a resumption on a slow machine
        (2, 4000, 3000, [0.5, 0.5]),
        # the end of the epochs is nearer
        (4, 4000, 1000, [1.0, 1.0, 1.0, 0.5]),
    ],
)
def test_the_rate_falls_by_epochs_or_by_the_time_limit(
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Trainers,
    epochs: int,
    seconds: int,
    used: float,
    expected: list[float],
) -> None:
    class Rates(Callback):
        found: ClassVar[list[float]] = []

        def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
            group = trainer.optimizers[0].param_groups[0]
            self.found.append(group["lr"] / group["initial_lr"])

    rates = Rates()
    rates.found.clear()
    limit = {"max_time": {"seconds": seconds}} if seconds else {}
    trainer = quiet_trainer(limit_train_batches=1, max_epochs=epochs, callbacks=[rates], **limit)
    callbacks = cast("Any", trainer).callbacks
    for timer in (callback for callback in callbacks if isinstance(callback, Timer)):
        timer.load_state_dict({"time_elapsed": {"train": used, "sanity_check": 0, "validate": 0, "test": 0}})
    trainer.fit(small_module(optimizer={"decay_from": 0.5}), street_data())
    # some seconds of four thousand pass meanwhile
    assert rates.found == pytest.approx(expected, abs=0.03)


def test_a_module_with_an_average_and_its_losses_can_be_pickled_and_copied(
    small_module: Callable[..., Vid2VidModule],
) -> None:
    module = small_module(optimizer={"ema_decay": 0.9})
    for twin in (ForkingPickler.loads(ForkingPickler.dumps(module)), copy.deepcopy(module)):
        assert weights(twin).equal(weights(module))
        assert weights(twin.synthesis_generator).equal(weights(module.synthesis_generator))
        assert twin.average is not None
        twin.average.update_parameters(twin.generator)
