"""Using trained models: frame by frame over videos of any length, and judged on held-out data."""

from vid2vid.synthesis.evaluation import compare, evaluate, performer
from vid2vid.synthesis.folders import judge_folders
from vid2vid.synthesis.stream import synthesize
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer

__all__ = ["ImageSynthesizer", "Synthesizer", "compare", "evaluate", "judge_folders", "performer", "synthesize"]
