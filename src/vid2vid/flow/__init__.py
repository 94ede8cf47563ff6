"""Flow estimators: the reference flow w of Eq. 8 where the data does not bring it. Frozen, never in a checkpoint."""

from vid2vid.config import FlowEstimatorConfig
from vid2vid.flow.dis import DIS
from vid2vid.flow.estimator import FlowEstimator, forward_backward_confidence, photometric_confidence
from vid2vid.flow.raft import RAFT

__all__ = [
    "DIS",
    "RAFT",
    "FlowEstimator",
    "flow_estimator_name",
    "forward_backward_confidence",
    "load_flow_estimator",
    "photometric_confidence",
]


def load_flow_estimator(config: FlowEstimatorConfig) -> FlowEstimator:
    """Make the flow estimator that the settings name.

    Raises:
        ConfigError: Its weights are missing.
        MissingExtraError: The package that it needs is not installed.
    """
    return RAFT(config.weights) if config.kind == "raft" else DIS()


def flow_estimator_name(config: FlowEstimatorConfig) -> str:
    """Return `FlowEstimator.name` of the estimator that the settings name, without loading its network.

    Raises:
        ConfigError: Its weights are missing.
        MissingExtraError: The package that it needs is not installed.
    """
    return RAFT.name_of(config.weights) if config.kind == "raft" else DIS.name
