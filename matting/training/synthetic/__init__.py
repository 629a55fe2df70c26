"""Pictures with exact alpha, made from only a seed and a few free photographs."""

from matting.training.synthetic.scene import Scene, synthesise
from matting.training.synthetic.subjects import KINDS
from matting.training.synthetic.textures import installed_photographs

__all__ = ["KINDS", "Scene", "installed_photographs", "synthesise"]
