"""Evaluation of models on held-out clips, of predictors, and of videos in folders."""

from vid2vid.evaluation.evaluator import Evaluator
from vid2vid.evaluation.held_out import evaluate, evaluate_models
from vid2vid.evaluation.model_adapters import model_adapter
from vid2vid.evaluation.predictions import evaluate_predictions
from vid2vid.evaluation.report import REAL, Report
from vid2vid.evaluation.video_folders import evaluate_folders

__all__ = [
    "REAL",
    "Evaluator",
    "Report",
    "evaluate",
    "evaluate_folders",
    "evaluate_models",
    "evaluate_predictions",
    "model_adapter",
]
