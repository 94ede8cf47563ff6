"""Settings of exports that do not fit each other."""

from pathlib import Path
from typing import Any

import pytest

from vid2vid.config import ExportConfig
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"output": Path("b.xml")}, r"output=b\.xml: files of format=onnx end in \.onnx"),
        ({"output": Path("b.xml"), "format": "opnvino"}, r"format='opnvino' is unknown\. Did you mean 'openvino'"),
        ({"precision": "bf16"}, r"precision=bf16: format=onnx can be exported with 32 or 16"),
        (
            {"precision": "int8", "calibration": "labels.mkv"},
            r"precision=int8: format=onnx can be exported with 32 or 16",
        ),
        (
            {"format": "openvino", "output": Path("b.xml"), "precision": "int8"},
            r"int8 needs conditions to calibrate with",
        ),
        ({"calibration": "labels.mkv"}, r"precision=32 calibration=labels\.mkv: int8 needs"),
        ({"height": 0}, r"height must be at least 1"),
    ],
)
def test_settings_that_do_not_fit_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ExportConfig(**{"checkpoint": Path("a.ckpt"), "output": Path("b.onnx"), "height": 16, "width": 16, **given})


def test_each_format_has_its_ending() -> None:
    assert ExportConfig(Path("a"), Path("b.xml"), "openvino", 16, 16, precision="bf16").precision == "bf16"
    assert ExportConfig(Path("a"), Path("b.pt2"), "torch", 16, 16).files_read() == [Path("a")]
