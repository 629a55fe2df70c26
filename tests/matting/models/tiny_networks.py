"""Small random networks as ONNX files, in the form of published ones, and the same networks in torch."""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional

HALF = 4
"""Half the side of the blur: a wide one, so that it hardly matters how a picture was resized."""


class Tiny:
    """Mixes the channels and blurs: (1, channels, h, w) → (1, 1, h, w) around 0.5, or logits around 0."""

    def __init__(self, channels=3, *, gives_logits=False, seed=7):
        random = np.random.default_rng(seed)
        side = 2 * HALF + 1
        mix = random.uniform(0.3, 1, (2, channels, 1, 1)) * random.choice([-1, 1], (2, channels, 1, 1))
        self.mix = mix.astype(np.float32)
        self.join = np.array([0.9, -0.7], np.float32).reshape(1, 2, 1, 1)
        self.down = np.full((1, 1, side, 1), 1 / side, np.float32)
        self.along = np.full((1, 1, 1, side), 1 / side, np.float32)
        self.scale, self.shift = (2.0, 0.0) if gives_logits else (0.12, 0.5)

    def __call__(self, picture):
        """In torch."""
        hidden = functional.relu(functional.conv2d(torch.as_tensor(picture), torch.tensor(self.mix)))
        joined = functional.conv2d(hidden, torch.tensor(self.join))
        blurred = functional.conv2d(joined, torch.tensor(self.down), padding=(HALF, 0))
        return functional.conv2d(blurred, torch.tensor(self.along), padding=(0, HALF)) * self.scale + self.shift

    def save(self, path, shape, *, extra_input=False, kind=TensorProto.FLOAT, twice=False, output_channels=1):
        """The ONNX file: one input of `shape`; on request a second one, a second output, half precision."""
        dtype = np.float16 if kind == TensorProto.FLOAT16 else np.float32
        constants = {
            name: np.repeat(getattr(self, name), output_channels, axis=0) for name in ("join", "down", "along")
        }
        constants |= {"mix": self.mix, "scale": np.array(self.scale), "shift": np.array(self.shift)}
        nodes = [
            helper.make_node("Conv", ["input.image", "mix"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("Conv", ["b", "join"], ["c"]),
            helper.make_node("Conv", ["c", "down"], ["e"], pads=[HALF, 0, HALF, 0], group=output_channels),
            helper.make_node("Conv", ["e", "along"], ["f"], pads=[0, HALF, 0, HALF], group=output_channels),
            helper.make_node("Mul", ["f", "scale"], ["d"]),
            helper.make_node("Add", ["d", "shift"], ["alpha"]),
        ]
        inputs = [helper.make_tensor_value_info("input.image", kind, list(shape))]
        sides = [shape[0], output_channels, *shape[2:]]
        outputs = [helper.make_tensor_value_info("alpha", kind, sides)]
        if extra_input:
            inputs.append(helper.make_tensor_value_info("guide", kind, list(shape)))
        if twice:
            nodes.append(helper.make_node("Neg", ["alpha"], ["side_output"]))
            outputs.append(helper.make_tensor_value_info("side_output", kind, sides))
        initializers = [numpy_helper.from_array(value.astype(dtype), name) for name, value in constants.items()]
        graph = helper.make_graph(nodes, "tiny", inputs, outputs, initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)
        return path
