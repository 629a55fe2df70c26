"""Frames in, alphas out; videos in, videos out."""

from matting.temporal.smoothing import SMOOTHINGS as SMOOTHINGS
from matting.temporal.smoothing import smooth_causal as smooth_causal
from matting.temporal.smoothing import smooth_delayed as smooth_delayed
from matting.temporal.smoothing import stillness as stillness
from matting.video.following import follow as follow
from matting.video.following import follow_items as follow_items
