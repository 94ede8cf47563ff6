"""The points of a face and of a person, their order, and the lines between them."""

FACE_POINTS = 68
"""Points of a face, in the order of iBUG-300W, which dlib uses."""
BODY_POINTS = 25
HAND_POINTS = 21
PERSON_POINTS = 137
"""Points of a person: body, left hand, right hand, face and pupils, each in OpenPose's order."""

BODY = slice(0, 25)
LEFT_HAND = slice(25, 46)
RIGHT_HAND = slice(46, 67)
FACE = slice(67, 137)
"""The 68 points of a face and two pupils."""
LANDMARKS = slice(67, 135)
"""The 68 points of a person's face alone, in the order of `FACE_POINTS`."""

BODY_NAMES = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "mid_hip",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
    "left_big_toe",
    "left_small_toe",
    "left_heel",
    "right_big_toe",
    "right_small_toe",
    "right_heel",
)
"""OpenPose's BODY_25; left and right are the person's own."""

BODY_LIMBS = (
    ("neck", "mid_hip"),
    ("neck", "nose"),
    *(
        (inner.format(side), outer.format(side))
        for side in ("right", "left")
        for inner, outer in (
            ("neck", "{}_shoulder"),
            ("{}_shoulder", "{}_elbow"),
            ("{}_elbow", "{}_wrist"),
            ("mid_hip", "{}_hip"),
            ("{}_hip", "{}_knee"),
            ("{}_knee", "{}_ankle"),
            ("{}_ankle", "{}_heel"),
            ("{}_ankle", "{}_big_toe"),
            ("{}_big_toe", "{}_small_toe"),
            ("nose", "{}_eye"),
            ("{}_eye", "{}_ear"),
        )
    ),
)
"""The 24 limbs of a body, each between two points: the middle first, then the right side, then the left side."""

FINGERS = tuple((0, *range(first, first + 4)) for first in range(1, HAND_POINTS, 4))
"""The points of thumb to little finger, each from the wrist to the tip."""

FACE_PARTS = {
    "jaw": (tuple(range(17)),),
    "right_brow": (tuple(range(17, 22)),),
    "left_brow": (tuple(range(22, 27)),),
    "nose_bridge": (tuple(range(27, 31)),),
    "nose_tip": (tuple(range(31, 36)),),
    "right_eye": ((36, 37, 38, 39), (39, 40, 41, 36)),
    "left_eye": ((42, 43, 44, 45), (45, 46, 47, 42)),
    "mouth": (tuple(range(48, 55)), (*range(54, 60), 48), tuple(range(60, 65)), (*range(64, 68), 60)),
}
"""The curves of each part of a face; eyes and lips consist of pairs of curves that meet in their corners."""

PUPILS = (68, 69)
"""The person's right and left pupil among the points of `FACE`."""
