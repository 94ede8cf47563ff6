"""Using trained models: frame by frame over videos of any length, and judged on held-out data."""

from vid2vid.synthesis.evaluation import compare, evaluate, performer
from vid2vid.synthesis.folders import judge_folders
from vid2vid.synthesis.material import Transform
from vid2vid.synthesis.recording import parts_folder
from vid2vid.synthesis.stream import StoppedError, synthesize
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer

__all__ = [
    "ImageSynthesizer",
    "StoppedError",
    "Synthesizer",
    "Transform",
    "compare",
    "evaluate",
    "judge_folders",
    "parts_folder",
    "performer",
    "synthesize",
]
