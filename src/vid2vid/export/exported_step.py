"""`ExportedStep`: an exported step of F, run by ONNX Runtime or OpenVINO on arrays of numpy."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.digests import content_digest
from vid2vid.errors import CheckpointError, ConfigError, MissingExtraError, require, why
from vid2vid.export.step_description import StepDescription

Arrays = Mapping[str, NDArray[Any]]
_READS = {"onnxruntime": (".onnx",), "openvino": (".xml", ".onnx")}
_OPENVINO_PRECISIONS = {"32": "f32", "bf16": "bf16", "16": "f16"}
"""With ``int8`` OpenVINO chooses the precision of the other layers: bfloat16 where the processor has it."""


class ExportedStep:
    """Runs an exported step; the file is data, nothing in it is executed.

    Args:
        path: An ``.onnx`` or ``.xml`` file with its description beside it.
        backend: ``onnxruntime``, or ``openvino``, which reads both.
        threads: Number of threads; 0: as the back-end chooses.
        precision: Precision of the convolutions in OpenVINO, ``32``, ``bf16`` or ``16``; empty: that of the export.
            Convolutions in ``int8`` stay in int8.

    Attributes:
        path: The file.
        description: What goes in and comes out.

    Raises:
        CheckpointError: A file is missing, damaged or something else.
        ConfigError: The back-end does not read such files.
        MissingExtraError: The back-end is not installed; the message names the extra.
    """

    def __init__(self, path: Path, backend: str, threads: int = 0, precision: str = "") -> None:
        if path.suffix not in _READS[backend]:
            raise ConfigError(f"{path}: backend={backend} reads {' and '.join(_READS[backend])} files.")
        if not path.is_file():
            raise CheckpointError(f"{path}: there is no such file; check the path.")
        self.path, self.description = path, StepDescription.read(path)
        open_graph = _open_onnxruntime if backend == "onnxruntime" else _open_openvino
        try:
            self._run, self._names = open_graph(path, threads, precision or self.description.precision)
        except MissingExtraError:
            raise
        except Exception as error:
            # each back-end has exceptions of its own
            raise CheckpointError(f"{path}: {backend} cannot read it: {why(error)}") from error
        # OpenVINO leaves out inputs that nothing depends on
        if not set(self._names) <= set(self.description.inputs):
            raise CheckpointError(
                f"{path}: its inputs are not those of {StepDescription.path_of(path).name}; export it again."
            )

    @property
    def condition(self) -> Condition:
        """The condition that the step was trained with."""
        return self.description.condition

    def fingerprint(self) -> str:
        """Return a short name of the content of the files: the graph, its weights, and the description."""
        weights = [self.path.with_suffix(".bin")] if self.path.suffix == ".xml" else []
        files = [self.path, *weights, StepDescription.path_of(self.path)]
        return f"exported step {content_digest(self.path.parent, files)}"

    def __call__(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """Make the next frame.

        Args:
            inputs: The inputs by name, as described.

        Returns:
            The outputs by name.

        Raises:
            ConfigError: Height and width are not those of the graph.
            ValueError: An input is missing or has another type.
        """
        self.description.require_size(*inputs["conditions"].shape[-2:])
        for name, port in self.description.inputs.items():
            if name not in inputs or inputs[name].dtype != np.dtype(port.dtype):
                raise ValueError(f"the input {name} must be given as {port.dtype}")
        return dict(zip(self.description.outputs, self._run({name: inputs[name] for name in self._names}), strict=True))


Run = Callable[[Arrays], list[NDArray[Any]]]


def _open_onnxruntime(path: Path, threads: int, precision: str) -> tuple[Run, list[str]]:
    runtime: Any = require("onnxruntime", "onnx")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    # fatal errors are raised, too
    options.log_severity_level = 4
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(inputs: Arrays) -> list[NDArray[Any]]:
        outputs: list[NDArray[Any]] = session.run(None, dict(inputs))
        return outputs

    return run, [port.name for port in session.get_inputs()]


def _open_openvino(path: Path, threads: int, precision: str) -> tuple[Run, list[str]]:
    openvino: Any = require("openvino", "openvino")
    settings: dict[str, Any] = {}
    if precision in _OPENVINO_PRECISIONS:
        settings["INFERENCE_PRECISION_HINT"] = _OPENVINO_PRECISIONS[precision]
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(path), "CPU", settings)
    request = compiled.create_infer_request()

    def run(inputs: Arrays) -> list[NDArray[Any]]:
        results = request.infer(dict(inputs), share_inputs=True, share_outputs=False)
        return [results[port] for port in compiled.outputs]

    return run, [port.get_any_name() for port in compiled.inputs]
