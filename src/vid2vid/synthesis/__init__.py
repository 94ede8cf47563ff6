"""Synthesis with trained models: frame by frame over videos of any length."""

from vid2vid.synthesis.api import StoppedError, synthesize
from vid2vid.synthesis.inputs import Transform
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer
from vid2vid.synthesis.writers import parts_folder

__all__ = ["ImageSynthesizer", "StoppedError", "Synthesizer", "Transform", "parts_folder", "synthesize"]
