"""A built-in renderer of street scenes: endless video with labels, object ids, depth and exact flow, in plain numpy."""

from vid2vid.data.street.classes import street_condition
from vid2vid.data.street.dataset import render_dataset
from vid2vid.data.street.street import SKY_DEPTH, Street, StreetFrame
from vid2vid.settings import StreetConfig

__all__ = ["SKY_DEPTH", "Street", "StreetConfig", "StreetFrame", "render_dataset", "street_condition"]
