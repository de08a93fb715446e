#!/usr/bin/env python3
"""Reads Pocketglot packages with nothing but NumPy: the format, written down as a program.

A package is one safetensors file (8 bytes of length, a JSON header, then the tensors' bytes):

    u64   length of the header, little-endian
    JSON  the header: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ...,
          "__metadata__": {"pocketglot": "..."}}; offsets count from the end of the header
    ...   every tensor, little-endian, row-major

The string under `pocketglot` is JSON once more; `schema.json` beside this file describes it. It
names the codec and shape of every weight matrix, and the parameters of codecs that have any; shapes
may differ from layer to layer, where layers have fewer heads or narrower insides than others. A
matrix NAME stands in the file as the tensors NAME.PART, where the codec says which parts there are;
biases and norms are plain F32 or F16 tensors, `vocabulary` is a SentencePiece model, byte for byte,
and `shortlist` says which target pieces may follow from which source piece: see shortlist() below,
and screening() for what may take its place.

    python3 read.py MODEL

prints, as JSON, each matrix with its codec, its shape, the sum of its weights, and the CRC-32 of
their float32 bytes, little-endian, row-major; of the shortlist the number of its ids and the CRC-32
of all of them as u32, one list after another; and of the screening the CRC-32 of both its maps.
"""

import json
import struct
import sys
import zlib

import numpy as np

FORMAT = 1
KEY = "pocketglot"

# The element types that a package may hold, as NumPy calls them.
DTYPES = {"U8": "<u1", "I8": "<i1", "F16": "<f2", "F32": "<f4", "U32": "<u4"}


def read(path):
    """The metadata of the package at `path`, and its tensors: a dict of arrays by name."""
    with open(path, "rb") as file:
        content = file.read()
    if len(content) < 8:
        raise ValueError(f"{path}: {len(content)} bytes are no safetensors file")
    (length,) = struct.unpack_from("<Q", content)
    if length > len(content) - 8:
        raise ValueError(f"{path}: the header needs {length} bytes, the file has {len(content) - 8}")
    header = json.loads(content[8 : 8 + length])
    try:
        metadata = json.loads(header.pop("__metadata__")[KEY])
    except KeyError:
        raise ValueError(f"{path}: no `{KEY}` in the metadata: not one of ours") from None
    if metadata["format"] != FORMAT:
        raise ValueError(f"{path}: format {metadata['format']}; this reader knows format {FORMAT}")
    data = memoryview(content)[8 + length :]
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"])
    return metadata, tensors


def f32(part, entry):
    """Plain floats: NAME.values, F32 [out, in]."""
    return part("values")


def f16(part, entry):
    """Half floats: NAME.values, F16 [out, in]."""
    return part("values").astype(np.float32)


def int8(part, entry):
    """Marian's 8-bit weights: NAME.codes, I8 [out, in]; NAME.scale, F32 [1]; weight = code / scale.

    NAME.input_scale, F32 [1], absent in some models, is the multiplier by which the other side of a
    product is quantised where products are done in integers. The weights don't depend on it.
    """
    return part("codes").astype(np.float32) / part("scale")


