"""Using trained models: frame by frame over videos of any length."""

from vid2vid.synthesis.material import Transform
from vid2vid.synthesis.recording import parts_folder
from vid2vid.synthesis.stream import StoppedError, synthesize
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer

__all__ = ["ImageSynthesizer", "StoppedError", "Synthesizer", "Transform", "parts_folder", "synthesize"]
