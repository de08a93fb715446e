"""Paragraphs of HTML, DocBook and Mallard pages, and those of a page and its translation together.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import NamedTuple

# Elements that hold a paragraph of their own, and those whose text is no prose.
BLOCKS = frozenset(
    "p para simpara li td th dt dd title h1 h2 h3 h4 h5 h6 term entry div section blockquote "
    "caption screeninfo body table tr ul ol dl listitem item note tip".split()
)
SKIPPED = frozenset(
    "head script style pre programlisting screen synopsis cmdsynopsis info bookinfo articleinfo "
    "indexterm nav footer literallayout svg math code-block".split()
)
VOID = frozenset("br img hr meta link input col area base wbr".split())
# A page that is translated in part is taken in runs of this many blocks of the same kinds.
MIN_RUN = 6


class Block(NamedTuple):
    """A paragraph: the element that holds it, that element's id or "", its text."""

    tag: str
    id: str
    text: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.text: list[str] = []
        self.tag, self.id = "body", ""
        self.skipping: list[str] = []

    def flush(self, tag: str, identity: str) -> None:
        text = " ".join("".join(self.text).split())
        if text:
            self.blocks.append(Block(self.tag, self.id, text))
        self.text, self.tag, self.id = [], tag, identity

    def handle_starttag(self, tag: str, attrs: list) -> None:
        tag = tag.rpartition(":")[2]
        if tag in SKIPPED:
            self.skipping.append(tag)
        if tag in BLOCKS:
            self.flush(tag, dict(attrs).get("id") or "")
        elif tag == "br":
            self.text.append(" ")

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        if tag not in SKIPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in self.skipping:
            # Elements left open within it end with it.
            del self.skipping[self.skipping.index(tag) :]
        elif tag in BLOCKS:
            self.flush("body", "")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.text.append(data)


def blocks(page: str) -> list[Block]:
    """The page's paragraphs in order, without code and navigation."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    reader.flush("body", "")
    return reader.blocks


def pairs(english: list[Block], portuguese: list[Block]) -> Iterator[tuple[str, str]]:
    """Paragraphs that answer to each other: by id where they have one, else by their place."""
    by_id = {block.id: block.text for block in portuguese if block.id}
    shared = [block for block in english if block.id in by_id]
    if len(shared) > len(english) // 3:
        yield from ((block.text, by_id[block.id]) for block in shared)
        return
    left, right = ([block.tag for block in page] for page in (english, portuguese))
    if left == right:
        runs = [(0, 0, len(left))]
    else:
        runs = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        runs = [run for run in runs if run[2] >= MIN_RUN]
    for first, second, count in runs:
        for index in range(count):
            yield english[first + index].text, portuguese[second + index].text
