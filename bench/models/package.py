"""Writes Pocketglot packages; the reader that comes with the tests reads them."""

import json
import struct
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "package"))

import read as reader  # noqa: E402 (its folder was not known before)

NAMES = {np.dtype(numpy_name): name for name, numpy_name in reader.DTYPES.items()}


def write(path, metadata, tensors):
    """A package file of `tensors`, a dict of arrays by name."""
    # The widest elements first, so that every tensor begins at a multiple of its element's size.
    order = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header = {"__metadata__": {reader.KEY: json.dumps(metadata)}}
    begin = 0
    for name in order:
        array = tensors[name]
        end = begin + array.nbytes
        header[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [begin, end],
        }
        begin = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            file.write(np.ascontiguousarray(tensors[name]).tobytes())
