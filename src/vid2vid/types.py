"""The few dataclasses of tensors that the parts hand to each other; every shape is stated here, once.

Axes are always ``B T C H W`` in this order: batch, time, channels, height, width.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Flow:
    """Backward optical flow w: where each point of frame t was in an earlier frame.

    Convention:
        ``vectors[..., 0, y, x]`` is the x offset and ``vectors[..., 1, y, x]`` the y offset in pixels; the point at
        ``(x, y)`` of frame t was at ``(x, y) + vectors[..., y, x]`` in frame t - stride.

    Attributes:
        vectors: ``(..., 2, H, W)`` float, pixels.
        confidence: ``(..., 1, H, W)`` float in [0, 1]; 0 where the point was hidden or the flow is not to be trusted.
    """

    vectors: Tensor
    confidence: Tensor


@dataclass
class Clip:
    """A batch of training clips as it travels from the workers to the device.

    Attributes:
        source: ``(B, T, S, H, W)`` uint8, the conditions s: class indices (S = 1) for labels, else S channels 0..255.
        real: ``(B, T, 3, H, W)`` uint8 RGB, the real frames x.
        instance: ``(B, T, 1, H, W)`` int32 object ids, or None.
        flows: For each temporal stride k the reference flow from frame t to t - k; tensors ``(B, T - k, ·, H, W)``,
            entry j belongs to frame j + k. Empty when a flow estimator is to compute them on the device.
        names: One name a clip, for messages: sequence and first frame.
        foreground: ``(B, T, 1, H, W)`` uint8, a soft mask of the foreground (255: all foreground), or None.
        planes: ``(B, T, P, H, W)`` float32, the channels of all of `vid2vid.condition.Condition.planes` in their units,
            or None.
    """

    source: Tensor
    real: Tensor
    instance: Tensor | None = None
    flows: dict[int, Flow] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    foreground: Tensor | None = None
    planes: Tensor | None = None

    def to(self, device: torch.device | str, non_blocking: bool = False) -> "Clip":
        """Return the clip with all its tensors on ``device``."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def __getitem__(self, which: slice) -> "Clip":
        """Return some clips of the batch."""
        return replace(self._map(lambda tensor: tensor[which]), names=self.names[which])

    def pin_memory(self) -> "Clip":
        """Return the clip in page-locked memory (called by the DataLoader)."""
        return self._map(Tensor.pin_memory)

    def _map(self, change: Callable[[Tensor], Tensor]) -> "Clip":
        return replace(_changed(self, change), flows={k: _changed(flow, change) for k, flow in self.flows.items()})

    @classmethod
    def stack(cls, clips: Sequence["Clip"]) -> "Clip":
        """Concatenate clips of equal length and size along the batch axis; what not all of them have is left out."""
        shared = [k for k in clips[0].flows if all(k in clip.flows for clip in clips)]
        return replace(
            _joined(clips),
            flows={k: _joined([clip.flows[k] for clip in clips]) for k in shared},
            names=[name for clip in clips for name in clip.names],
        )


@dataclass(frozen=True)
class FrameInputs:
    """What comes in for one frame of B videos in synthesis.

    Attributes:
        source: ``(B, S, H, W)`` uint8, the conditions as in `Clip`.
        instance: ``(B, 1, H, W)`` object ids, or None.
        foreground: ``(B, 1, H, W)`` uint8, a soft mask of the foreground, or None.
        planes: ``(B, P, H, W)`` float32, the planes in their units, or None.
    """

    source: Tensor
    instance: Tensor | None = None
    foreground: Tensor | None = None
    planes: Tensor | None = None

    def to(self, device: torch.device) -> "FrameInputs":
        """Return the inputs on a device."""
        return _changed(self, lambda part: part.to(device))

    def __getitem__(self, rows: slice | list[int]) -> "FrameInputs":
        """Return the inputs of some of the videos."""
        return _changed(self, lambda part: part[rows])


