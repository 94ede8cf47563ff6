"""Models to compare with: pix2pixHD (frame by frame), COVST (warped features), and the trivial ones."""

from vid2vid.baselines.covst_generator import CovstFrames, CovstGenerator
from vid2vid.baselines.covst_module import CovstModule
from vid2vid.baselines.image_generator import ImageGenerator
from vid2vid.baselines.image_module import ImageModule

__all__ = ["CovstFrames", "CovstGenerator", "CovstModule", "ImageGenerator", "ImageModule"]
