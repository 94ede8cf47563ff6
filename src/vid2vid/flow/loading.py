"""The flow estimator that the settings name."""

from vid2vid.config import FlowEstimatorConfig
from vid2vid.flow.dis import DIS
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.flow.raft import RAFT


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
