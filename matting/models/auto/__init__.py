"""`auto`: which model finds the subject of a photo, and what is done when they disagree."""

from matting.models.auto.model import AutoModel as AutoModel
