"""Future prediction: the next label maps of a video, from which a video model synthesises frames."""

from vid2vid.flow.motion_vectors import accumulate_flows
from vid2vid.prediction.forecast import Forecast, forecast
from vid2vid.prediction.label_generator import LabelGenerator
from vid2vid.prediction.label_loss import label_loss
from vid2vid.prediction.label_motion import extrapolate, repeat, sample_nearest
from vid2vid.prediction.predict_video import PredictedFiles, predict
from vid2vid.prediction.prediction_module import PredictionModule

__all__ = [
    "Forecast",
    "LabelGenerator",
    "PredictedFiles",
    "PredictionModule",
    "accumulate_flows",
    "extrapolate",
    "forecast",
    "label_loss",
    "predict",
    "repeat",
    "sample_nearest",
]
