"""Distillation: the teacher goes on from the student's frames, stays as it is, and is the same after a resumption."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor

from vid2vid import Clip, Condition, ImageModule, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.condition import planes_of
from vid2vid.config import OutputConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.generator import conditions_with_context
from vid2vid.training.checkpoints.partial import load_fitting_weights
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.checkpoints.serialization import save
from vid2vid.training.chunks import rollout_chunks
from vid2vid.training.teacher import Teacher

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]
EFFICIENT: dict[str, Any] = {"form": "efficient", "downsamples": 2, "fine_channels": 4}
FLOWING: dict[str, Any] = {"flow_scale": 40}
"""Flows of some tenths of a pixel, as weights that are not trained give with the usual scale hardly any."""


@pytest.fixture
def clip(street_data: DataModules) -> Clip:
    data = street_data()
    data.setup("fit")
    found: Clip = next(iter(data.train_dataloader()))
    return found


def taught(module: Vid2VidModule, clip: Clip) -> list[dict[str, Tensor]]:
    """Return what the teacher adds to the loss of each chunk; nobody learns."""
    chunks = [terms for _, terms in module.training_chunks(clip)]
    return [{name: term.detach() for name, term in terms.items() if name.startswith("teacher")} for terms in chunks]


@pytest.mark.parametrize("rollout", [{}, {"first_frame": "empty", "bptt_frames": 3, "recompute": True}], ids=str)
@pytest.mark.parametrize("form", [FLOWING, EFFICIENT], ids=["paper", "efficient"])
def test_who_equals_the_teacher_has_nothing_to_learn(
    form: dict[str, Any], rollout: dict[str, Any], small_module: Modules, clip: Clip, tmp_path: Path
) -> None:
    path = tmp_path / "teacher.ckpt"
    teacher = small_module(generator=form, optimizer={"ema_decay": 0.9})
    parts = {"generator": form, "rollout": rollout, "objective": {"teacher_checkpoint": str(path)}}
    student, other = small_module(**parts), small_module(**parts)
    # it is the average that counts
    assert teacher.average is not None
    teacher.average.module.load_state_dict(student.generator.state_dict())
    save(teacher, path)
    same, others = taught(student, clip), taught(other, clip)
    assert len(same) == len(others) == (2 if rollout else 1)
    for terms in same:
        assert {name: float(term) for name, term in terms.items()} == dict.fromkeys(
            ("teacher_frames", "teacher_flow", "teacher_mask"), 0.0
        )
    assert all(term > 0 for terms in others for name, term in terms.items() if name != "teacher_flow")
    assert sum(float(terms["teacher_flow"]) for terms in others) > 0


def test_it_may_have_optional_planes_that_the_student_has_not(
    small_module: Modules, clip: Clip, tmp_path: Path
) -> None:
    student = small_module(objective={"teacher_checkpoint": str(tmp_path / "teacher.ckpt")})
    save(student, tmp_path / "student.ckpt")
    motion = planes_of([{"name": "motion", "optional": 0.5}])
    teacher = small_module(replace(student.condition, planes=motion))
    load_fitting_weights(teacher, tmp_path / "student.ckpt")
    save(teacher, tmp_path / "teacher.ckpt")
    (terms,) = taught(student, clip)
    assert max(map(float, terms.values())) < 1e-4


@pytest.mark.parametrize("past_frames", [1, 3])
def test_it_goes_on_from_the_students_own_frames(
    past_frames: int, small_module: Modules, clip: Clip, tmp_path: Path
) -> None:
    save(small_module(generator={"past_frames": past_frames, **FLOWING}), tmp_path / "teacher.ckpt")
    student = small_module(generator={"scales": 2}, rollout={"chunk_frames": 2})
    teacher = Teacher(tmp_path / "teacher.ckpt", student.condition, styled=False)
    tensors = student.clip_tensors(clip)
    chunks = list(rollout_chunks(student.generator, tensors, student.rollout_config))
    source = conditions_with_context(tensors.source, past_frames)
    for chunk in chunks:
        begin = max(chunk.start, past_frames)
        shown = teacher.continue_rollout(chunk, None)
        assert shown is not None
        assert shown.fake.shape == (2, chunk.stop - begin, 3, 32, 64)
        assert not shown.fake.requires_grad
        past = chunk.fakes[:, begin - past_frames : begin].detach()
        with torch.no_grad():
            for t in range(begin, chunk.stop):
                frame = teacher.generator.step(source[:, t : t + past_frames + 1], past)
                torch.testing.assert_close(shown.fake[:, t - begin], frame.fake)
                # within a chunk from its own
                past = torch.cat([past[:, 1:], frame.fake[:, None]], dim=1)
    assert [chunk.start for chunk in chunks] == [2, 4]
    (short,) = rollout_chunks(student.generator, student.clip_tensors(clip_of(clip, 3)), student.rollout_config)
    assert (teacher.continue_rollout(short, None) is None) == (past_frames == 3)


def clip_of(clip: Clip, frames: int) -> Clip:
    """Return the first frames of a clip, whose flows are computed anew."""
    return Clip(clip.source[:, :frames], clip.real[:, :frames], names=clip.names)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_f_learns_and_the_teacher_stays_as_it_is(
    precision: str, small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    path, own = tmp_path / "teacher.ckpt", tmp_path / "student.ckpt"
    save(small_module(generator=EFFICIENT), path)
    student = small_module(
        generator={**EFFICIENT, "base_channels": 2},
        objective={"teacher_checkpoint": str(path), "teacher_flow_weight": 0.0},
    )
    names, before = set(student.state_dict()), next(student.generator.parameters()).detach().clone()
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=1, precision=precision)
    trainer.fit(student, street_data())
    teacher = student.teacher()
    assert teacher is not None
    assert all(trainer.callback_metrics[f"train/F/teacher_{name}"] >= 0 for name in ("frames", "flow", "mask"))
    assert trainer.callback_metrics["train/F/teacher_frames"] > 0
    assert not torch.equal(next(student.generator.parameters()), before)
    saved: dict[str, Tensor] = torch.load(path, weights_only=True)["state_dict"]
    for name, value in teacher.generator.state_dict().items():
        assert torch.equal(value, saved[f"generator.{name}"]), name
    assert not any(
        parameter.requires_grad or parameter.grad is not None for parameter in teacher.generator.parameters()
    )
    assert not teacher.generator.training
    trainer.save_checkpoint(own)
    assert set(student.state_dict()) == set(torch.load(own, weights_only=True)["state_dict"]) == names
    # whoever uses the student needs its teacher no more
    path.unlink()
    assert load(own, Vid2VidModule).objective.config.teacher_checkpoint == str(path)


@pytest.mark.slow
def test_a_training_goes_on_bit_for_bit_and_with_the_same_teacher_only(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    path = tmp_path / "teacher.ckpt"
    save(small_module(), path)
    parts = {"objective": {"teacher_checkpoint": str(path)}, "optimizer": {"ema_decay": 0.9}}

    def fit(folder: str, checkpoint: Path | None = None) -> Vid2VidModule:
        torch.manual_seed(3)
        module, output = small_module(**parts), OutputConfig(checkpoint_every_batches=1, keep_checkpoints=-1)
        callbacks = [CheckpointCallback(tmp_path / folder, output)]
        trainer = quiet_trainer(
            max_epochs=2,
            limit_val_batches=0,
            enable_checkpointing=True,
            plugins=[AtomicCheckpointIO()],
            callbacks=callbacks,
        )
        trainer.fit(module, street_data(), ckpt_path=checkpoint, weights_only=True)
        return module

    whole = fit("whole")
    amid = tmp_path / "whole" / "epoch_0000_batch_000001.ckpt"
    resumed = fit("resumed", amid)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    save(small_module(), path)
    with pytest.raises(CheckpointError, match=r"teacher\.ckpt: is not the teacher that this training"):
        fit("refused", amid)


def test_what_cannot_teach_is_refused(
    small_module: Modules, small_image: Callable[..., ImageModule], tmp_path: Path
) -> None:
    encoder = {"features": 3, "base_channels": 4, "downsamples": 1}
    save(small_image(), tmp_path / "image.ckpt")
    save(small_module(Condition(kind="edges")), tmp_path / "edges.ckpt")
    save(small_module(), tmp_path / "plain.ckpt")
    save(small_module(encoder=encoder), tmp_path / "styled.ckpt")
    messages = {
        "none": r"none\.ckpt: there is no such checkpoint",
        "image": r"image\.ckpt: this is an image generator; a video model",
        "edges": r"edges\.ckpt: was trained on conditions of 1 channels \(edges\), .* have 9 \(labels\)",
        "styled": r"styled\.ckpt: cannot be the teacher .*: it has an encoder of styles, and F has none",
        "plain": r"plain\.ckpt: cannot be the teacher .*: it has no encoder of styles, and F has one",
    }
    for name, message in messages.items():
        parts = {"encoder": encoder} if name == "plain" else {}
        module = small_module(objective={"teacher_checkpoint": str(tmp_path / f"{name}.ckpt")}, **parts)
        with pytest.raises(CheckpointError, match=message):
            module.on_fit_start()
    with pytest.raises(ConfigError, match=r"only model=video learns from a teacher, not model=image"):
        small_image(objective={"teacher_checkpoint": "plain.ckpt"})


def test_its_style_is_that_of_the_real_frames(small_module: Modules, clip: Clip, tmp_path: Path) -> None:
    path, encoder = tmp_path / "teacher.ckpt", {"features": 3, "base_channels": 4, "downsamples": 1, "norm": "instance"}
    parts = {"generator": {"norm": "current_batch"}, "encoder": encoder}
    student = small_module(**parts, objective={"teacher_checkpoint": str(path)})
    save(student, path)
    assert [float(term) for terms in taught(student, clip) for term in terms.values()] == [0.0] * 3


def test_its_foreground_needs_its_mask(small_module: Modules, clip: Clip, tmp_path: Path) -> None:
    path, prior = tmp_path / "teacher.ckpt", {"foreground": "prior", **FLOWING}
    objective = {"teacher_checkpoint": str(path)}
    save(small_module(generator={**prior, "foreground_labels": ["car"]}), path)
    (terms,) = taught(small_module(objective=objective), clip)
    assert terms["teacher_frames"] > 0
    save(small_module(generator=prior), path)
    with pytest.raises(ConfigError, match=r"teacher\.ckpt, the teacher: generator\.foreground=prior needs .*mask"):
        taught(small_module(objective=objective), clip)
    masked = Clip(clip.source, clip.real, flows=clip.flows, foreground=torch.zeros_like(clip.source))
    (terms,) = taught(small_module(objective=objective), masked)
    assert terms["teacher_frames"] > 0


def test_without_flow_only_the_frames_are_compared(small_module: Modules, clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "teacher.ckpt"
    save(small_module(generator={"use_flow": False}), path)
    (terms,) = taught(small_module(objective={"teacher_checkpoint": str(path)}), clip)
    assert set(terms) == {"teacher_frames"}
