"""A network → an ONNX file that runs at any size: its attention becomes a loop over rows of patches."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from onnxscript import FLOAT, graph, opset18, script
from torch import nn

import matting.networks.guided_attention  # noqa: F401 (it registers the operation that is translated)
from matting.files import write_file

op: Any = opset18
"""Untyped, because onnxscript's own types do not match its values."""
STRIDE = 32
MAX_STRIDES = 2**15 // STRIDE
"""The exporter needs a bound: sides have at most this many strides."""


def write_onnx(network: nn.Module, path: Path, inputs: Sequence[str] = ("image", "trimap")) -> None:
    """Write `network`, in evaluation mode: `inputs` (1, 3, H, W), output alpha (1, 1, H, W)."""
    height, width = (torch.export.Dim(name, min=2, max=MAX_STRIDES) for name in ("height", "width"))
    size = {2: STRIDE * height, 3: STRIDE * width}
    example = torch.zeros(1, 3, 3 * STRIDE, 4 * STRIDE)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter's warnings about itself
        program = torch.onnx.export(
            network,
            tuple(example.clone() for _ in inputs),
            dynamo=True,
            verbose=False,
            input_names=list(inputs),
            output_names=["alpha"],
            dynamic_shapes=tuple(size for _ in inputs),
            custom_translation_table={torch.ops.matting.gather.default: _gather_rows},
            opset_version=18,
        )
    assert program is not None
    write_file(path, program.model_proto.SerializeToString())


@script()
def _gather_rows(pixels, scale, near_unknown, cells) -> FLOAT[...]:  # type: ignore  # noqa: ANN001
    """`gather_in_blocks` for one picture, one row of queries at a time.

    Products of 3 × 3 patches are summed over rows within one matrix product, and over columns along diagonals. The
    state of the scan is what a row of patches gives to the row of cells below it.
    """
    zero, one, two = op.Constant(value_ints=[0]), op.Constant(value_ints=[1]), op.Constant(value_ints=[2])
    rest = op.Constant(value_ints=[-1])
    height, width = op.Shape(scale, start=2, end=3), op.Shape(scale, start=3, end=4)
    pixel_rows = op.Transpose(op.Squeeze(pixels, zero), perm=[1, 2, 0])
    queries = op.Concat(pixel_rows[:-2], pixel_rows[1:-1], pixel_rows[2:], axis=2)
    keys = op.Transpose(op.Reshape(queries, op.Concat(rest, op.Shape(queries, start=2), axis=0)), perm=[1, 0])
    key_scale = op.Squeeze(scale, op.Constant(value_ints=[0, 1]))
    penalties = op.Squeeze(near_unknown, op.Constant(value_ints=[0, 1])) * -10000.0
    values = op.Transpose(op.Reshape(cells, op.Concat(op.Shape(cells, start=1, end=2), rest, axis=0)), perm=[1, 0])
    columns = op.Range(op.Constant(value_int=0), op.Squeeze(width, zero), op.Constant(value_int=1))
    rows = op.Range(op.Constant(value_int=0), op.Squeeze(height, zero), op.Constant(value_int=1))
    nothing = op.Expand(op.Constant(value_float=0.0), op.Concat(width + one, height, width + one, axis=0))

    @graph()
    def gather_row(above, query, penalty, row):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        products = op.Reshape(op.MatMul(query, keys), op.Concat(width + two, height, width + two, axis=0))
        scores = (products[:-2, :, :-2] + products[1:-1, :, 1:-1] + products[2:, :, 2:]) * key_scale
        itself = op.Concat(
            op.Unsqueeze(columns, one),
            op.Expand(op.Unsqueeze(row, zero), op.Concat(width, one, axis=0)),
            op.Unsqueeze(columns, one),
            axis=1,
        )
        scores = op.ScatterND(scores, itself, penalty, reduction="add")
        weights = op.Softmax(op.Reshape(scores, op.Concat(width, rest, axis=0)), axis=1)
        weights = op.Reshape(weights, op.Concat(width, height, width, axis=0))
        here = op.Pad(weights, op.Constant(value_ints=[0, 0, 0, 1, 0, 1])) + op.Pad(
            weights, op.Constant(value_ints=[1, 0, 1, 0, 0, 0])
        )
        shared = op.Pad(here, op.Constant(value_ints=[0, 0, 0, 0, 1, 0])) + op.Pad(
            above, op.Constant(value_ints=[0, 1, 0, 0, 0, 0])
        )
        gathered_row = op.MatMul(op.Reshape(shared, op.Concat(width + one, rest, axis=0)), values)
        return here, gathered_row

    above, gathered = op.Scan(nothing, queries, penalties, rows, body=gather_row, num_scan_inputs=3)
    shared = op.Pad(above, op.Constant(value_ints=[0, 1, 0, 0, 0, 0]))
    last = op.MatMul(op.Reshape(shared, op.Concat(width + one, rest, axis=0)), values)
    gathered = op.Concat(gathered, op.Unsqueeze(last, zero), axis=0)
    return op.Unsqueeze(op.Transpose(gathered, perm=[2, 0, 1]), zero)  # type: ignore[no-any-return]
