"""Descriptions of models in rows, for the card of a model folder and for ``vid2vid info``."""

from typing import Any

from vid2vid.condition import Condition
from vid2vid.models import MODELS
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.training_facts import TrainingFacts


def model_rows(module: AdversarialModule[Any]) -> dict[str, str]:
    """Describe a module; facts that are unknown have no row."""
    config: Any = module.generator.config
    form = {
        "form": getattr(config, "form", ""),
        "channels": config.base_channels,
        "spatial scales": getattr(config, "scales", 1),
        "past frames": getattr(config, "past_frames", 0),
    }
    parameters = sum(parameter.numel() for parameter in module.synthesis_generator.parameters())
    foreground, styles = getattr(config, "foreground", "none"), getattr(module.generator, "styles", None)
    rows = {
        "model": f"{MODELS[module.kind].title} ({type(module).__name__})",
        "generator": ", ".join(f"{name} {value}" for name, value in form.items() if value),
        "parameters": f"{parameters:,}",
        "foreground": ""
        if foreground == "none"
        else f"{foreground}: {', '.join(config.foreground_labels) or 'a mask'}",
        "styles": "" if styles is None else f"an encoder of {styles.config.features} features",
    }
    return {**{name: text for name, text in rows.items() if text}, **condition_rows(module.condition)}


def condition_rows(condition: Condition) -> dict[str, str]:
    """Describe a condition."""
    parts = {
        "borders of objects": condition.instance_edges,
        "motion of objects": condition.object_motion,
        "distance maps": condition.distance_maps,
        "edges of the background": condition.background_edges,
        "a channel for each limb": condition.limb_maps,
        "DensePose": condition.densepose,
    }
    named = [name for name, there in parts.items() if there]
    named += [f"{plane.name}{' (optional)' if plane.can_be_missing else ''}" for plane in condition.planes]
    rows = {"condition": f"{', '.join([condition.kind, *named])}; {condition.channels} channels"}
    if condition.has_labels:
        rows["labels"] = ", ".join(condition.class_names)
    return rows


def training_rows(facts: TrainingFacts) -> dict[str, str]:
    """Describe a training; facts that are unknown have no row."""
    rate = f", {facts.fps:g} frames a second" if facts.fps else ""
    amount = f"; {facts.sequences:,} sequences, {facts.frames:,} frames" if facts.sequences else ""
    rows = {
        "trained on": f"{facts.data}{amount}" if facts.data else amount.removeprefix("; "),
        "trained at": f"{facts.width} x {facts.height}{rate}"
        if facts.height and facts.width
        else rate.removeprefix(", "),
        "training": (
            f"{facts.batches:,} batches of {facts.batch_size}, in the end with clips of {facts.clip_frames} frames"
            if facts.batches
            else ""
        ),
        "settings": " ".join(facts.settings),
    }
    return {name: text for name, text in rows.items() if text}
