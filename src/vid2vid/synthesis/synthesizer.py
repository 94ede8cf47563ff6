"""Synthesizers: models that take a video's conditions one by one and return a frame for each."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self

import torch
from torch import Tensor

from vid2vid.baselines import ImageModule
from vid2vid.config import SynthesisConfig
from vid2vid.data.conditions import encode, encode_compactly
from vid2vid.data.planes import or_unknown
from vid2vid.errors import ConfigError
from vid2vid.export.backend_frames import BackendFrames
from vid2vid.generator import Conditions, ObjectColours, ObjectMemory, Past, Style
from vid2vid.ops import Code, class_map, dense
from vid2vid.synthesis.computation import Computation
from vid2vid.synthesis.inputs import InputSource
from vid2vid.synthesis.stream_state import StreamState
from vid2vid.synthesis.styles import choose_style
from vid2vid.training import Vid2VidModule
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.types import ConditionWindow, Frame, FrameInputs


class Synthesizer:
    """Synthesises videos frame by frame in constant memory; several at once, each of which can be restarted.

    It keeps the last L conditions and frames (Eq. 3) and returns, frame by frame, what the module's roll-out returns,
    with one exception: if F has an object memory, objects that come into view get colours of the training data.

    Args:
        module: A trained module; it is put in evaluation mode.
        first: The first L frames, which the first L steps return: ``(B, L, 3, H, W)`` in [-1, 1], or an image generator
            (`FirstFrameModel`) that makes them. None: F starts from an empty past.
        style: The style of the objects, if F has an encoder of styles; None: the average style. It is not part of the
            `state`.
        key_every: After each ``key_every`` frames the image generator makes L new ones. This stops the drift of F's
            past, at the price of a jump. 0: never.
        precision: The precision of F, as in `SynthesisConfig`. In half precision later changes of the weights have no
            effect.
        compiled: Compile F at its first step (torch.compile); later changes of the weights have no effect.
        backend: What computes F: ``torch``, ``onnxruntime`` or ``openvino``. The last two export the weights at the
            first frame of each size.
        object_colours: Colours of objects, if F has an object memory, as red, green and blue in 0..255: one by object
            id, or a list by class name, from which each object of the class gets one. Classes that are left out get
            those of the training data (`ClassColours`); an empty mapping leaves all colours to F.

    Attributes:
        least_side: The smallest height and width of a frame.

    Raises:
        TypeError: The module is not a video model, or its weights are not float32.
        ValueError: The number of first frames is not L.
        CheckpointError: The image generator was trained on other conditions.
        ConfigError: A style is given, but F has no encoder; key frames are wanted, but there is no image generator, or
            they leave no frame to F; the device does not have the precision; or colours of objects are given, but F has
            no object memory or does not know the class.
    """

    def __init__(
        self,
        module: Vid2VidModule,
        first: Tensor | FirstFrameModel | None = None,
        style: Style | None = None,
        key_every: int = 0,
        precision: str = "32",
        compiled: bool = False,
        backend: str = "torch",
        object_colours: Mapping[Any, Sequence[Any]] | None = None,
    ) -> None:
        if getattr(module, "kind", None) != Vid2VidModule.kind:
            raise TypeError(
                f"a Synthesizer takes a video model, not {module!r}: load one, e.g. vid2vid.load('street')."
            )
        if any(weights.dtype != torch.float32 for weights in module.generator.parameters()):
            raise TypeError(
                "the weights of the model must be float32: give precision='16' or 'bf16' instead of .half()."
            )
        self.module = module.eval()
        self._exported = None if backend == "torch" else BackendFrames(module, backend, precision)
        self._computation = Computation(module.device, "32" if self._exported else precision, compiled)
        self._generator = self._computation.of(module.synthesis_generator)
        self.style = style
        if style is not None:
            module.synthesis_generator.require_encoder()
        self.past_frames = module.generator.config.past_frames
        self.least_side = module.generator.config.multiple + 1
        if key_every and key_every <= self.past_frames:
            raise ConfigError(f"key_every must be 0 or above {self.past_frames}, but is {key_every}.")
        self.key_every = key_every
        self._remembers = module.generator.config.object_memory
        self.object_colours = ObjectColours.of(object_colours, module.condition, module.learnt_colours)
        if object_colours and not self._remembers:
            raise ConfigError(
                "object_colours: this model was trained without generator.object_memory=true; leave it out."
            )
        self.reset(first)

    @classmethod
    def of(
        cls,
        module: Vid2VidModule,
        config: SynthesisConfig,
        inputs: InputSource,
        image: FirstFrameModel | None,
        style: Style | None,
    ) -> Self:
        """Make the synthesizer of `vid2vid.synthesis.synthesize`.

        Args:
            module: The model.
            config: The settings.
            inputs: The inputs, which read the first frames.
            image: An image generator that makes the first frames; None: they are those of the inputs.
            style: The style of the objects; None: the one that the settings ask for.

        Raises:
            ConfigError: A setting does not fit the model.
            CheckpointError: The image generator was trained on other conditions.
            DataError: A file cannot be read, or there are too few first frames.
        """
        first = inputs.first_frames(module.generator.config.past_frames) if image is None else image
        style = choose_style(module, config, inputs.crop_resize) if style is None else style
        return cls(
            module,
            first,
            style,
            config.key_every,
            config.precision,
            config.compile,
            config.backend,
            config.object_colours,
        )

    def reset(self, first: Tensor | FirstFrameModel | None = None, stream: int | None = None) -> None:
        """Start new videos, with other first frames or none.

        Args:
            first: As in the class; for one stream ``(1, L, 3, H, W)``.
            stream: The video of the batch to restart, while the others continue; None: all videos.

        Raises:
            ValueError: The first frames are not L floating-point frames, or there is no such stream.
            CheckpointError: The image generator was trained on other conditions.
            ConfigError: Key frames are wanted, and there is no image generator.
        """
        if self.key_every and (first is None or isinstance(first, Tensor)):
            raise ConfigError("key frames are made by an image generator: give one for the first frames, too.")
        if isinstance(first, Tensor):
            if first.dim() != 5 or not first.is_floating_point():
                raise ValueError(
                    f"first frames must be (B, {self.past_frames}, 3, H, W), floats in [-1, 1], but are "
                    f"{tuple(first.shape)} of {first.dtype}"
                )
            if first.shape[1] != self.past_frames:
                raise ValueError(f"{self.past_frames} first frames are needed, but {first.shape[1]} were given")
        elif first is not None:
            first.require_fit(self.module.condition, "the image generator")
            first = first.to(self.module.device).eval()
        if stream is None:
            self._first = first
            self._states: list[StreamState] = []
        elif 0 <= stream < len(self._states):
            self._states[stream] = self._begin(first)
        else:
            raise ValueError(f"there is no stream {stream}: the last step had {len(self._states)} videos")

    def _begin(self, first: Tensor | FirstFrameModel | None, row: int = 0) -> StreamState:
        own = first[row : row + 1].to(self.module.device) if isinstance(first, Tensor) else first
        memory = self.object_colours.begin(1, self.module.device) if self._remembers else None
        return StreamState(own, 0 if own is None else self.past_frames, memory=memory)

    def state(self) -> dict[str, Tensor]:
        """Return everything needed to continue the videos, as tensors on the CPU that safetensors can store.

        An image generator that still has first frames to make is not included.
        """
        return {f"{i}.{name}": part for i, state in enumerate(self._states) for name, part in state.tensors().items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from the `state` of a synthesizer of the same model.

        Raises:
            ValueError: An image generator was making the first frames, and this synthesizer was made without one.
        """
        image = None if isinstance(self._first, Tensor) else self._first
        streams: dict[int, dict[str, Tensor]] = {}
        for name, tensor in state.items():
            stream, _, part = name.partition(".")
            streams.setdefault(int(stream), {})[part] = tensor
        self._states = [StreamState.of(streams[i], self.module.device, image) for i in range(len(streams))]

    @torch.inference_mode()
    def step(
        self,
        source: Tensor,
        instance: Tensor | None = None,
        foreground: Tensor | None = None,
        planes: Tensor | None = None,
    ) -> Frame:
        """Synthesise the next frame; an error leaves the videos as they were.

        Args:
            source: ``(B, S, H, W)`` uint8, the condition of this frame as in `vid2vid.types.Clip`, of B videos.
            instance: ``(B, 1, H, W)`` object ids, if they are a part of the condition.
            foreground: ``(B, 1, H, W)`` uint8, a soft mask of the foreground, if F needs one.
            planes: ``(B, P, H, W)``, the planes in their units, if they are a part of the condition; NaN or None where
                optional ones are unknown.

        Returns:
            The frame, with its intermediates.

        Raises:
            ValueError: The number of videos differs from that of the step before or of the first frames, planes are
                missing, an input has another shape, or a source on the CPU has labels that are not class indices.
        """
        # an error leaves the states as they were: only the copies have changed
        states = [copy(state) for state in self._states] or [self._begin(self._first, i) for i in range(len(source))]
        if len(source) != len(states):
            raise ValueError(f"{len(source)} conditions for {len(states)} videos; call reset() to start others")
        if not self._states and isinstance(self._first, Tensor) and len(self._first) != len(source):
            raise ValueError(f"{len(source)} conditions for the first frames of {len(self._first)} videos")
        planes = or_unknown(self.module.condition, planes, source)
        self._check(states, source, instance, foreground)
        if planes is not None and planes.shape != (wanted := (len(source), planes.shape[1], *source.shape[-2:])):
            raise ValueError(f"planes must be {wanted}, but are {tuple(planes.shape)}")
        inputs = FrameInputs(source, instance, foreground, planes).to(self.module.device)
        with self._computation.running():
            frame = self._step(states, inputs)
        self._states = states
        return frame

    def _step(self, states: list[StreamState], inputs: FrameInputs) -> Frame:
        stages: dict[object, list[int]] = {}
        for i, state in enumerate(states):
            self._append_condition(state, inputs[i : i + 1])
            if self.key_every and state.made and state.made % self.key_every == 0:
                state.first, state.left = self._first, self.past_frames
            stages.setdefault(state.stage, []).append(i)
        frames = [self._make([states[i] for i in rows], inputs[rows]) for rows in stages.values()]
        if len(frames) == 1:
            return frames[0]
        order = torch.tensor([i for rows in stages.values() for i in rows], device=self.module.device).argsort()
        return Frame.of(torch.cat(part)[order] for part in zip(*(frame.tensors for frame in frames), strict=True))

    def _check(self, states: list[StreamState], source: Tensor, *others: Tensor | None) -> None:
        """Refuse a condition that differs in shape from those before it, and other inputs that do not fit it."""
        before = next((state.window.source for state in states if state.window is not None), None)
        first = next((state.first for state in states if isinstance(state.first, Tensor)), None)
        known = source if before is None else before
        wanted = (1 if self.module.condition.has_labels else known.shape[-3], *known.shape[-2:])
        if source.dim() != 4 or source.shape[1:] != wanted:
            raise ValueError(f"conditions must be {('B', *wanted)}, but are {tuple(source.shape)}")
        # on a GPU the check would wait for the device
        if self.module.condition.has_labels and source.device.type == "cpu" and source.numel():
            classes, (lowest, highest) = self.module.condition.classes, source.aminmax()
            if lowest < 0 or highest >= classes:
                raise ValueError(
                    f"label maps hold class indices, 0 to {classes - 1} in the order of condition.label_ids, but here "
                    f"{int(lowest)} to {int(highest)}"
                )
        if first is not None and first.shape[-2:] != source.shape[-2:]:
            raise ValueError(
                f"the first frames are {tuple(first.shape[-2:])}, but the conditions {tuple(source.shape[-2:])}"
            )
        for other in others:
            if other is not None and other.shape != (len(source), 1, *source.shape[-2:]):
                raise ValueError(
                    f"object ids and foreground must be {(len(source), 1, *source.shape[-2:])}, but are "
                    f"{tuple(other.shape)}"
                )

    def _append_condition(self, state: StreamState, inputs: FrameInputs) -> None:
        """Append the condition s_t to those of its video, as it was read and encoded for F."""
        condition, generator = self.module.condition, self._generator
        more = condition.lookback
        state.window = window = ConditionWindow.after(state.window, inputs, self.past_frames + 1 + more)
        if self._exported is not None:
            # an exported step encodes its window itself
            return
        if state.conditions is not None:
            # the earlier ones are encoded already
            window = window.last(1 + more)
        code = encode_compactly(condition, window.source, window.instance, window.planes)[:, more:]
        now = generator.prepare(generator.styled(code, class_map(condition, window.source[:, more:]), self.style))
        state.conditions = now if state.conditions is None else Conditions.join([state.conditions[:, 1:], now], 1)

    def _make(self, states: list[StreamState], inputs: FrameInputs) -> Frame:
        """Make the next frame of videos at the same stage, and append it to their pasts."""
        generator, first, past = self._generator, states[0].first, _past(states)
        memory = ObjectMemory.join([state.memory for state in states if state.memory is not None])
        if memory is not None and not states[0].left:
            # objects in the first frames keep the colours that they have there
            memory = self.object_colours.introduce(memory, inputs.source, inputs.instance)
        painted = None if memory is None else memory.paint(inputs.instance)
        if states[0].left:
            if first is not None and not isinstance(first, Tensor):
                image = first.images(dense(self._newest(states))).float()
            else:
                image = torch.cat([state.first[:, -state.left] for state in states if isinstance(state.first, Tensor)])
            for state in states:
                state.left -= 1
                state.first = state.first if state.left else None
            frame = replace(Frame.given(image), coarser=tuple(generator.frame.pyramid(image)[:-1]))
        elif self._exported is not None:
            frame = self._exported(_window(states), past, inputs.foreground, self.style, painted)
        else:
            prior = generator.config.foreground != "none"
            mask = self.module.foreground(self._newest(states), inputs.foreground) if prior else None
            conditions = Conditions.join([state.conditions for state in states if state.conditions is not None], 0)
            frame = generator.step(conditions, past, mask, memory=painted)
        past = generator.append(generator.past(frame.fake[:, None], past), [image[:, None] for image in frame.scales])
        for i, state in enumerate(states):
            state.past = [images[i : i + 1] for images in past]
            state.made += 1
        if memory is not None:
            for state, own in zip(states, memory.after(frame.fake, inputs.instance).split(), strict=True):
                state.memory = own
        return frame

    def _newest(self, states: list[StreamState]) -> Code:
        """Return the condition s_t encoded, ``(B, C, H, W)``."""
        condition = self.module.condition
        newest = _window(states).last(1 + condition.lookback)
        return encode_compactly(condition, newest.source, newest.instance, newest.planes)[:, -1]


