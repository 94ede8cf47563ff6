"""The graph of a step makes what the synthesizer makes."""

from collections.abc import Callable

import pytest
import torch

from vid2vid import Synthesizer, Vid2VidModule
from vid2vid.export.step_graph import StepGraph
from vid2vid.generator import ObjectMemory


@pytest.mark.parametrize("name", ["statistics of the batch", "styles", "foreground mask", "efficient", "planes"])
def test_it_goes_on_as_a_stream_does(name: str, case: Callable[[str], Vid2VidModule]) -> None:
    module = case(name)
    graph, synthesizer = StepGraph(module), Synthesizer(module)
    condition, length = module.condition, module.generator.config.past_frames
    state = dict(zip(graph.input_names, graph.example(16, 24), strict=True))
    high = len(condition.label_ids) if condition.has_labels else 256
    shape = (4, condition.source_channels, 16, 24)
    planes, ids = torch.randint(high, shape, dtype=torch.uint8), torch.randint(4, (4, 1, 16, 24), dtype=torch.int32)
    for t in range(4):
        # an object whose motion is seen
        ids[t, :, 3:9, 2 + 3 * t : 8 + 3 * t] = 7
    mask = torch.randint(256, (1, 1, 16, 24), dtype=torch.uint8) if graph.foreground == "mask" else None
    label_ids = torch.tensor(condition.label_ids or range(256), dtype=torch.uint8)
    values = torch.rand(4, condition.plane_channels, 16, 24) if condition.planes else None
    memory = ObjectMemory.empty(1, torch.device("cpu"))
    for t in range(4):
        window = [max(t - back, 0) for back in range(length, -1, -1)]
        state["conditions"] = label_ids[planes[window].long()][None]
        if condition.needs_instances:
            before = [max(t - length - 1, 0)] if condition.object_motion else []
            state["instance"] = ids[before + window][None]
        if values is not None:
            state["planes"] = values[window][None]
        if mask is not None:
            state["foreground"] = mask
        objects = ids[t : t + 1] if condition.needs_instances else None
        if "memory" in state and objects is not None:
            state["memory"] = memory.paint(objects)
        state["no_past"] = torch.tensor([t == 0])
        with torch.inference_mode():
            made = dict(zip(graph.output_names, graph(*state.values()), strict=True))
        frame = synthesizer.step(planes[t : t + 1], objects, mask, None if values is None else values[t : t + 1])
        for part in ("hallucinated", "warped", "flow", "mask"):
            torch.testing.assert_close(made[part], getattr(frame, part), rtol=0, atol=1e-4)
        newest = made[f"next_past_{module.generator.config.scales - 1}"][:, -1]
        torch.testing.assert_close(newest, frame.fake, rtol=0, atol=1e-4)
        if objects is not None:
            memory = memory.after(newest, objects)
        state |= {key.removeprefix("next_"): one for key, one in made.items() if key.startswith("next_past_")}