@dataclass(frozen=True)
class ConditionWindow:
    """The conditions of the last frames of B videos, as they were read.

    Attributes:
        source: ``(B, T, S, H, W)`` uint8, the conditions as in `Clip`.
        instance: ``(B, T, 1, H, W)`` object ids, or None.
        planes: ``(B, T, P, H, W)`` float32, the planes in their units, or None.
    """

    source: Tensor
    instance: Tensor | None = None
    planes: Tensor | None = None

    @classmethod
    def after(cls, before: Self | None, inputs: FrameInputs, frames: int) -> Self:
        """Return the window of T ``frames`` which ends with the inputs of one more frame.

        Args:
            before: The window that ends one frame earlier; None at the start, where the first condition is repeated.
            inputs: The newest frame.
            frames: T.
        """

        def append(old: Tensor | None, new: Tensor) -> Tensor:
            new = new[:, None]
            earlier = frames - 1
            kept = new.expand(-1, earlier, -1, -1, -1) if old is None else old[:, old.shape[1] - earlier :]
            return torch.cat([kept, new], dim=1)

        ids, planes = (None, None) if before is None else (before.instance, before.planes)
        return cls(
            append(None if before is None else before.source, inputs.source),
            None if inputs.instance is None else append(ids, inputs.instance),
            None if inputs.planes is None else append(planes, inputs.planes),
        )

    def last(self, frames: int) -> "ConditionWindow":
        """Return the last T ``frames``."""
        return _changed(self, lambda part: part[:, -frames:])

    def __getitem__(self, rows: slice) -> "ConditionWindow":
        """Return the windows of some of the videos."""
        return _changed(self, lambda part: part[rows])

    @classmethod
    def join(cls, windows: Sequence["ConditionWindow"]) -> "ConditionWindow":
        """Return the windows of several videos as one."""
        return windows[0] if len(windows) == 1 else _joined(windows)


@dataclass(frozen=True)
class _Synthesis:
    """What F makes, with every intermediate of Eq. 4."""

    fake: Tensor
    hallucinated: Tensor
    warped: Tensor
    flow: Tensor
    mask: Tensor
    coarser: tuple[Tensor, ...] = ()

    @classmethod
    def of(cls, tensors: Iterable[Tensor]) -> Self:
        """Make one from its tensors, in the order of `tensors`."""
        fake, hallucinated, warped, flow, mask, *coarser = tensors
        return cls(fake, hallucinated, warped, flow, mask, tuple(coarser))

    @classmethod
    def given(cls, images: Tensor) -> Self:
        """Take images ``(..., 3, H, W)`` that F did not make: nothing of them is warped or hallucinated."""
        flow, mask = (torch.zeros_like(images[..., :channels, :, :]) for channels in (2, 1))
        return cls(images, images, images, flow, mask)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All the parts, those of the coarser scales last."""
        return (self.fake, self.hallucinated, self.warped, self.flow, self.mask, *self.coarser)

    @property
    def scales(self) -> tuple[Tensor, ...]:
        """The frames of all spatial scales, the coarsest first."""
        return (*self.coarser, self.fake)


class Frame(_Synthesis):
    """One synthesised time step.

    Attributes:
        fake: ``(B, 3, H, W)`` in [-1, 1], the frame x̃_t.
        hallucinated: ``(B, 3, H, W)`` in [-1, 1], h̃_t; with a foreground prior, foreground and background together.
        warped: ``(B, 3, H, W)`` in [-1, 1], the previous frame moved by the flow, w̃(x̃_{t-1}).
        flow: ``(B, 2, H, W)`` pixels, w̃.
        mask: ``(B, 1, H, W)`` in [0, 1], m̃_t; 1 = hallucinate.
        coarser: ``(B, 3, h, w)`` in [-1, 1], x̃_t of each coarser spatial scale, the coarsest first.
    """


class Rollout(_Synthesis):
    """A synthesised clip: the fields of `Frame`, stacked on a time axis as ``(B, T, ·, H, W)``."""

    @classmethod
    def stack(cls, frames: Sequence[Frame]) -> Self:
        """Stack time steps along a new axis 1."""
        return cls.of(torch.stack(part, dim=1) for part in zip(*(frame.tensors for frame in frames), strict=True))

    def __getitem__(self, times: slice) -> Self:
        """Return some of the time steps."""
        return self.of(part[:, times] for part in self.tensors)


Parts = TypeVar("Parts", Flow, Clip, FrameInputs, ConditionWindow)


def _changed(parts: Parts, change: Callable[[Tensor], Tensor]) -> Parts:
    """Return the same with each of its tensors changed."""
    changed: dict[str, Any] = {name: change(part) for name, part in vars(parts).items() if isinstance(part, Tensor)}
    return replace(parts, **changed)


def _joined(several: Sequence[Parts]) -> Parts:
    """Concatenate the tensors of several along the batch axis; what not all of them have becomes None."""
    joined: dict[str, Any] = {}
    for name, part in vars(several[0]).items():
        if isinstance(part, Tensor):
            given = [getattr(one, name) for one in several]
            joined[name] = None if any(one is None for one in given) else torch.cat(given)
    return replace(several[0], **joined)