def grouped(part, entry):
    """Codes of a few bits: NAME.codes, U8 [out, bytes a row]; NAME.scales, F16 [out, groups].

    weight = (code - 2^(bits - 1)) * scale; `group_size` columns of a row share a scale. Codes stand
    one after the other, from the least significant bit of a row's first byte on, and each row
    begins with a byte of its own; the bits that are left at its end are zero.
    """
    (rows, columns), bits, group_size = entry["shape"], entry["bits"], entry["group_size"]
    stream = np.unpackbits(part("codes"), axis=1, bitorder="little")
    codes = stream[:, : columns * bits].reshape(rows, columns, bits) @ (1 << np.arange(bits))
    if stream[:, columns * bits :].any() or stream.shape[1] - columns * bits >= 8:
        raise ValueError("rows of codes end with more than their last code")
    if part("scales").shape != (rows, -(-columns // group_size)):
        raise ValueError(f"scales {part('scales').shape} for {columns} columns, {group_size} a group")
    scales = np.repeat(part("scales").astype(np.float32), group_size, axis=1)[:, :columns]
    return (codes - 2 ** (bits - 1)).astype(np.float32) * scales


def entropy(part, entry):
    """Codes that are coded by how often they occur: NAME.codes, U8 [bytes]; NAME.tables, U32
    [classes, symbols]; NAME.steps, F32 [classes]; NAME.classes, U8 [out].

    weight = code * step of the row's class. In each class the code least + s has the frequency
    tables[class, s] of 4096; an asymmetric numeral system turns codes and frequencies into 32-bit
    words, little-endian, of which the last comes first.
    """
    (rows, columns), least = entry["shape"], entry["least"]
    words = part("codes").view("<u4").tolist()
    tables = part("tables").astype(int)
    if (tables < 1).any() or (tables.sum(axis=1) != 4096).any():
        raise ValueError("frequencies that do not add up to 4096")
    starts = (np.cumsum(tables, axis=1) - tables).tolist()
    symbols = [np.repeat(np.arange(len(table)), table).tolist() for table in tables]
    tables = tables.tolist()
    state = 0
    while words and state < 1 << 32:
        state = state << 32 | words.pop()
    codes = np.empty((rows, columns), dtype=np.float32)
    for row, kind in enumerate(part("classes").tolist()):
        for column in range(columns):
            rest = state & 4095
            symbol = symbols[kind][rest]
            state = (state >> 12) * tables[kind][symbol] + rest - starts[kind][symbol]
            if state < 1 << 32 and words:
                state = state << 32 | words.pop()
            codes[row, column] = least + symbol
    if state or words:
        raise ValueError("the codes do not end with the last one")
    return codes * part("steps")[part("classes")][:, None]


def codebook(part, entry):
    """Codes for runs of weights: NAME.codes, U8 [out, bytes a row]; NAME.values, F16
    [books, codes, dimension].

    There is one book for all runs, or one for each run of a row. A code takes as many bits as their
    number asks for, but at least 2, and codes are packed as those of `int` are. The last run of a row
    may be shorter than `dimension`.
    """
    (rows, columns), values = entry["shape"], part("values").astype(np.float32)
    books, count, dimension = values.shape
    if dimension != entry["dimension"]:
        raise ValueError(f"values of {dimension} weights, the metadata says {entry['dimension']}")
    bits, runs = max(2, (count - 1).bit_length()), -(-columns // dimension)
    stream = np.unpackbits(part("codes"), axis=1, bitorder="little")
    codes = stream[:, : runs * bits].reshape(rows, runs, bits) @ (1 << np.arange(bits))
    if stream[:, runs * bits :].any() or stream.shape[1] - runs * bits >= 8:
        raise ValueError("rows of codes end with more than their last code")
    book = np.arange(runs) if books == runs else np.zeros(runs, dtype=int)
    return values[book, codes].reshape(rows, runs * dimension)[:, :columns]


def inner(part, name, entry, shape):
    """A matrix within a matrix: its parts are NAME.<name>.PART, its codec stands under `name`."""
    held = {**entry[name], "shape": list(shape)}
    return CODECS[held["codec"]](lambda suffix: part(f"{name}.{suffix}"), held)


def low_rank(part, entry):
    """The product of NAME.left [out, rank] and NAME.right [rank, in], summed in the order of the rank."""
    (rows, columns), rank = entry["shape"], entry["rank"]
    left = inner(part, "left", entry, (rows, rank))
    right = inner(part, "right", entry, (rank, columns))
    values = np.zeros((rows, columns), dtype=np.float32)
    for n in range(rank):
        values += left[:, n : n + 1] * right[n]
    return values


def sparse(part, entry):
    """Weights that are not zero: NAME.bitmap, U8 [out, ⌈in / 8⌉], says where they stand.

    They follow each other, row by row, under NAME.weights, in the part of their codec that has an
    element for each weight: `codes` or `values`. Codes of `int` are packed as if all were one row.
    """
    (rows, columns), held = entry["shape"], entry["weights"]
    bits = np.unpackbits(part("bitmap"), axis=1, bitorder="little")
    if bits[:, columns:].any() or bits.shape[1] - columns >= 8:
        raise ValueError("rows of the bitmap end with more than their last weight")
    there = bits[:, :columns].astype(bool)
    name = "values" if held["codec"] in ("f32", "f16") else "codes"
    kept = part(f"weights.{name}")
    if held["codec"] == "int":
        width, count = held["bits"], int(there.sum())
        stream = np.unpackbits(kept, bitorder="little")[: count * width]
        kept = (stream.reshape(count, width) @ (1 << np.arange(width))).astype(np.uint8)
        dense = np.full((rows, columns), 1 << (width - 1), dtype=np.uint8)
        dense[there] = kept
        dense = (dense[:, :, None] >> np.arange(width, dtype=np.uint8)) & 1
        dense = np.packbits(dense.reshape(rows, columns * width), axis=1, bitorder="little")
    else:
        dense = np.zeros((rows, columns), dtype=kept.dtype)
        dense[there] = kept
    own = {f"weights.{name}": dense}
    return inner(lambda suffix: own[suffix] if suffix in own else part(suffix), "weights", entry, (rows, columns))


# One row a codec, under the name that the metadata uses.
CODECS = {
    "f32": f32,
    "f16": f16,
    "int8": int8,
    "int": grouped,
    "entropy": entropy,
    "codebook": codebook,
    "low_rank": low_rank,
    "sparse": sparse,
}


def matrix(metadata, tensors, name):
    """The matrix `name` as float32 [out, in]; the embedding is [vocabulary, width]."""
    entry = metadata["matrices"][name]
    codec, shape = entry["codec"], tuple(entry["shape"])
    if codec not in CODECS:
        raise ValueError(f"{name}: unknown codec `{codec}`; this reader knows {', '.join(CODECS)}")
    values = CODECS[codec](lambda part: tensors[f"{name}.{part}"], entry)
    if values.shape != shape or values.dtype != np.float32:
        raise ValueError(f"{name}: {values.dtype} {values.shape}, expected float32 {shape}")
    return values


def shortlist(tensors):
    """For each source piece the ids of the target pieces that it may become, and how many pieces, the
    first of the vocabulary, are always allowed; None where the package holds no shortlist.

    The eight bytes PGSHORT1, u32 always allowed, u32 lists, then each list: its length and its ids,
    ascending, the first as it is, each other one as what it is more than the one before, less 1; in
    LEB128, seven bits a byte, the lowest first. (Packages of earlier versions have Marian's binary
    form here.)
    """
    if "shortlist" not in tensors:
        return None
    content = tensors["shortlist"].tobytes()
    magic, frequent, count = struct.unpack_from("<8sII", content)
    if magic != b"PGSHORT1":
        raise ValueError(f"a shortlist that starts with {magic}")
    numbers, value, shift = [], 0, 0
    for byte in content[16:]:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value, shift = 0, 0
    lists, at = [], 0
    for _ in range(count):
        steps = np.array(numbers[at + 1 : at + 1 + numbers[at]], dtype=np.int64)
        lists.append(np.cumsum(steps + 1) - 1)
        at += 1 + len(steps)
    if at != len(numbers) or shift:
        raise ValueError("the shortlist does not end with its last list")
    return lists, frequent


def screening(metadata, tensors):
    """The two maps of a screening, each float32 [rank, width]; None where the package holds none.

    NAME.codes, I8 [rank, width], times NAME.scales, F32 [rank], row by row. With h the state of the
    decoder, E the embedding and b the output bias, the logits are about (state @ h) @ (pieces @ E.T)
    + b; the exact ones are needed of the best of these only.
    """
    if "screening" not in metadata:
        return None
    names = ["screening.state", "screening.pieces"]
    return [tensors[f"{name}.codes"] * tensors[f"{name}.scales"][:, None] for name in names]


def main(arguments):
    if len(arguments) != 1:
        sys.exit("use: read.py MODEL")
    metadata, tensors = read(arguments[0])
    report = {"matrices": {}}
    if (found := shortlist(tensors)) is not None:
        lists, frequent = found
        ids = np.concatenate(lists).astype("<u4")
        report["shortlist"] = {"frequent": frequent, "ids": len(ids), "crc32": zlib.crc32(ids)}
    if (maps := screening(metadata, tensors)) is not None:
        report["screening"] = [zlib.crc32(np.ascontiguousarray(m, dtype="<f4")) for m in maps]
    for name in metadata["matrices"]:
        values = matrix(metadata, tensors, name)
        report["matrices"][name] = {
            "codec": metadata["matrices"][name]["codec"],
            "shape": list(values.shape),
            "sum": float(values.sum(dtype=np.float64)),
            "crc32": zlib.crc32(np.ascontiguousarray(values, dtype="<f4").tobytes()),
        }
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
