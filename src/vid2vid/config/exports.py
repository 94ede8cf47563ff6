"""Settings of ``vid2vid export``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import MISSING

from vid2vid.config.settings import LARGEST_SIDE, Settings, setting
from vid2vid.errors import ConfigError

EXPORT_FORMATS = {"onnx": ".onnx", "openvino": ".xml", "torch": ".pt2"}
"""The formats of exported steps, with the endings of their files."""
PRECISIONS = ("32", "bf16", "16", "int8")


@dataclass
class ExportConfig(Settings):
    """Export one step of F as a graph that runs without vid2vid and without torch.

    A JSON file beside it describes its inputs and outputs (docs/export.md).

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of a video model.
        output: The file to write: ``.onnx``, ``.xml`` (OpenVINO, with a ``.bin`` beside it) or ``.pt2`` (torch).
        format: ``onnx``, ``openvino`` or ``torch`` (`torch.export`).
        height: Rows of the frames.
        width: Columns of the frames.
        dynamic: Let the graph take other heights and widths, too: multiples of the number in the JSON file.
        precision: Number format of the convolutions: ``32``, ``16``, or for format=openvino also ``bf16`` and ``int8``;
            frames, flow and mask stay in float32. A file for torch is always of ``32``.
        calibration: For int8: conditions from which F makes a video; the values in its layers determine their ranges. A
            path as in ``source`` of `vid2vid synthesize`, or its settings: ``{source: labels.mkv, instance: ids.mkv}``.
        calibration_frames: Greatest number of frames of that video.
        foreground_mask: Let the foreground be an input of the graph, in place of the model's foreground labels.
    """

    checkpoint: Path = MISSING
    output: Path = MISSING
    format: str = setting("onnx", EXPORT_FORMATS)
    height: int = setting(MISSING, ge=1, le=LARGEST_SIDE)
    width: int = setting(MISSING, ge=1, le=LARGEST_SIDE)
    dynamic: bool = False
    precision: str = setting("32", PRECISIONS)
    calibration: Any = None
    calibration_frames: int = setting(300, ge=1)
    foreground_mask: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, or ending or precision do not fit the format.
        """
        super().__post_init__()
        ending = EXPORT_FORMATS[self.format]
        if str(self.output) != MISSING and Path(self.output).suffix != ending:
            raise ConfigError(f"output={self.output}: files of format={self.format} end in {ending}.")
        known = {"onnx": ("32", "16"), "openvino": PRECISIONS, "torch": ("32",)}[self.format]
        if self.precision not in known:
            raise ConfigError(
                f"precision={self.precision}: format={self.format} can be exported with {' or '.join(known)}. The "
                "runtimes of ONNX and torch can compute in a lower precision than that of the graph they load."
            )
        if (self.precision == "int8") != bool(self.calibration):
            raise ConfigError(
                f"precision={self.precision} calibration={self.calibration}: int8 needs conditions to calibrate with, "
                "e.g. calibration=labels.mkv; other precisions take none."
            )
