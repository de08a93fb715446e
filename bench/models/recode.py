#!/usr/bin/env python3
"""Writes a package again with each of its matrices in another codec.

    recode.py f32|int4 PACKAGE OUT

`f32` keeps every value. `int4` rounds to the nearest of 15 values, in groups of 64 columns with a
half float each, as the engine's own `Int::nearest` does.
"""

import sys

import numpy as np
import package

GROUP = 64
BITS = 4


def f32(values):
    """Parts and parameters of a matrix `[out, in]`."""
    return {"values": values}, {"codec": "f32"}


def int4(values):
    rows, columns = values.shape
    if columns % GROUP:
        raise ValueError(f"{columns} columns are no multiple of {GROUP}")
    groups = values.reshape(rows, columns // GROUP, GROUP)
    largest = np.float32(2 ** (BITS - 1) - 1)
    scales = (np.abs(groups).max(axis=2) / largest).astype(np.float16)
    # Where all of a group is zero, so is its scale, and whatever it is divided by.
    units = np.where(scales == 0, np.float32(1), scales.astype(np.float32))
    codes = np.clip(np.round(groups / units[:, :, None]), -largest, largest)
    codes = (codes + 2 ** (BITS - 1)).astype(np.uint8).reshape(rows, columns)
    # The first of two codes in the low half of their byte.
    packed = codes[:, 0::2] | codes[:, 1::2] << 4
    parts = {"codes": packed, "scales": scales}
    return parts, {"codec": "int", "bits": BITS, "group_size": GROUP}


CODECS = {"f32": f32, "int4": int4}


def main(codec, source, target):
    metadata, tensors = package.reader.read(source)
    for name, entry in metadata["matrices"].items():
        values = package.reader.matrix(metadata, tensors, name)
        # Its codec's parts; a bias beside them is no part of the matrix.
        for key in [key for key in tensors if key.rpartition(".")[0] == name]:
            if key != f"{name}.bias":
                del tensors[key]
        parts, parameters = CODECS[codec](values)
        tensors.update({f"{name}.{part}": array for part, array in parts.items()})
        metadata["matrices"][name] = {"shape": entry["shape"], **parameters}
    package.write(target, metadata, tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
