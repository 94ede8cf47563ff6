"""D_I and D_V, the conditional image and video discriminators, and the operators φ_I and φ_V that feed them."""

from vid2vid.discriminator.discriminators import Discriminators, ImageDiscriminator, VideoDiscriminator
from vid2vid.discriminator.patch import MultiScaleDiscriminator, PatchFeatures
from vid2vid.discriminator.sampling import (
    all_videos,
    draw_image,
    draw_video,
    phi_image,
    phi_video,
    sparse_videos,
    video_span,
)

__all__ = [
    "Discriminators",
    "ImageDiscriminator",
    "MultiScaleDiscriminator",
    "PatchFeatures",
    "VideoDiscriminator",
    "all_videos",
    "draw_image",
    "draw_video",
    "phi_image",
    "phi_video",
    "sparse_videos",
    "video_span",
]
