"""Beginning with the weights of another training: what fits is taken over bit for bit, what does not is listed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from vid2vid import Condition, ImageModule, Vid2VidModule
from vid2vid.condition import planes_of
from vid2vid.data.conditions import encode
from vid2vid.errors import CheckpointError
from vid2vid.ops import halve
from vid2vid.street import street_condition
from vid2vid.training.checkpoints.partial import load_fitting_weights
from vid2vid.training.checkpoints.serialization import save

Modules = Callable[..., Vid2VidModule]
ImageModules = Callable[..., ImageModule]


def stored(module: Vid2VidModule | ImageModule, path: Path) -> Path:
    save(module, path)
    return path


def noise_(network: nn.Module) -> None:
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))


def test_all_that_fits_is_taken_over_and_the_rest_stays(small_module: Modules, tmp_path: Path) -> None:
    earlier = small_module()
    noise_(earlier)
    later = small_module(
        generator={"scales": 2}, discriminators={"image": {"base_channels": 4, "layers": 2, "scales": 3}}
    )
    own = {name: tensor.clone() for name, tensor in later.state_dict().items()}
    load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt"))
    found, before = later.state_dict(), earlier.state_dict()
    new = [name for name in found if name not in before]
    assert {name.rsplit(".", 4)[0] for name in new} >= {"discriminators.image.scales.2"}
    assert any(name.startswith("generator.frame.scales.1.") for name in new)
    for name, tensor in found.items():
        assert torch.equal(tensor, own[name] if name in new else before[name]), name


def test_an_object_memory_begins_without_effect(small_module: Modules, tmp_path: Path) -> None:
    condition = Condition("labels", label_ids=[7, 11, 23], instance_edges=True)
    earlier = small_module(condition)
    later = small_module(condition, generator={"object_memory": True})
    assert not load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt")).misshapen
    source, instance = torch.zeros(1, 3, 1, 16, 24, dtype=torch.uint8), torch.ones(1, 3, 1, 16, 24).int()
    with torch.no_grad():
        before, after = (module.eval()(source, instance=instance).fake for module in (earlier, later))
    assert torch.equal(before, after)


@pytest.mark.parametrize("form", ["paper", "efficient"])
def test_planes_that_are_new_begin_without_effect(form: str, small_module: Modules, tmp_path: Path) -> None:
    condition = Condition("labels", label_ids=[7, 11, 23], planes=planes_of(["depth"]))
    generator = {"form": form, "downsamples": 2}
    earlier = small_module(condition, generator=generator)
    more = replace(condition, planes=planes_of(["depth", {"name": "motion", "optional": 0.5}]))
    later = small_module(more, generator=generator)
    assert not load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt")).misshapen
    source, planes = torch.zeros(1, 3, 1, 16, 24, dtype=torch.uint8), torch.rand(1, 3, 3, 16, 24)
    with torch.no_grad():
        before = earlier.eval()(source, planes=planes[:, :, :1]).fake
        torch.testing.assert_close(later.eval()(source, planes=planes).fake, before)
        old, new = (encode(one, source, planes=planes[:, :, : one.plane_channels])[:, 0] for one in (condition, more))
        for code, module in ((old, earlier), (new, later)):
            logits = module.discriminators.image(torch.cat([code, planes[:, 0]], dim=1))
            before = logits[0][-1] if module is earlier else before
        torch.testing.assert_close(logits[0][-1], before)
    # and back again, for they are optional
    without = small_module(condition, generator=generator)
    assert not load_fitting_weights(without, stored(later, tmp_path / "b.ckpt")).misshapen
    assert all(torch.equal(old, without.state_dict()[name]) for name, old in earlier.state_dict().items())


def test_what_does_not_fit_is_listed_part_by_part(small_module: Modules, tmp_path: Path) -> None:
    earlier = small_module(discriminators={"temporal_strides": [1, 3]})
    later = small_module(generator={"scales": 2, "past_frames": 1}, discriminators={"temporal_strides": [1, 2]})
    taken = load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt"))
    finest = len(list(later.generator.frame.scales[1].parameters()))
    assert taken.report.splitlines() == [
        f"{tmp_path / 'a.ckpt'}: {len(taken.fitting)} of {len(later.state_dict())} tensors fit",
        f"  not in it, starts untrained: generator.frame.scales.1 ({finest} tensors)",
        "  not in it, starts untrained: discriminators.video.2 (16 tensors)",
        "  in it, but not in this model: discriminators.video.3 (16 tensors)",
        "  of another shape, starts untrained: generator.frame.scales.0.condition_stem.1.weight "
        "(4 x 27 x 7 x 7 in it, 4 x 18 x 7 x 7 here)",
        "  of another shape, starts untrained: generator.frame.scales.0.past_stem.1.weight "
        "(4 x 6 x 7 x 7 in it, 4 x 3 x 7 x 7 here)",
    ]


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_the_generator_begins_with_the_running_average(ema_decay: float, small_module: Modules, tmp_path: Path) -> None:
    earlier, later = small_module(optimizer={"ema_decay": 0.9}), small_module(optimizer={"ema_decay": ema_decay})
    assert earlier.average is not None
    noise_(earlier.average)
    load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt"))
    for name, tensor in earlier.synthesis_generator.state_dict().items():
        assert torch.equal(later.generator.state_dict()[name], tensor)
        assert torch.equal(later.synthesis_generator.state_dict()[name], tensor)
    if later.average is not None:
        # none of the average's age: its first step takes the weights as they are
        assert later.average.n_averaged == 0


def test_a_finer_scale_that_joins_leaves_the_coarse_frames_as_they_were(small_module: Modules, tmp_path: Path) -> None:
    earlier, later = small_module(), small_module(generator={"scales": 2})
    noise_(earlier.generator)
    load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt"))
    source = encode(street_condition(), torch.randint(9, (2, 5, 1, 32, 48), dtype=torch.uint8))
    past = torch.rand(2, 2, 3, 32, 48) * 2 - 1
    with torch.no_grad():
        coarse: Tensor = later.generator(source, past).coarser[0]
        wanted: Tensor = earlier.generator(halve(source), halve(past)).fake
    assert coarse.shape == (2, 3, 3, 16, 24)
    assert torch.equal(coarse, wanted)


def test_it_works_for_image_generators(small_image: ImageModules, tmp_path: Path) -> None:
    earlier, later = small_image(), small_image(image={"scales": 2})
    taken = load_fitting_weights(later, stored(earlier, tmp_path / "a.ckpt"))
    coarse = earlier.generator.scales[0].state_dict()
    for name, tensor in later.generator.scales[0].state_dict().items():
        assert torch.equal(tensor, coarse[name])
    assert "starts untrained: generator.scales.1 (" in taken.report
    assert "generator.head.1.weight (3 x 8 x 7 x 7 in it, 3 x 4 x 7 x 7 here)" in taken.report


def test_files_from_which_nothing_fits_are_refused(
    small_module: Modules, small_image: ImageModules, tmp_path: Path
) -> None:
    path = stored(small_image(), tmp_path / "image.ckpt")
    with pytest.raises(CheckpointError, match=r"image\.ckpt: none of its weights fit"):
        load_fitting_weights(small_module(), path)
    wide = {"base_channels": 8, "layers": 2}
    wider = small_module(generator={"base_channels": 8}, discriminators={"image": wide, "video": wide})
    with pytest.raises(CheckpointError, match=r"none of its weights fit.*base_channels"):
        load_fitting_weights(small_module(), stored(wider, tmp_path / "wide.ckpt"))


def test_files_of_something_else_are_refused(small_module: Modules, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no such checkpoint"):
        load_fitting_weights(small_module(), tmp_path / "none.ckpt")
    path = tmp_path / "other.ckpt"
    path.write_text("text")
    with pytest.raises(CheckpointError, match="cannot be read as a checkpoint"):
        load_fitting_weights(small_module(), path)
    for content in ({"weights": torch.ones(1)}, {"hyper_parameters": {}, "state_dict": [1]}):
        torch.save(content, path)
        with pytest.raises(CheckpointError, match="is not a checkpoint that `vid2vid train` wrote"):
            load_fitting_weights(small_module(), path)


def test_a_condition_that_is_none_is_refused_with_the_file(small_module: Modules, tmp_path: Path) -> None:
    path = stored(small_module(), tmp_path / "a.ckpt")
    content = torch.load(path, weights_only=True)
    settings = content["hyper_parameters"]
    content["hyper_parameters"] = {**settings, "condition": {**settings["condition"], "colours": []}}
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=r"a\.ckpt: its settings do not fit .*condition\.colours"):
        load_fitting_weights(small_module(), path)
    del content["hyper_parameters"]["condition"]
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=r"a\.ckpt: is not a checkpoint that `vid2vid train` wrote"):
        load_fitting_weights(small_module(), path)


def test_other_labels_in_as_many_channels_are_refused(small_module: Modules, tmp_path: Path) -> None:
    earlier = small_module(Condition(label_ids=[7, 11, 24]))
    path = stored(earlier, tmp_path / "a.ckpt")
    for other in (
        Condition(label_ids=[7, 24, 11]),
        Condition(label_ids=[7, 11], instance_edges=True),
        Condition("image"),
    ):
        later = small_module(other)
        own = {name: tensor.clone() for name, tensor in later.state_dict().items()}
        with pytest.raises(CheckpointError, match=r"a\.ckpt: its 3 channels stand for other labels: \[7, 11, 24\]"):
            load_fitting_weights(later, path)
        assert all(torch.equal(tensor, own[name]) for name, tensor in later.state_dict().items())
    # names and colours may differ, and other channels begin anew
    load_fitting_weights(small_module(Condition(label_ids=[7, 11, 24], label_names=["a", "b", "c"])), path)
    taken = load_fitting_weights(small_module(Condition(label_ids=[7, 11])), path)
    assert taken.misshapen
