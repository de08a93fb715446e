"""Messages and their translations from GNU gettext's `.mo` files.

Format: the GNU gettext manual, "The Format of GNU MO Files".
"""

import re
import struct
from collections.abc import Iterator

MAGIC = 0x950412DE


def messages(data: bytes) -> Iterator[tuple[str, str]]:
    """Original and translation; of a plural its singular, without the context."""
    if len(data) < 20:
        raise ValueError(f"not a .mo file: it has {len(data)} bytes, the header alone is 20")
    order = "<" if struct.unpack_from("<I", data)[0] == MAGIC else ">"
    magic, _, count, originals, translated = struct.unpack_from(order + "5I", data)
    if magic != MAGIC:
        raise ValueError("not a .mo file: its first four bytes are not the format's")
    if max(originals, translated) + 8 * count > len(data):
        raise ValueError(f".mo file of {count} messages ends after {len(data)} bytes (truncated?)")
    for index in range(count):
        original, translation = (
            _string(data, *struct.unpack_from(order + "2I", data, table + 8 * index))
            for table in (originals, translated)
        )
        if original and translation:
            yield original.split("\x04")[-1], translation


def _string(data: bytes, length: int, offset: int) -> str:
    if offset + length > len(data):
        raise ValueError(f"a .mo file's string at {offset} goes past its end (truncated?)")
    return data[offset : offset + length].split(b"\0")[0].decode("utf-8", errors="replace")


def readable(message: str) -> str:
    """Without marks for the keyboard, for the sense (`female^`) and of typography."""
    message = re.sub(r"^[\w ]{1,40}\^", "", message)
    message = re.sub(r"</?[A-Za-z][^<>]*>", "", message)
    return re.sub(r"&(?=\w)(?!\w+;)|(?<!\w)_(?=\w)", "", message)


def paragraphs(data: bytes) -> Iterator[tuple[str, str]]:
    """Paragraphs that answer to each other, of messages with equally many."""
    for original, translation in messages(data):
        left, right = (re.split(r"\n\s*\n", readable(text)) for text in (original, translation))
        if len(left) == len(right):
            yield from zip(left, right)
