"""Fingerprints of weights."""

from collections.abc import Callable

import torch

from vid2vid import Condition, Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint, tensors_digest


def test_a_fingerprint_is_that_of_the_weights(small_module: Callable[..., Vid2VidModule]) -> None:
    module = small_module(Condition("edges"))
    before = fingerprint(module)
    assert before == fingerprint(module)
    assert before.startswith("weights ")
    with torch.no_grad():
        next(module.generator.parameters()).flatten()[0] += 1
    assert fingerprint(module) != before


def test_a_digest_changes_with_names_shapes_and_texts() -> None:
    tensor = torch.arange(6.0)
    usual = tensors_digest({"a": tensor}, "text")
    assert usual == tensors_digest({"a": tensor.clone()}, "text")
    others = [({"b": tensor}, "text"), ({"a": tensor.view(2, 3)}, "text"), ({"a": tensor}, "other")]
    assert all(tensors_digest(tensors, text) != usual for tensors, text in others)
