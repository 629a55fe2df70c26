"""The kinds of things that can be looked for: the eighty of COCO, in its order."""

from matting.environment.nearest_name import meant

KINDS = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush",
)  # fmt: skip


def check_kind(text: str) -> str:
    """The kind that a person writes as "cat", "Cell phone" or "cell-phone"; ValueError if there is none."""
    kind = " ".join(text.lower().replace("-", " ").replace("_", " ").split())
    if kind not in KINDS:
        raise ValueError(f"no kind of thing is called {text!r}{meant(kind, KINDS)}; there are {', '.join(KINDS)}")
    return kind
