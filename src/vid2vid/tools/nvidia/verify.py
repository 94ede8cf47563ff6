"""Verification: our networks with recorded weights recompute the recorded outputs of the reference."""

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from vid2vid.discriminator.sampling import all_videos
from vid2vid.errors import DataError
from vid2vid.losses.flow import masked_l1
from vid2vid.losses.gan import GAN_LOSSES, feature_matching
from vid2vid.ops import foreground_mask, instance_edges, one_hot, warp
from vid2vid.tools.nvidia.reference_files import ReferenceRecording
from vid2vid.tools.nvidia.reference_networks import (
    build_discriminator,
    build_encoder,
    build_generator,
    build_image_generator,
)

BOUND = 1e-4
"""Largest absolute error that counts as equal."""

ROUNDINGS = 3
"""A roll-out may differ from one of another processor by this many times its distance to the one in float64."""

ADVERSARIAL_MODES = {"ls": "least_squares", "original": "log", "hinge": "hinge"}
"""The reference's names of the GAN losses."""

Computed = dict[str, Tensor]


def verify(path: Path) -> Iterator[tuple[str, float]]:
    """Recompute every output of a recording.

    Yields:
        The name of each recorded output and the largest absolute error of ours; infinity if ours has another shape.
        For a roll-out that is not equal, the error beyond rounding: see `_beyond_rounding`.

    Raises:
        DataError: The file is not a recording, its kind is unknown, or an output has no counterpart here.
        CheckpointError: Its weights do not fit our networks.
    """
    recording = ReferenceRecording.read(path)
    kind = recording.setting("kind")
    if kind not in KINDS:
        raise DataError(f"{path}: recordings of the kind {kind!r} are unknown; known are {', '.join(KINDS)}.")
    threads = torch.get_num_threads()
    # sums in another order differ in rounding, of which a roll-out through random weights makes 0.1
    torch.set_num_threads(1)
    try:
        computed = KINDS[kind](recording)
    finally:
        torch.set_num_threads(threads)
    for name, expected in recording.group("output").items():
        if name not in computed:
            raise DataError(f"{path}: there is nothing here to compare the output {name!r} with.")
        ours, error = computed[name].detach(), math.inf
        if ours.shape == expected.shape:
            error = (ours.double() - expected.double()).abs().max().item() if ours.numel() else 0.0
            error = math.inf if math.isnan(error) else error
        if kind == "rollout" and name == "frames" and BOUND < error < math.inf:
            error = _beyond_rounding(ours, _rollout(recording, torch.float64)[name], expected)
        yield name, error


def _beyond_rounding(ours: Tensor, exact: Tensor, expected: Tensor) -> float:
    """Return the largest error that the rounding of another processor does not explain.

    A roll-out through random weights multiplies each rounding error by ten with each frame: 5e-5 in the first one is
    0.5 in the fifth. The same roll-out in float64 shows how large it is; the first frames, where it is small, decide.

    Args:
        ours: ``(B, T, 3, H, W)``, our roll-out in float32.
        exact: The same in float64.
        expected: The recorded one.
    """
    error, rounding = ((ours.double() - other.double()).abs().amax((0, 2, 3, 4)) for other in (expected, exact))
    return float((error - ROUNDINGS * rounding).clamp(min=0).max())


@torch.no_grad()
def _rollout(recording: ReferenceRecording, dtype: torch.dtype = torch.float32) -> Computed:
    generator = build_generator(recording.tensors, str(recording.path)).to(dtype)
    length = generator.config.past_frames
    labels = recording.setting("label_nc")
    code = one_hot(recording.given("label"), labels) if labels else recording.given("label").float()
    if recording.setting("use_instance"):
        code = torch.cat([code, instance_edges(recording.given("instance"))], dim=-3)
    past = None if recording.setting("no_first_img") else recording.given("real")[:, :length]
    foreground = None
    if generator.config.foreground != "none":
        foreground = foreground_mask(code[:, length:], recording.setting("fg_labels"))
    past, foreground = (None if given is None else given.to(dtype) for given in (past, foreground))
    rollout = generator(code.to(dtype), past, foreground=foreground)
    return {"frames": rollout.fake, "encoded_input_last": code[0, length]}


