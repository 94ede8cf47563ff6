"""The card of a model folder, in Markdown; it states only what is known of the model."""

import json
from typing import Any

from vid2vid.condition import Condition
from vid2vid.markdown import markdown_table
from vid2vid.models import MODELS
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.measured import SHEET, Measured
from vid2vid.training.checkpoints.model_facts import model_rows, training_rows

_TASKS = {"video": "video-to-video", "image": "image-to-image"}
"""The hub's names of the tasks; it has none for the other kinds of models."""

_USE = {
    "video": """\
from vid2vid import Synthesizer, Vid2VidModule

synthesizer = Synthesizer(Vid2VidModule.from_pretrained("{name}"))
# for each frame: source (1, {planes}, H, W) uint8{more}
frame = synthesizer.step(source{arguments}).fake  # (1, 3, H, W) in [-1, 1]
""",
    "image": """\
from vid2vid import ImageModule

module = ImageModule.from_pretrained("{name}")
# source (1, T, {planes}, H, W) uint8{more}
frames = module(source{arguments})  # (1, T, 3, H, W) in [-1, 1]
""",
}


def model_card(
    module: AdversarialModule[Any],
    name: str,
    measured: Measured | None = None,
    licence: str = "",
    data: str = "",
    half: bool = False,
) -> str:
    """Return the card of a model.

    Args:
        module: The model.
        name: Its name, or its id on the hub, by which the examples load it.
        measured: The evaluation of these very weights; None: the card says that nothing was measured.
        licence: The licence of the weights, by its id on the hub (``apache-2.0``); empty: not stated.
        data: The training data and its terms of use, in words; empty: from the module's `TrainingFacts`.
        half: Whether the weights are stored in float16.
    """
    condition, kind = module.condition, MODELS[module.kind]
    known = training_rows(module.facts)
    if data:
        known["trained on"] = data
    sections = [
        _front_matter(module, licence),
        f"# {name}\n\n{kind.title[:1].upper()}{kind.title[1:]} of vid2vid: {_task(condition, kind.predicts)}.",
        f"## Use\n\n{_use(module, name)}",
        "## Model\n\n" + _table(model_rows(module)),
    ]
    if condition.has_labels:
        sections.append(f"## Labels\n\n{_labels(condition)}")
    sections += [
        "## Data and training\n\n" + (_table(known) if known else "Nothing is known of them."),
        f"## Licence\n\n{licence or 'Not stated: ask whom you have the model from.'}",
        f"## Measured\n\n{_measured(measured)}",
        f"## Limits\n\n{_limits(module, half)}",
    ]
    return "\n\n".join(sections) + "\n"


def _front_matter(module: AdversarialModule[Any], licence: str) -> str:
    lines = {
        "library_name": "vid2vid",
        "pipeline_tag": _TASKS.get(module.kind, ""),
        "license": licence,
        "tags": ["vid2vid", "video-synthesis", module.condition.kind],
    }
    # JSON is YAML, too
    return "\n".join(["---", *(f"{key}: {json.dumps(value)}" for key, value in lines.items() if value), "---"])


def _task(condition: Condition, predicts: str) -> str:
    if predicts == "labels":
        return "from the first label maps of a video to those that follow"
    made = {
        "labels": "label maps",
        "edges": "edges",
        "grey": "grey pictures",
        "image": "pictures",
        "face": "sketches of faces",
        "pose": "skeletons",
    }
    return f"{made.get(condition.kind, condition.kind)} to video"


def _use(module: AdversarialModule[Any], name: str) -> str:
    condition = module.condition
    source = "pose.npz" if condition.from_keypoints else "clip.mp4" if condition.from_frames else "labels.mkv"
    objects, planes = condition.needs_instances, condition.plane_channels
    files = ",".join(f"{plane.name}:{plane.name}.mkv" for plane in condition.planes)
    given = f" 'planes={{{files}}}'"
    instance = f"{' instance=ids.mkv' if objects else ''}{given if planes else ''}"
    command = f"vid2vid synthesize checkpoint={name} source={source}{instance} output=out.mp4"
    if module.kind == "covst":
        command = f"vid2vid evaluate checkpoint={name} data=manifest data.path=DATA"
    elif module.kind == "predictor":
        command = f"vid2vid predict checkpoint={name} source={source} output=future"
    shell = f"    {command}"
    if module.kind not in _USE:
        return shell
    one = "(1" if module.kind == "video" else "(1, T"
    more = [
        " class indices" if condition.has_labels else "",
        f", ids {one}, 1, H, W) integers" if objects else "",
        f", planes {one}, {planes}, H, W) in their units" if planes else "",
    ]
    python = _USE[module.kind].format(
        name=name,
        planes=condition.source_channels,
        more="".join(more),
        arguments=f"{', ids' if objects else ''}{', planes=planes' if planes else ''}",
    )
    return f"{shell}\n\n```python\n{python}```"


def _table(rows: dict[str, str]) -> str:
    return "\n".join(markdown_table(["", ""], rows.items()))


def _labels(condition: Condition) -> str:
    rows = []
    for i, label in enumerate(condition.label_ids):
        label_name = condition.label_names[i] if condition.label_names else ""
        colour = "#" + "".join(f"{level:02x}" for level in condition.palette[i]) if condition.palette else ""
        rows.append([str(i), str(label), label_name, colour])
    return "\n".join(markdown_table(["channel", "id", "name", "colour"], rows))


def _measured(measured: Measured | None) -> str:
    if measured is None:
        return "Nothing was measured of these weights."
    clips, data = measured.content.get("clips"), measured.content.get("data")
    amount = f" {clips} held-out clips{f' of {data}' if data else ''}." if clips else ""
    sheet = f"\n\n![A held-out clip]({SHEET})" if (measured.folder / SHEET).is_file() else ""
    return (
        f"By `vid2vid evaluate`, with 95 % intervals over the clips.{amount} The model is the row {measured.name}.\n\n"
        f"{measured.table()}{sheet}"
    )


def _limits(module: AdversarialModule[Any], half: bool) -> str:
    facts, condition = module.facts, module.condition
    size = f" It was trained at {facts.width} x {facts.height}; other sizes may look worse." if facts.height else ""
    lines = [
        f"- It has learnt from the data above alone; what is not in it is made up from what is.{size}",
        f"- It takes conditions of the kind {condition.kind!r} as described above, and refuses others.",
        "- Weights of the generator alone: a training that begins with them has new discriminators.",
    ]
    if half:
        lines.append("- The weights are stored in float16.")
    return "\n".join(lines)
