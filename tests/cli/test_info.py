"""``vid2vid info``: the table of each kind of model that can be given."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from vid2vid.export.step_description import StepDescription, TensorDescription
from vid2vid.street import street_condition

Command = Callable[..., CompletedProcess[str]]


def test_a_model_by_name(vid2vid: Command) -> None:
    told = vid2vid("info", "checkpoint=street")
    assert told.returncode == 0, told.stderr
    rows = dict(re.split(r" {2,}", line, maxsplit=1) for line in told.stdout.splitlines() if line[0] != " ")
    assert rows["model"] == "a video model (Vid2VidModule)"
    assert rows["trained at"] == "256 x 128, 10 frames a second"
    assert re.fullmatch(r"\d+\.\d\d GFLOP a frame at 256 x 128", rows["operations"])
    assert rows["labels"].startswith("road, sidewalk")
    assert rows["weights"].endswith(", 4.5 MB")
    assert max(map(len, told.stdout.splitlines())) <= 120


def test_an_exported_step(vid2vid: Command) -> None:
    port = TensorDescription([1, 3, 16, 24], "float32", "a frame")
    description = StepDescription(
        *(
            "vid2vid step 1",
            "0.1.0",
            "weights 12",
            ["a.ckpt", "12"],
            "int8",
            16,
            24,
            False,
            8,
            2,
            1,
            street_condition(),
        ),
        *("none", None, {}, {"conditions": port}, {"fake": port}, {"parameters": "12", "trained at": "24 x 16"}),
    )
    description.write(Path("a.xml"))
    Path("a.xml").write_bytes(b"not opened")
    Path("a.bin").write_bytes(bytes(2_000_000))
    rows = json.loads(vid2vid("info", "checkpoint=a.xml", "json=true").stdout)
    assert rows["frames"] == "24 x 16"
    assert rows["model"] == "one step of F, exported for openvino by vid2vid 0.1.0, precision int8"
    assert rows["size"] == "2.0 MB"
    assert (rows["parameters"], rows["trained at"]) == ("12", "24 x 16")
    assert rows["labels"].startswith("road, sidewalk")


def test_mistakes_are_told(vid2vid: Command) -> None:
    told = vid2vid("info", "checkpoint=nothing.ckpt")
    assert (told.returncode, "nothing.ckpt: there is no such checkpoint" in told.stderr) == (2, True)
    Path("a.onnx").write_bytes(b"")
    told = vid2vid("info", "checkpoint=a.onnx")
    assert (told.returncode, "a.onnx.json: is missing" in told.stderr) == (2, True)
