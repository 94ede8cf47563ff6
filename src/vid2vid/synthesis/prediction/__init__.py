"""Future prediction: label maps that are not there yet, judged, and written for a video model to go on with."""

from vid2vid.synthesis.prediction.comparison import compare_predictions
from vid2vid.synthesis.prediction.files import Predicted, predict
from vid2vid.synthesis.prediction.forecast import Forecast, forecast
from vid2vid.synthesis.prediction.motion import extrapolate, fetch, origins, repeat

__all__ = [
    "Forecast",
    "Predicted",
    "compare_predictions",
    "extrapolate",
    "fetch",
    "forecast",
    "origins",
    "predict",
    "repeat",
]
