"""Exporting a step of F as ONNX, as OpenVINO's IR, or by torch.export."""

import copy
import io
from collections.abc import Iterable
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram
from torch.utils.flop_counter import FlopCounterMode

from vid2vid.config import ExportConfig
from vid2vid.config.settings import LARGEST_SIDE
from vid2vid.digests import content_digest
from vid2vid.errors import ConfigError, require
from vid2vid.export.exported_step import ExportedStep
from vid2vid.export.quantization import quantized
from vid2vid.export.step_description import FORMAT, StepDescription
from vid2vid.export.step_graph import DYNAMIC_MINIMUM, StepGraph
from vid2vid.files import write_bytes
from vid2vid.ops import require_size
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.measured import Measured
from vid2vid.training.checkpoints.model_facts import model_rows, training_rows
from vid2vid.training.checkpoints.model_folder import ModelFolder
from vid2vid.types import FrameInputs

_OPSET = 20
"""The version of ONNX's operators; GridSample has its present form since 20."""
_CONVOLUTIONS = ("Conv", "ConvTranspose")
_FEW = 4
"""Convolutions of fewer channels than this are output layers: of images, flow and mask."""


def export_step(module: Vid2VidModule, config: ExportConfig, conditions: Iterable[FrameInputs] = ()) -> StepDescription:
    """Write one step of F as a graph, and its description beside it.

    Args:
        module: A trained module on the CPU.
        config: The settings; the checkpoint is named in the description.
        conditions: The conditions of ``config.calibration``, for int8.

    Returns:
        The description.

    Raises:
        ConfigError: The settings do not fit the model, or the exporter cannot make the graph with them.
        DataError: The frames are too small for F.
        MissingExtraError: A package of the extra ``onnx``, ``openvino`` or ``int8`` is not installed.
        OSError: A file cannot be written.
    """
    output = Path(config.output)
    if config.format != "torch":
        for name in ("onnx", "onnxscript", *(["openvino"] if config.format == "openvino" else [])):
            require(name, config.format)
    if config.precision == "int8":
        require("nncf", "int8")
        frames = iter(conditions)
        first = list(islice(frames, 1))
        if not first:
            raise ConfigError(f"calibration={config.calibration}: holds no frames; give conditions of the model.")
        conditions = chain(first, frames)
    graph = StepGraph(module.eval(), config.foreground_mask).eval()
    example = graph.example(config.height, config.width)
    program = _traced(graph, example, config)
    description = _describe(module, graph, example, config)
    if config.format == "torch":
        memory = io.BytesIO()
        torch.export.save(program, memory)
        write_bytes(output, memory.getvalue())
    else:
        # OpenVINO is given its precision when the graph is compiled
        model = _onnx_model(program, graph, half=config.format == "onnx" and config.precision == "16")
        if config.format == "onnx":
            write_bytes(output, model)
        else:
            _write_openvino(model, output, description, conditions, config.calibration_frames)
    description.write(output)
    return description


def _traced(graph: StepGraph, example: tuple[Tensor, ...], config: ExportConfig) -> ExportedProgram:
    multiple = graph.generator.config.multiple
    require_size(example[0], multiple + 1, "F", "generator.scales or generator.downsamples")
    sizes: Any = None
    if config.dynamic:
        height, width = config.height, config.width
        if height % multiple or width % multiple:
            raise ConfigError(
                f"height={height} width={width}: both must be multiples of {multiple} for a step with dynamic=true."
            )
        most = LARGEST_SIDE // multiple
        units = [Dim(name, min=DYNAMIC_MINIMUM, max=most) for name in ("rows", "columns")]
        sizes = tuple(
            {
                axis: tensor.shape[axis] * multiple // side * unit
                for axis, side, unit in zip((tensor.ndim - 2, tensor.ndim - 1), (height, width), units, strict=True)
            }
            if tensor.ndim > 2
            else None
            for tensor in example
        )
    try:
        with torch.no_grad():
            return torch.export.export(graph, example, dynamic_shapes=None if sizes is None else (sizes,))
    except torch._dynamo.exc.UserError as error:
        raise ConfigError(
            f"dynamic={str(config.dynamic).lower()}: torch.export cannot make this form of F for any size; export it "
            f"with dynamic=false, once for each size. ({str(error).splitlines()[0]})"
        ) from error


