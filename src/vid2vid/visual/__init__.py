"""Pictures of conditions, flows, masks and clips, and contact sheets of them."""

from vid2vid.visual.clip_rows import clip_pictures, covst_pictures, prediction_pictures, rollout_pictures
from vid2vid.visual.pictures import Picture, condition_picture, flow_picture, mask_picture, plane_pictures, to_pixels
from vid2vid.visual.sheets import captioned, contact_sheet, save_png, side_by_side

__all__ = [
    "Picture",
    "captioned",
    "clip_pictures",
    "condition_picture",
    "contact_sheet",
    "covst_pictures",
    "flow_picture",
    "mask_picture",
    "plane_pictures",
    "prediction_pictures",
    "rollout_pictures",
    "save_png",
    "side_by_side",
    "to_pixels",
]
