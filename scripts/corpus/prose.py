"""Running prose in formats of their own: SWORD modules, fortune cookies, addresses in JSON, and
quoted strings of a game's data."""

import json
import re
import struct
import zlib
from collections.abc import Iterator


def sword(index: bytes, verses: bytes, texts: bytes) -> Iterator[str]:
    """Texts of a SWORD zText or zCom module by chapter or book, as they are packed.

    Of the files `.bzs`, `.bzv` and `.bzz`, the first holds offset, packed size and size of each
    zlib stream in the last; the second holds stream, start (four bytes each) and length (two) of
    each verse. All is little-endian.
    """
    streams = [
        zlib.decompress(texts[offset : offset + packed])
        for offset, packed, _ in struct.iter_unpack("<3I", index)
    ]
    chapter: list[str] = []
    last = None
    for stream, start, length in struct.iter_unpack("<IIH", verses):
        if stream >= len(streams):
            raise ValueError(f"a verse lies in stream {stream} of {len(streams)} (damaged module?)")
        if stream != last and chapter:
            yield " ".join(chapter)
            chapter = []
        last = stream
        if length:
            verse = streams[stream][start : start + length].decode("utf-8", errors="replace")
            chapter.append(without_markup(verse))
    yield " ".join(chapter)


def without_markup(verse: str) -> str:
    """A verse's own words: notes and titles go with their tags."""
    verse = re.sub(r"<(note|title|RF)\b.*?</?\1>", " ", verse, flags=re.DOTALL | re.IGNORECASE)
    return re.sub(r"<[^<>]*>", " ", verse)


def fortunes(data: str) -> Iterator[str]:
    """Cookies that are prose; a line `%` ends one, and a dash begins the line of who said it."""
    for cookie in re.split(r"^%+\s*$", data, flags=re.MULTILINE):
        said = re.split(r"^\s*(?:--|—|―)", cookie, flags=re.MULTILINE)[0]
        # Verse and tables are broken into short lines on purpose.
        written = [line for line in said.strip().splitlines() if line.strip()]
        if written and (len(written) == 1 or max(map(len, written[:-1])) >= 50):
            yield re.sub(r"[QA]:\s+", "", " ".join(line.strip() for line in written))


def address(data: bytes) -> Iterator[str]:
    """The paragraphs of a State of the Union address: the field `text`."""
    yield from json.loads(data)["text"].split("\n")


def spoken(data: str) -> Iterator[str]:
    """Strings between backquotes, as Endless Sky writes what is told and said."""
    yield from re.findall(r"`([^`\n]+)`", data)


def plain(data: str) -> Iterator[str]:
    """Paragraphs between blank lines, or lines of `%`, which part Dungeon Crawl's entries."""
    for paragraph in re.split(r"\n\s*\n|^%+\s*$", data, flags=re.MULTILINE):
        yield " ".join(paragraph.split())