def _window(states: list[StreamState]) -> ConditionWindow:
    """Return the windows of several videos as one batch."""
    return ConditionWindow.join([state.window for state in states if state.window is not None])


def _past(states: list[StreamState]) -> Past | None:
    """Return the pasts of several videos as one batch, if they have any."""
    pasts = [state.past for state in states if state.past is not None]
    return [torch.cat(images) for images in zip(*pasts, strict=True)] or None


class ImageSynthesizer:
    """Synthesises each frame from its condition alone, with the methods of a `Synthesizer`.

    Args:
        module: A trained image generator; it is put in evaluation mode.
        precision: Its precision, as in `SynthesisConfig`.
    """

    least_side = 1
    style: Style | None = None

    def __init__(self, module: ImageModule, precision: str = "32") -> None:
        self.module = module.eval()
        self._computation = Computation(module.device, precision)

    @classmethod
    def of(
        cls,
        module: ImageModule,
        config: SynthesisConfig,
        inputs: InputSource,
        image: FirstFrameModel | None,
        style: Style | None,
    ) -> Self:
        """Make the synthesizer of `vid2vid.synthesis.synthesize`; the arguments are those of `Synthesizer.of`.

        Raises:
            ConfigError: A setting has no effect on an image generator.
        """
        for given, reason in (
            (image or config.first or config.foreground, "first frames or a foreground mask have no effect on it"),
            (style or config.asks_for_style, "it has no encoder of styles"),
            (config.key_every, "each of its frames is a key frame"),
            (config.object_colours, "it has no object memory"),
            (config.backend != "torch", "it runs in torch only"),
            (config.compile, "compile=true is for video models"),
        ):
            if given:
                raise ConfigError(f"this model is an image generator: {reason}.")
        return cls(module, config.precision)

    def state(self) -> dict[str, Tensor]:
        """Return nothing: there is no state."""
        return {}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Do nothing: there is no state."""

    @torch.inference_mode()
    def step(
        self,
        source: Tensor,
        instance: Tensor | None = None,
        foreground: Tensor | None = None,
        planes: Tensor | None = None,
    ) -> Frame:
        """Synthesise a frame; the arguments are those of `Synthesizer.step`, the foreground has no effect."""
        device = self.module.device
        objects, values = (None if part is None else part[:, None].to(device) for part in (instance, planes))
        with self._computation.running():
            code = encode(self.module.condition, source[:, None].to(device), objects, values)
            return Frame.given(self.module.images(code[:, 0]).float())
