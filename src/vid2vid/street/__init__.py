"""A renderer of street scenes in plain numpy: endless video with labels, object ids, depth and exact flow."""

from vid2vid.config import StreetConfig
from vid2vid.street.change import StreetChange
from vid2vid.street.street import SKY_DEPTH, Street, StreetFrame
from vid2vid.street.street_classes import STREET_PLANES, street_condition

__all__ = [
    "SKY_DEPTH",
    "STREET_PLANES",
    "Street",
    "StreetChange",
    "StreetConfig",
    "StreetFrame",
    "street_condition",
]
