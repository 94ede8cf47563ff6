"""Filling our networks with the reference's tensors: all of them, or none."""

from collections.abc import Mapping

from torch import Tensor, nn

from vid2vid.errors import CheckpointError
from vid2vid.tools.nvidia.names import Names

Tensors = Mapping[str, Tensor]
"""The reference's tensors as ``net/name``, such as ``netG0/model_down_seg.1.weight``."""

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
COUNTER = "num_batches_tracked"


def fill(network: nn.Module, tensors: Tensors, names: Names, where: str) -> None:
    """Copy tensors into a network.

    Args:
        network: One of ours.
        tensors: The reference's, those of other nets among them are left alone.
        names: Turns our names into the reference's.
        where: File or folder, for messages.

    Raises:
        CheckpointError: A tensor is missing, is too many or has another shape; all such are listed by the reference's
            names, and the network is left as it was.
    """
    own = {names(name): (name, value) for name, value in network.state_dict().items()}
    nets = {name.split("/")[0] for name in own}
    given = {name: value for name, value in tensors.items() if name.split("/")[0] in nets}
    # counters came with a later version of torch
    missing = [name for name in own if name not in given and not name.endswith(COUNTER)]
    # the reference's instance norm keeps statistics that it does not use
    surplus = [name for name in given if name not in own and not name.endswith(STATISTICS)]
    misshapen = [
        f"{name}: {tuple(given[name].shape)} instead of {tuple(value.shape)}"
        for name, (_, value) in own.items()
        if name in given and given[name].shape != value.shape
    ]
    if missing or surplus or misshapen:
        found = {"missing": missing, "surplus": surplus, "misshapen": misshapen}
        lists = "; ".join(f"{kind}: {', '.join(entries)}" for kind, entries in found.items() if entries)
        raise CheckpointError(f"{where}: the tensors do not fit {type(network).__name__}: {lists}")
    network.load_state_dict({name: given.get(theirs, value) for theirs, (name, value) in own.items()})