@torch.no_grad()
def _composite_forward(recording: ReferenceRecording) -> Computed:
    generator = build_generator(recording.tensors, str(recording.path))
    length = generator.config.past_frames
    source = recording.given("source").unflatten(1, (length + 1, -1))  # type: ignore[no-untyped-call]
    previous = recording.given("previous").unflatten(1, (length, 3))  # type: ignore[no-untyped-call]
    with_foreground = generator.config.foreground != "none"
    frame = generator.step(source, previous, recording.given("foreground_mask") if with_foreground else None)
    return {"final": frame.fake, "flow": frame.flow, "weight": frame.mask, "raw": frame.hallucinated}


def _discriminator(recording: ReferenceRecording) -> Computed:
    discriminator = build_discriminator(recording.tensors, str(recording.path))
    mode = recording.config.get("gan_mode", "ls")
    if mode not in ADVERSARIAL_MODES:
        raise DataError(f"{recording.path}: gan_mode {mode!r} is unknown; known: {', '.join(ADVERSARIAL_MODES)}.")
    loss = GAN_LOSSES[ADVERSARIAL_MODES[mode]]
    given = recording.given("fake").requires_grad_()
    real, fake = discriminator.features(recording.given("real"), given)
    gan = loss.generator(fake)
    matching = recording.setting("lambda_feat") * feature_matching(real, fake)
    (gradient,) = torch.autograd.grad(gan + matching, given)
    features = {f"real_scale{i}_layer{j}": f for i, scale in enumerate(real) for j, f in enumerate(scale)}
    return {
        **features,
        "d_real": torch.stack([loss.real(scale[-1]) for scale in real]).sum(),
        "d_fake": torch.stack([loss.fake(scale[-1]) for scale in fake]).sum(),
        "g_gan": gan,
        "g_feature_matching": matching,
        "grad_fake_from_g": gradient,
    }


def _flow_losses(recording: ReferenceRecording) -> Computed:
    flow, reference, mask = (recording.given(name) for name in ("flow", "flow_ref", "weight"))
    real, fake, confidence = (recording.given(name) for name in ("real", "fake", "confidence"))
    moved, taught = warp(recording.given("real_prev"), flow), warp(recording.given("fake_prev"), reference)
    of_flow, of_consistency = recording.setting("lambda_F"), recording.setting("lambda_T")
    return {
        "F_Flow": of_flow * masked_l1(flow, reference, confidence),
        "F_Warp": of_flow * masked_l1(moved, real, confidence),
        "G_Warp": of_consistency * masked_l1(fake, taught, confidence),
        "W": masked_l1(mask, torch.zeros_like(mask), confidence),
        "warped_real_prev": moved,
    }


def _temporal_sampling(recording: ReferenceRecording) -> Computed:
    size, scales = recording.setting("n_frames_D"), recording.setting("n_scales_temporal")
    computed: Computed = {}
    for name in recording.group("output"):
        found = re.fullmatch(r"load(\d+)_chunk(\d+)_scale(\d+)", name)
        if not found or int(found[3]) >= scales:
            raise DataError(f"{recording.path}: the output {name!r} is not one of its {scales} temporal scales.")
        loaded, chunk, scale = (int(number) for number in found.groups())
        stride = size**scale
        ends = all_videos(loaded * (chunk + 1), size, stride, newest=loaded * chunk)
        windows = [[end - stride * back for back in reversed(range(size))] for end in ends]
        computed[name] = torch.tensor(windows or [[-1]])
    return computed


@torch.no_grad()
def _image_generator(recording: ReferenceRecording) -> Computed:
    generator = build_image_generator(recording.tensors, str(recording.path))
    return {"image": generator(recording.given("source"))}


@torch.no_grad()
def _feature_encoder(recording: ReferenceRecording) -> Computed:
    encoder = build_encoder(recording.tensors, str(recording.path))
    return {"features": encoder(recording.given("image"), recording.given("instance"))}


KINDS: dict[str, Callable[[ReferenceRecording], Computed]] = {
    "rollout": _rollout,
    "composite_forward": _composite_forward,
    "discriminator": _discriminator,
    "flow_losses": _flow_losses,
    "temporal_sampling": _temporal_sampling,
    "pix2pixHD_global": _image_generator,
    "pix2pixHD_local": _image_generator,
    "feature_encoder": _feature_encoder,
}
"""How the outputs of each kind of recording are computed."""
