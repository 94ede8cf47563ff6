"""`StepDescription`: the JSON file beside an exported step, which says what goes in and what comes out."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from vid2vid.condition import Condition
from vid2vid.config import build
from vid2vid.config.synthesis import checked_colours
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.files import parse_json, write_text

FORMAT = "vid2vid step 1"
DTYPES = ("uint8", "int32", "float32", "bool")


@dataclass(frozen=True)
class TensorDescription:
    """One input or output of an exported step.

    Attributes:
        shape: Its sizes; in a graph of any size ``height`` and ``width``, or ``height / 2`` and so on.
        dtype: One of `DTYPES`, as numpy calls it.
        meaning: What it holds, with its range.
    """

    shape: list[int | str]
    dtype: str
    meaning: str


@dataclass(frozen=True)
class StepDescription:
    """What users and programs need to know of an exported step.

    Attributes:
        format: The format of the file itself.
        vid2vid: The version of vid2vid that exported it.
        weights: The fingerprint of the weights, by which styles and interrupted syntheses are compared.
        checkpoint: The name of the checkpoint, and 16 hexadecimal digits of its content.
        precision: Precision of the convolutions: ``32``, ``bf16``, ``16`` or ``int8``.
        height: Rows of the frames; of a graph of any size those of the export.
        width: Columns.
        dynamic: Whether it takes any multiples of ``multiple`` as height and width.
        multiple: F pads height and width to a multiple of this.
        past_frames: L, how many frames F sees of the past.
        scales: Number of spatial scales, each with its own past.
        condition: The condition (`vid2vid.condition.Condition`); ``label_ids`` are the ids that the graph takes.
        foreground: Where the foreground comes from: ``none``, ``labels`` or ``mask``, which is an input.
        mean_style: The average style, a value of the input ``style``; None: there is no such input.
        class_colours: Colours of objects by class, red, green and blue in 0..255; an object that comes into view gets
            one of its class. Empty: there is no input ``memory``, or F chooses.
        inputs: The inputs by name, in order.
        outputs: The outputs by name, in order.
        known: Other facts about the model at the time of the export, as readable rows: its size, where it was trained,
            and its scores before the export.
    """

    format: str
    vid2vid: str
    weights: str
    checkpoint: list[str]
    precision: str
    height: int
    width: int
    dynamic: bool
    multiple: int
    past_frames: int
    scales: int
    condition: Condition
    foreground: str
    mean_style: list[list[float]] | None
    class_colours: dict[str, list[list[int]]]
    inputs: dict[str, TensorDescription]
    outputs: dict[str, TensorDescription]
    known: dict[str, str]

    @staticmethod
    def path_of(step: Path) -> Path:
        """Return the path of the description of an exported step."""
        return step.with_name(f"{step.name}.json")

    def write(self, step: Path) -> None:
        """Write the description of the exported step ``step`` beside it.

        Raises:
            OSError: It cannot be written.
        """
        write_text(self.path_of(step), json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, step: Path) -> "StepDescription":
        """Read the description of the exported step ``step``.

        Raises:
            CheckpointError: It is missing, damaged or something else.
        """
        path = cls.path_of(step)
        if not path.is_file():
            raise CheckpointError(f"{path}: is missing; it belongs to {step.name}. vid2vid export writes both.")
        try:
            given: Any = parse_json(path.read_text(encoding="utf-8"))
            if (
                not isinstance(given, dict)
                or given.get("format") != FORMAT
                or set(given) != {f.name for f in fields(cls)}
            ):
                raise ValueError("it does not describe an exported step of this version of vid2vid; export it again")
            ports = {
                side: {name: TensorDescription(**port) for name, port in given[side].items()}
                for side in ("inputs", "outputs")
            }
            described = cls(**{**given, **ports, "condition": build(Condition, given["condition"], "condition")})
            described._check()
        except (OSError, ValueError, TypeError, AttributeError, ConfigError) as error:
            raise CheckpointError(f"{path}: cannot be used: {error}") from error
        return described

    def require_size(self, height: int, width: int) -> None:
        """Refuse frames of a size that the graph does not take.

        Raises:
            ConfigError: It does not.
        """
        if self.dynamic:
            if height % self.multiple or width % self.multiple:
                raise ConfigError(
                    f"frames of {height} x {width}: this exported step takes multiples of {self.multiple} as height "
                    "and width; give height and width of such a size."
                )
        elif (height, width) != (self.height, self.width):
            raise ConfigError(
                f"frames of {height} x {width}: this step was exported for {self.height} x {self.width}; give "
                f"height={self.height} width={self.width}, or export it with dynamic=true."
            )

    def _check(self) -> None:
        """Refuse values of the wrong type.

        Raises:
            ValueError: There is one.
            ConfigError: ``class_colours`` holds something else.
        """
        numbers = (self.height, self.width, self.multiple, self.past_frames, self.scales)
        if not all(type(number) is int and 1 <= number <= 2**20 for number in numbers):
            raise ValueError("sizes and numbers of frames and scales must be positive integers")
        if not all(port.dtype in DTYPES for port in (*self.inputs.values(), *self.outputs.values())):
            raise ValueError(f"each dtype must be one of {', '.join(DTYPES)}")
        checked_colours(self.class_colours)
        if not all(isinstance(text, str) for text in self.known.values()):
            raise ValueError("the facts about the model must be texts")
