"""Definitions, examples and quotations of dictionaries: WordNet's and those of dictd."""

import re
from collections.abc import Iterator


def wordnet(data: str) -> Iterator[str]:
    """Definitions and examples of a WordNet data file; format: wndb(5WN), the gloss after ` | `."""
    for line in data.splitlines():
        if line.startswith("  ") or " | " not in line:
            continue  # the licence stands in front
        gloss = line.split(" | ", 1)[1]
        examples = re.findall(r'"([^"]{12,})"', gloss)
        definition = re.sub(r'[;,:]?\s*"[^"]*"?.*$', "", gloss).strip(" ;")
        yield re.sub(r"^\([^)]*\)\s*", "", definition)
        for example in examples:
            yield example[0].upper() + example[1:]


def dictd(data: str) -> Iterator[str]:
    """Paragraphs of a dictd database: a blank line ends one, and so does a headword's line."""
    paragraph: list[str] = []
    for line in [*data.splitlines(), ""]:
        if line.strip() and line.startswith((" ", "\t")):
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield readable(" ".join(paragraph))
        paragraph = []


def readable(paragraph: str) -> str:
    """Without links' braces, sources in brackets, labels and the numbers of senses."""
    paragraph = re.sub(r"\[[^\[\]]*\]", " ", paragraph)
    paragraph = re.sub(r"\{([^{}]*)\}", r"\1", paragraph)
    # GCIDE gives the author of a quotation so.
    paragraph = re.sub(r"\s--\s?[A-Z][\w.'& ()]*$", "", paragraph)
    paragraph = re.sub(r"\s--\s?[A-Z][\w.']*(?: [A-Z][\w.']*)*\.?(?=\s|$)", " ", paragraph)
    paragraph = re.sub(r"^(?:\d+\.|\([a-z]\)|<[^<>]*>|Note:|Syn:)\s*", "", paragraph.strip())
    paragraph = re.sub(r"^(?:\([A-Z][\w. &]*\)|<[^<>]*>)\s*", "", paragraph.strip())
    return paragraph.strip().strip('"')
