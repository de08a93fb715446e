"""Package descriptions and their translations, matched by the MD5 of the English text.

Format: Debian's `Translation-<language>` indices, paragraphs of `Package`, `Description-md5` and
`Description-<language>`, whose first line is a summary; ` .` stands for an empty line.
"""

import re
from collections.abc import Iterable, Iterator


def parse(index: str, language: str) -> dict[str, list[str]]:
    """MD5 → summary and paragraphs. Of a list (lines that are indented more) nothing is kept."""
    entries = {}
    for entry in index.split("\n\n"):
        md5 = re.search(r"^Description-md5: *(\w+)", entry, re.MULTILINE)
        body = re.search(
            rf"^Description-{re.escape(language)}: *(.*(?:\n .*)*)", entry, re.MULTILINE
        )
        if md5 and body:
            entries[md5[1]] = list(paragraphs(body[1]))
    return entries


def paragraphs(body: str) -> Iterator[str]:
    summary, *rest = body.split("\n")
    yield summary
    for block in "\n".join(rest).split("\n ."):
        block = block.strip("\n")
        # The paragraphs must stay countable, so a list gives an empty one.
        listed = re.search(r"^ ( |[-*+•] )", block, re.MULTILINE)
        yield "" if listed else " ".join(block.split())


def pairs(english: dict[str, list[str]], portuguese: dict[str, list[str]]) -> Iterable:
    """Paragraphs that answer to each other, of descriptions with equally many."""
    for md5, texts in english.items():
        translated = portuguese.get(md5, [])
        if len(translated) == len(texts):
            yield from zip(texts, translated)
