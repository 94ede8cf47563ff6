"""`StepGraph`: one step of F from label ids or pictures to a picture, with the stream state as inputs and outputs."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vid2vid.data.conditions import kind_of
from vid2vid.data.planes import encode_planes
from vid2vid.errors import ConfigError
from vid2vid.export.step_description import TensorDescription
from vid2vid.generator import Style
from vid2vid.generator.object_memory import MEMORY_CHANNELS
from vid2vid.ops import instance_edges, object_motion, to_uint8
from vid2vid.training import Vid2VidModule

DYNAMIC_MINIMUM = 2
"""The least height and width of a graph of any size, in multiples of what F pads to."""


class StepGraph(nn.Module):
    """One step of F, made for an exporter: tensors in, tensors out, in a fixed order.

    Args:
        module: A trained module.
        foreground_mask: Take the foreground as an input, instead of the model's foreground labels.

    Attributes:
        foreground: Where the foreground comes from: ``none``, ``labels`` or ``mask``.
        input_names: Names of the arguments of `forward`.
        output_names: Names of the tensors that it returns.

    Raises:
        ConfigError: A foreground mask is wanted, and F has no use for one.
    """

    label_ids: Tensor

    def __init__(self, module: Vid2VidModule, foreground_mask: bool = False) -> None:
        super().__init__()
        self.condition, self.generator = module.condition, module.synthesis_generator
        # kept as a method, so that the discriminators do not become a part of this graph
        self._foreground_of = module.foreground
        config = self.generator.config
        if foreground_mask and config.foreground == "none":
            raise ConfigError("foreground_mask=true: this model was trained without a foreground prior; leave it out.")
        wanted = "mask" if foreground_mask or not module.foreground_channels else "labels"
        self.foreground = "none" if config.foreground == "none" else wanted
        ids = torch.tensor(self.condition.label_ids, dtype=torch.uint8)
        self.register_buffer("label_ids", ids[:, None, None], persistent=False)
        pasts = [f"past_{scale}" for scale in range(config.scales)]
        self.input_names = [
            "conditions",
            *(["instance"] if self.condition.needs_instances else []),
            *(["planes"] if self.condition.planes else []),
            *(["foreground"] if self.foreground == "mask" else []),
            *(["style"] if self.generator.styles is not None else []),
            *(["memory"] if config.object_memory else []),
            *pasts,
            "no_past",
        ]
        self.output_names = ["picture", *(f"next_{name}" for name in pasts), "hallucinated", "warped", "flow", "mask"]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Make the next frame; arguments and results are described by `ports`."""
        given = dict(zip(self.input_names, tensors, strict=True))
        conditions = given["conditions"]
        if self.condition.has_labels:
            # by comparison: exact, and an id that the condition does not have becomes no class
            code = (conditions == self.label_ids).float()
            classes = code.argmax(-3, keepdim=True)
            more = self.condition.lookback
            if self.condition.instance_edges:
                code = torch.cat([code, instance_edges(given["instance"][:, more:])], dim=-3)
            if self.condition.object_motion:
                code = torch.cat([code, object_motion(given["instance"])[:, more:]], dim=-3)
        else:
            code, classes = kind_of(self.condition).encode(conditions), torch.zeros_like(conditions[:, :, :1])
        if "planes" in given:
            code = torch.cat([code, encode_planes(self.condition.planes, given["planes"])], dim=-3)
        mask = self._foreground_of(code[:, -1], given.get("foreground"))
        if "style" in given:
            code = self.generator.styled(code, classes, Style(given["style"]))
        past = [given[name] for name in self.input_names if name.startswith("past_")]
        frame = self.generator.step(code, past, mask, given["no_past"], given.get("memory"))
        state = self.generator.append(past, [image[:, None] for image in frame.scales])
        picture = to_uint8(frame.fake[0]).permute(1, 2, 0)
        return picture, *state, frame.hallucinated, frame.warped, frame.flow, frame.mask

    def example(self, height: int, width: int) -> tuple[Tensor, ...]:
        """Return arguments of `forward` for frames of a size: black, with an empty past."""
        length, styles = self.generator.config.past_frames, self.generator.styles
        conditions = torch.zeros(1, length + 1, self.condition.source_channels, height, width, dtype=torch.uint8)
        ids = torch.zeros(1, length + 1 + self.condition.lookback, 1, height, width, dtype=torch.int32)
        past = self.generator.past(conditions.float(), None)
        given = {
            "conditions": conditions,
            "instance": ids,
            "planes": torch.zeros(1, length + 1, self.condition.plane_channels, height, width),
            "foreground": torch.zeros(1, 1, height, width, dtype=torch.uint8),
            "style": torch.zeros(0) if styles is None else styles.mean.table,
            "memory": torch.zeros(1, MEMORY_CHANNELS, height, width),
            **{f"past_{scale}": images for scale, images in enumerate(past)},
            "no_past": torch.ones(1, dtype=torch.bool),
        }
        return tuple(given[name] for name in self.input_names)

    def ports(
        self, example: Sequence[Tensor], results: Sequence[Tensor], dynamic: bool
    ) -> tuple[dict[str, TensorDescription], dict[str, TensorDescription]]:
        """Describe inputs and outputs.

        Args:
            example: Arguments of `forward`.
            results: What `forward` returns for them.
            dynamic: Whether height and width may differ from those of the example.
        """
        height, width = example[0].shape[-2:]

        def sizes(name: str, tensor: Tensor) -> list[int | str]:
            shape: list[int | str] = list(tensor.shape)
            if dynamic and tensor.ndim > 2:
                rows = 0 if name == "picture" else tensor.ndim - 2
                for axis, word, size in ((rows, "height", height), (rows + 1, "width", width)):
                    share = size // tensor.shape[axis]
                    shape[axis] = word if share == 1 else f"{word} / {share}"
            return shape

        def described(names: Sequence[str], tensors: Sequence[Tensor]) -> dict[str, TensorDescription]:
            return {
                name: TensorDescription(sizes(name, one), str(one.dtype).removeprefix("torch."), self._meaning(name))
                for name, one in zip(names, tensors, strict=True)
            }

        return described(self.input_names, example), described(self.output_names, results)

    def _meaning(self, name: str) -> str:
        length, kind = self.generator.config.past_frames, self.condition.kind
        if name.startswith("next_past_"):
            return f"{name.removeprefix('next_')} for the next frame"
        if name.startswith("past_"):
            return (
                f"the last {length} frames of spatial scale {name.removeprefix('past_')} (the coarsest is 0), the "
                "newest last, RGB in [-1, 1]; zeros before the first frame"
            )
        window, ids_window = (
            f"of the last {length + 1 + more} frames, the newest last; repeat the first one before the start"
            for more in (0, self.condition.lookback)
        )
        contents = "label ids (condition.label_ids)" if self.condition.has_labels else f"{kind}, levels 0..255,"
        return {
            "conditions": f"{contents} {window}",
            "instance": f"object ids {ids_window}",
            "planes": f"{', '.join(map(str, self.condition.planes))} {window}",
            "foreground": "where the foreground of the newest frame is, 0..255",
            "style": "features of each class in [-1, 1]; mean_style is the average one",
            "memory": "mean red, green and blue in [-1, 1] of the object at each pixel of the newest frame when it "
            "was first drawn, and how well they are known, in 0..1; zeros where nothing is known",
            "no_past": "true for the first frame, whose past is zeros: it is hallucinated as a whole",
            "picture": "the frame, RGB in 0..255",
            "hallucinated": "the hallucinated frame, RGB in [-1, 1]",
            "warped": "the last frame moved by the flow, RGB in [-1, 1]",
            "flow": "where each pixel was in the last frame, (x, y) in pixels relative to its place",
            "mask": "share of the hallucinated frame, in [0, 1]",
        }[name]
