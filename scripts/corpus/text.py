"""Clean lines of one sentence each: what every source's text passes through.

All of it is pure: text in, text out, the same for the same input on every machine.
"""

import re
import unicodedata

LANGUAGES = ("en", "pt")
MIN_WORDS, MAX_WORDS, MAX_CHARACTERS = 3, 80, 600
# Below this share of letters a line is a table's row, a formula or a list of symbols.
MIN_LETTERS = 0.72

UNUSUAL = re.compile(r"[^ -~\xa1-\xac\xae-\u024f\u2013-\u201d\u2026]")
MARK = re.compile(
    r"^(?:[-–—•·*+]\s+|\(?\d{1,3}(?:[-–,]\s?\d{1,3})*[.)]\s+|\(?[a-z]\)\s+)+(?=\S)"
)
# What running prose does not hold: markup, code, placeholders, options, paths and addresses.
CODE = re.compile(
    r"[<>{}\[\]\\|=_~^`@#*\u2022\ufffd]|::|://|&\w*;|\bwww\.|(?<!\w)--?\w|\$\w|%\w|%\(|"
    r"%%|(?<!\w)/\w|\w/\w*/|\(\)|\w\.\w+\.\w|"
    r"\b\w+\.(?:h|c|py|conf|txt|html?|xml|so|deb|gz|exe|org|com|net)\b|"
    r"\w\(\d\w?\)|\.\s?\.\s?\.\s?\."
)
LETTER = re.compile(r"[^\W\d_]")
LOWERCASE_WORD = re.compile(r"\b[a-zà-ÿ]{2,}\b")
# Frequent words that the other language does not have.
OWN_WORDS = {
    "en": frozenset(
        "the of and to is that it was for are with this be by not from you which or have his an "
        "they were on at if can".split()
    ),
    "pt": frozenset(
        "de que não uma para com os um é por mais das dos foi ou ao ele ela você são seu sua "
        "se em na da do pelo pela como está o e à às nas sem até".split()
    ),
}
# A full stop after one of these does not end a sentence.
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr sra srta jr gen col capt lt sen rep gov rev hon no nos nº vs p pp fig "
    "figs e.g i.e eg ie cf ca etc vol ed eds op cit viz al art cap pág ex obs av d dra "
    "approx inc ltd co corp dept est jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
SENTENCE_END = re.compile(r"""[.!?…]["'”’»)\]]*\s+(?=["'“‘«(¿¡]*[A-ZÀ-Þ0-9])""")


def clean(text: str) -> str:
    """One line without control and invisible characters, with single spaces.

    A list's mark or number in front goes, and so do spaces inside of quotation marks.
    """
    if UNUSUAL.search(text):
        text = "".join(map(_visible, unicodedata.normalize("NFC", text)))
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([,;:.!?)”]+)(?=[\s\"'”’)]|$)", r"\1", re.sub(r"([“‘(])\s+", r"\1", text))
    return MARK.sub("", text)


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    return "" if category.startswith("C") else letter


def sentences(paragraph: str) -> list[str]:
    """A clean paragraph's sentences, in order."""
    found, start = [], 0
    for end in SENTENCE_END.finditer(paragraph):
        before = paragraph[start : end.start()].rsplit(" ", 1)[-1].lstrip("(\"'“‘[")
        if paragraph[end.start()] == "." and (
            before.lower() in ABBREVIATIONS or (len(before) == 1 and before.isalpha())
        ):
            continue
        found.append(paragraph[start : end.end()].strip())
        start = end.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def is_prose(line: str, language: str) -> bool:
    """Whether a clean line reads as a sentence or segment of that language."""
    words = line.split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS or len(line) > MAX_CHARACTERS:
        return False
    if CODE.search(line) or len(max(words, key=len)) > 40:
        return False
    letters = LETTER.findall(line)
    if len(letters) < MIN_LETTERS * len(line.replace(" ", "")):
        return False
    if any(letter > "\u024f" for letter in letters):
        return False
    if sum(letter.isupper() for letter in letters) > 0.4 * len(letters):
        return False
    if len(LOWERCASE_WORD.findall(line)) < 2:
        return False
    return is_language(words, language)


def is_language(words: list[str], language: str) -> bool:
    """False where the other language's frequent words outnumber this one's."""
    bare = [word.strip(".,;:!?()\"'“”").lower() for word in words]
    own, other = (
        sum(word in OWN_WORDS[name] for word in bare)
        for name in (language, LANGUAGES[1 - LANGUAGES.index(language)])
    )
    # A longer sentence without any of the frequent words of its language is another language's.
    return own > other or (own == other and len(words) < 7)


def key(line: str) -> str:
    """The same for lines that differ in case, digits or punctuation only."""
    return re.sub(r"[\W\d_]+", " ", line.casefold()).strip()


def lines(paragraph: str, language: str, fewest: int = MIN_WORDS) -> list[str]:
    """The sentences of a raw paragraph that are worth keeping, of so many words at least."""
    found = (MARK.sub("", unquoted(line)) for line in sentences(clean(paragraph)))
    return [line for line in found if is_prose(line, language) and len(line.split()) >= fewest]


def unquoted(line: str) -> str:
    """Without the one quotation mark that splitting a longer speech leaves at an end."""
    return line.strip('"') if line.count('"') == 1 else line


def aligned(english: str, portuguese: str) -> list[tuple[str, str]]:
    """Pairs of sentences of a raw paragraph and its translation.

    Paragraphs of equally many sentences are split; others stay whole.
    """
    english, portuguese = clean(english), clean(portuguese)
    left, right = sentences(english), sentences(portuguese)
    if len(left) != len(right) or not all(map(alike, left, right)):
        left, right = [english], [portuguese]
    return [
        (en, pt)
        for en, pt in zip(left, right)
        if alike(en, pt) and key(en) != key(pt) and is_prose(en, "en") and is_prose(pt, "pt")
    ]


def alike(english: str, portuguese: str) -> bool:
    """Whether the lengths are those of a translation: Portuguese is a little longer."""
    return len(english) * 0.55 - 10 <= len(portuguese) <= len(english) * 1.9 + 20
