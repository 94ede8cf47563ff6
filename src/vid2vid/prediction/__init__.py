"""Future prediction: label maps that are not there yet, judged, and written for a video model to go on with."""

from vid2vid.prediction.files import Predicted, predict
from vid2vid.prediction.forecast import Forecast, forecast
from vid2vid.prediction.label_generator import LabelGenerator
from vid2vid.prediction.label_loss import label_loss
from vid2vid.prediction.motion import extrapolate, fetch, origins, repeat
from vid2vid.prediction.prediction_module import PredictionModule

__all__ = [
    "Forecast",
    "LabelGenerator",
    "Predicted",
    "PredictionModule",
    "extrapolate",
    "fetch",
    "forecast",
    "label_loss",
    "origins",
    "predict",
    "repeat",
]