def _onnx_model(program: ExportedProgram, graph: StepGraph, half: bool) -> bytes:
    """Translate a graph to ONNX, in one file without notes on the sources that it was traced from."""
    converted = torch.onnx.export(
        program,
        input_names=graph.input_names,
        output_names=graph.output_names,
        opset_version=_OPSET,
        dynamo=True,
        verbose=False,
    )
    if converted is None:
        raise RuntimeError("torch.onnx.export returned nothing")
    model = converted.model_proto
    for notes in (model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        notes.ClearField("metadata_props")
        notes.ClearField("doc_string")
    if half:
        _halve_convolutions(model.graph)
    content: bytes = model.SerializeToString()
    return content


def _halve_convolutions(graph: Any) -> None:  # noqa: ANN401 - onnx.GraphProto, which is an extra's
    """Make the convolutions of an ONNX graph but its output layers run in half precision, with weights stored so.

    In half precision a flow of 10 pixels is off by up to 0.03, and a roll-out adds that up.
    """
    onnx: Any = require("onnx", "onnx")
    kind = onnx.TensorProto.FLOAT16
    weights = {one.name: one for one in graph.initializer}
    nodes = copy.deepcopy(list(graph.node))
    del graph.node[:]
    for node in nodes:
        own: list[Any] = [weights.get(name) for name in node.input[1:]] if node.op_type in _CONVOLUTIONS else []
        if not own or None in own or own[0].dims[node.op_type == "ConvTranspose"] < _FEW:
            graph.node.append(node)
            continue
        for one in own:
            if one.data_type != kind:
                one.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(one).astype("float16"), one.name))
        source, result = node.input[0], node.output[0]
        node.input[0], node.output[0] = f"{result}_in_half", f"{result}_half"
        graph.node.append(onnx.helper.make_node("Cast", [source], [node.input[0]], to=kind))
        graph.node.append(node)
        graph.node.append(onnx.helper.make_node("Cast", [node.output[0]], [result], to=onnx.TensorProto.FLOAT))


def _write_openvino(
    content: bytes, output: Path, description: StepDescription, conditions: Iterable[FrameInputs], frames: int
) -> None:
    """Write ``.xml`` and ``.bin``, the weights first."""
    openvino = require("openvino", "openvino")
    model = openvino.Core().read_model(content)
    with TemporaryDirectory() as folder:
        path = Path(folder, output.name)
        openvino.save_model(model, path, compress_to_fp16=description.precision == "16")
        if description.precision == "int8":
            description.write(path)
            step = ExportedStep(path, "openvino", precision="32")
            openvino.save_model(quantized(model, step, conditions, frames), path, compress_to_fp16=False)
        for part in (path.with_suffix(".bin"), path):
            write_bytes(output.with_suffix(part.suffix), part.read_bytes())


def _describe(
    module: Vid2VidModule, graph: StepGraph, example: tuple[Tensor, ...], config: ExportConfig
) -> StepDescription:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        inputs, outputs = graph.ports(example, graph(*example), config.dynamic)
    operations = f"{counter.get_total_flops() / 1e9:.2f} GFLOP a frame at {config.width} x {config.height}"
    checkpoint, styles, form = Path(config.checkpoint), graph.generator.styles, graph.generator.config
    return StepDescription(
        format=FORMAT,
        vid2vid=version("vid2vid"),
        weights=fingerprint(module),
        checkpoint=[checkpoint.name, content_digest(checkpoint) if checkpoint.is_file() else ""],
        precision=config.precision,
        height=config.height,
        width=config.width,
        dynamic=config.dynamic,
        multiple=form.multiple,
        past_frames=form.past_frames,
        scales=form.scales,
        condition=copy.deepcopy(module.condition),
        foreground=graph.foreground,
        class_colours=module.learnt_colours,
        mean_style=None if styles is None else styles.mean.table.tolist(),
        inputs=inputs,
        outputs=outputs,
        known={**_known(module, checkpoint), "operations": operations},
    )


def _known(module: Vid2VidModule, checkpoint: Path) -> dict[str, str]:
    """Return facts about a model as readable rows; a checkpoint without a name is none."""
    own = model_rows(module)
    rows = {name: own[name] for name in ("parameters", "styles") if name in own} | training_rows(module.facts)
    if not checkpoint.name:
        return rows
    folder = ModelFolder.find(checkpoint)
    measured = Measured.beside(checkpoint if folder is None else folder.path, fingerprint(module))
    return rows if measured is None else rows | measured.described()
