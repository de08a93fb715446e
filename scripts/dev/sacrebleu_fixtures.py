#!/usr/bin/env python3
"""Writes src/eval/fixtures.json: awkward sentences with the counts and scores of sacreBLEU.

The tests of src/eval require the same counts and scores. Needed only to change the sentences;
in a Python environment of its own, from the root of the project:

    pip install sacrebleu==2.6.0
    python3 scripts/dev/sacrebleu_fixtures.py

All sentences were written for this file. The output is the same on every run.
"""

import json
import logging
import random
from pathlib import Path

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

OUTPUT = Path(__file__).resolve().parents[2] / "src" / "eval" / "fixtures.json"

# Groups of (hypothesis, reference).
WRITTEN = {
    "english": [
        ("The bakery opens at six and closes when the bread is gone.",
         "The bakery opens at six and shuts once the bread runs out."),
        ("She had left her umbrella on the bus again.", "Once again she left her umbrella on the bus."),
        ("Nobody told me the meeting was moved.", "Nobody told me the meeting had been moved."),
        ("Keep the receipt, you may need it.", "Keep your receipt; you might need it later."),
        ("the library was quiet", "The library was quiet."),
        ("THE LIBRARY WAS QUIET.", "The library was quiet."),
        ("A dog and a cat and a bird and a fish.", "A cat, a dog, a fish and a bird."),
        ("It rained all night and in the morning the river was high.",
         "It rained all night, and by morning the river was high."),
        ("Please turn off the lights before you leave the room.",
         "Please turn off the lights before you leave the room."),
        ("completely different words here now", "Our neighbour repairs old radios."),
        ("Our neighbour repairs old radios. Our neighbour repairs old radios.",
         "Our neighbour repairs old radios."),
        ("Our neighbour", "Our neighbour repairs old radios in a shed behind the house."),
    ],
    "portuguese": [
        ("A padaria abre às seis e fecha quando o pão acaba.",
         "A padaria abre às seis da manhã e só fecha quando o pão acaba."),
        ("Ela esqueceu o guarda-chuva no ônibus de novo.", "Ela deixou o guarda-chuva no ônibus outra vez."),
        ("Ninguém me disse que a reunião tinha mudado.", "Ninguém me avisou que a reunião mudou de horário."),
        ("Não há água; amanhã haverá.", "Hoje não tem água, mas amanhã vai ter."),
        ("Você pode me ligar às 8h30?", "Pode me ligar às 8h30?"),
        ("voce pode me ligar as 8h30?", "Você pode me ligar às 8h30?"),
        ("O copo d'água está em cima da mesa.", "O copo d’água está sobre a mesa."),
        ("Disse-lhe que fá-lo-ia amanhã.", "Eu disse a ele que faria isso amanhã."),
        ("A Sra. Souza e o Dr. Lima chegaram às 10 h.", "A Sra. Souza e o Dr. Lima chegaram às dez horas."),
        ("«Que saudade», disse ela.", "“Que saudade”, ela disse."),
        ("Custa R$ 1.234,56 à vista.", "À vista, custa R$1.234,56."),
        ("São Paulo–Rio: 430 km", "De São Paulo ao Rio são 430 km."),
        ("Maçã, maçã, maçã.", "maçã maçã"),
        ("É isso aí!", "É isso mesmo!"),
    ],
    "numbers": [
        ("The rope is 3.5 metres long.", "The rope is 3.5 meters long."),
        ("The rope is 3 .5 metres long.", "The rope is 3.5 metres long."),
        ("There were 1,000 people and 2,500,000 leaves.", "There were 1000 people and 2.500.000 leaves."),
        ("He lives in the U.S. now.", "He now lives in the US."),
        ("A coffee costs $5.00, or €4.50.", "A coffee is $5.00 (€4.50)."),
        ("a 5-year plan for a 12-storey house", "a 5 year plan for a 12 storey house"),
        ("a five-year plan, pp. 10-12, 2019-20", "a five-year plan, pp. 10–12, 2019–20"),
        ("-5 degrees, -.5 volts, 5.-", "minus 5 degrees, -0.5 volts, 5"),
        ("Version 2.0.1-rc.3, built 12/03/2021 at 10:45:00.", "Version 2.0.1-rc.3 was built on 12/03/2021, 10:45."),
        ("50% off, 3x4=12, 7+8=15, 2^10", "50 % off, 3 x 4 = 12, 7 + 8 = 15, 2 ^ 10"),
        (".5 ,5 5. 5, 5.5. 5,5,", "0.5 0,5 5 . 5 , 5.5 . 5,5 ,"),
        ("1.2.3,4,5.6", "1.2.3,4,5.6"),
        ("١٢٫٥ and 5.٥ and ٥.5", "12.5 and 5.٥ and ٥.5"),
        ("x².5 and ½,½", "x2.5 and 1/2, 1/2"),
        ("No. 7, 8th floor, 9 a.m.", "No. 7, eighth floor, 9 am"),
    ],
    "punctuation": [
        ("Wait... what?!", "Wait, what?"),
        ("Wait . . . what ? !", "Wait... what?!"),
        ("....,,,,....", "., ., ., ."),
        ("a.b,c.d", "a. b, c. d"),
        ("a,.b .,c", "a, . b . , c"),
        ("He said, \"Come in,\" and sat down.", "He said \"come in\" and sat down."),
        ("\u201cQuoted\u201d and \u2018single\u2019 and \u00abangled\u00bb", "\"Quoted\" and 'single' and <<angled>>"),
        ("It's the boys' turn, isn't it?", "It is the boys' turn, is n't it?"),
        ("rock 'n' roll", "rock'n'roll"),
        ("[see] {this} (here) <there> /now/ |then|", "see this here there now then"),
        ("a@b.example #tag ~home `code` ^up _under_ \\back", "a @ b.example # tag ~ home ` code ` ^ up _ under _ \\ back"),
        ("well-known, so-called \u2014 and \u2013 dashes", "well known, so called - and - dashes"),
        ("ends with a hyphen-", "ends with a hyphen"),
        ("- bullet one", "\u2022 bullet one"),
        ("--flag=value --other", "-- flag = value -- other"),
        ("Tudo bem?Sim.Claro!", "Tudo bem? Sim. Claro!"),
        ("semi;colon:and*star", "semi ; colon : and * star"),
        ("\u3002\uff0c full\u3001width\uff01", ". , full, width!"),
        ("\u2026 \u2022 \u00b7 \u00a7 \u00b6 \u00bf \u00a1", "... * . S P ? !"),
    ],
    "entities": [
        ("Fish &amp; chips &lt;hot&gt; &quot;now&quot;", "Fish & chips <hot> \"now\""),
        ("&amp;lt; &amp;amp; &amp;quot; &amp;gt;", "< & \" >"),
        ("&amp;amp;lt;", "&amp;lt;"),
        ("&apos;quoted&apos; &#39; &nbsp; &AMP; &amp", "'quoted' ' & &"),
        ("R&D and AT&T", "R & D and AT & T"),
        ("a <skipped> word and<skipped>another", "a word and another"),
        ("<skip<skipped>ped> &<skipped>amp; <SKIPPED>", "<skipped> &amp; skipped"),
        ("&am<skipped>p;lt;", "<"),
        ("5&lt;6, 6.&gt;5, 5&gt;.6", "5 < 6 , 6 . > 5 , 5 > .6"),
    ],
    "lines": [
        ("A word that is hyphen-\nated over two lines.", "A word that is hyphenated over two lines."),
        ("A word that is hyphen- \nated over two lines.", "A word that is hyphenated over two lines."),
        ("A word that is hyphen-\r\nated over two lines.", "A word that is hyphenated over two lines."),
        ("First line\nsecond line\n\nthird line", "First line second line third line"),
        ("First line.\r\nSecond line.\r\n", "First line. Second line."),
        ("the end is a hyphen-\n", "the end is a hyphen-"),
        ("the end is skipped-\n<skipped>", "the end is skipped-"),
        ("a hyphen-<skipped>\nated word, and one hy-\n<skipped>phenated", "a hyphenated word, and one hyphenated"),
        ("chain-\n-\n-\nlink 5-\n6", "chain-link 56"),
        ("\n\nempty lines before", "empty lines before"),
        ("tabs\tbetween\tall\twords\there", "tabs between all words here"),
        ("   spaces   everywhere   in   this   line   ", "spaces everywhere in this line"),
        ("vertical\x0btab and form\x0cfeed stand here", "vertical tab and form feed stand here"),
    ],
    "empty": [
        ("", "There should have been a sentence."),
        ("There should have been a sentence.", ""),
        ("", ""),
        ("   \t ", "Only blanks came out of it."),
        ("\n", "\n"),
        ("\u00a0\u3000", "\u2003"),
        ("<skipped>", "Something was here."),
        (".", ""),
        ("", "."),
        ("\x00", "\x00"),
    ],
    "short": [
        ("Yes.", "Yes."),
        ("Yes", "Yes."),
        ("No", "Yes"),
        ("a", "a"),
        ("a", "b"),
        ("ab", "a"),
        ("a", "ab"),
        ("Bom dia", "Bom dia"),
        ("Bom dia!", "Bom dia!"),
        ("Bom dia, Ana!", "Bom dia, Ana!"),
        ("one two three", "one two three"),
        ("one two three four", "one two three four"),
        ("one two three four", "four three two one"),
        ("one two four three", "one two three four five"),
        ("abcde", "abcdef"),
        ("abcdef", "abcde"),
        ("abcdefg", "abcdefg"),
        ("I", "I am here already, as you can see."),
        ("I am here already, as you can see.", "I"),
        ("?", "!"),
        ("...", "\u2026"),
    ],
    "repeated": [
        ("the the the the the the the", "The cat is on the mat, the other on the floor."),
        ("no no no no no no no no no no", "no no no"),
        ("no no no", "no no no no no no no no no no"),
        ("very very very very good good", "very very good"),
        ("ha ha ha ha ha ha", "hahahahahaha"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaa"),
        ("abababababab", "babababababa"),
        ("to be to be to be or or or", "to be or not to be or to be"),
        ("1 1 1 1 2 2 2 2", "1 2 1 2 1 2 1 2"),
    ],
    "unicode": [
        ("educac\u0327a\u0303o", "educa\u00e7\u00e3o"),
        ("cafe\u0301 com leite e pa\u0303o", "caf\u00e9 com leite e p\u00e3o"),
        ("cafe\u0301, cafe\u0301. \u0301.", "cafe, cafe. ."),
        ("\U0001F600 great \U0001F44D\U0001F3FD", "great \U0001F44D"),
        ("\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466 family", "\U0001F468\U0001F469\U0001F467\U0001F466 family"),
        ("\U0001F1E7\U0001F1F7 \U0001F1F5\U0001F1F9", "\U0001F1F5\U0001F1F9 \U0001F1E7\U0001F1F7"),
        ("\U0001F60A\U0001F60A\U0001F60A\U0001F60A\U0001F60A\U0001F60A\U0001F60A", "\U0001F60A\U0001F60A\U0001F60A\U0001F60A\U0001F60A\U0001F60A"),
        ("\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002", "\u4eca\u65e5\u306f\u5929\u6c17\u304c\u3044\u3044\u3002"),
        ("\u4eca\u5929 5.5 \u5ea6,\u5f88\u51b7.", "\u4eca\u59295.5\u5ea6\uff0c\u5f88\u51b7\u3002"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440.", "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440"),
        ("\u0645\u0631\u062d\u0628\u0627\u060c \u0643\u064a\u0641 \u062d\u0627\u0644\u0643\u061f", "\u0645\u0631\u062d\u0628\u0627 \u0643\u064a\u0641 \u0627\u0644\u062d\u0627\u0644"),
        ("\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e23\u0e31\u0e1a", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e48\u0e30"),
        ("stra\u00dfe STRASSE \u0130stanbul \u0131", "Stra\u00dfe STRA\u1e9eE Istanbul i"),
        ("\ufb01ne \ufb02ow \uff21\uff22\uff23", "fine flow ABC"),
        ("\ufeffmark at the start of it", "mark at the start of it"),
        ("\U0010FFFF\U0010FFFE\U0010FFFF\U0010FFFE\U0010FFFF\U0010FFFE\U0010FFFF", "\U0010FFFF\U0010FFFE\U0010FFFF\U0010FFFE\U0010FFFF\U0010FFFF"),
        ("H\u2082O, CO\u2082, m\u00b2, 25\u00b0C, \u2264 5\u20ac", "H2O, CO2, m2, 25 C, < 5 EUR"),
    ],
}

# Every space that Python or Unicode knows, and characters that only look like one.
SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
SPACES += "\u2028\u2029\u202f\u205f\u3000"
NOT_SPACES = "\x00\x08\x0e\x1a\x1b\x7f\u00ad\u180e\u200b\u200c\u200d\u2060\u2800\u3164\ufeff"

ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

# What random lines are glued from: everything that some rule of the tokenizer looks at.
PIECES = [".", ",", "-", "'", "5", "40", "0", "a", "Bola", "\u00e9", "\u4e2d", "\U0001F600", " ", "  ", "\t",
          "\n", "-\n", "\u00a0", "\x1c", "&", "&amp;", "&lt;", "&gt;", "&quot;", "amp;", "<skipped>", "<", ">",
          "(", ")", "$", "/", ":", "\u2014", "\u0301", "\u0665", "e", "o", "casa"]


def glued(rng, low, high):
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(low, high)))


def damaged(rng, sentence):
    """The sentence with some words dropped, doubled or swapped, as bad systems do."""
    words = sentence.split(" ")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(words))
        action = rng.choice(["drop", "double", "swap"])
        if action == "drop" and len(words) > 1:
            del words[at]
        elif action == "double":
            words.insert(at, words[at])
        elif action == "swap":
            other = rng.randrange(len(words))
            words[at], words[other] = words[other], words[at]
    return " ".join(words)


def cases(rng):
    """Yields (name, hypothesis, reference)."""
    for group, pairs in WRITTEN.items():
        for number, (hypothesis, reference) in enumerate(pairs, 1):
            yield f"{group} {number}", hypothesis, reference
    for kind, characters in [("space", SPACES), ("no space", NOT_SPACES)]:
        for c in characters:
            yield f"{kind} U+{ord(c):04X}", f"um{c}dois tr\u00eas{c}{c}cinco 6.{c}7{c},8{c}", "um dois tr\u00eas cinco 6. 7 ,8"
    for c in ASCII_PUNCTUATION:
        hypothesis = f"{c}a{c}b {c}c d{c} 1{c}2 {c}3 4{c} e{c}{c}f 5{c}{c}6{c}"
        yield f"punctuation U+{ord(c):04X}", hypothesis, f"{c} a {c} b {c} c d {c} 1 {c} 2 {c} 3 4 {c} e {c} {c} f 5 {c} {c} 6 {c}"
    sentences = [reference for group in ("english", "portuguese") for _, reference in WRITTEN[group]]
    for number in range(1, 31):
        sentence = rng.choice(sentences)
        yield f"damaged {number}", damaged(rng, sentence), sentence
    for number in range(1, 51):
        reference = glued(rng, 1, 24)
        # Half of them share most of the text, else nothing would match.
        cut = rng.randint(0, len(reference))
        hypothesis = reference[:cut] + glued(rng, 0, 6) + reference[cut:] if number % 2 else glued(rng, 1, 24)
        yield f"glued {number}", hypothesis, reference


def scored_sentence(bleu, chrf, name, hypothesis, reference):
    bleu_counts = bleu._extract_corpus_statistics([hypothesis], [[reference]])[0]
    chrf_counts = chrf._extract_corpus_statistics([hypothesis], [[reference]])[0]
    return {
        "name": name,
        "hypothesis": hypothesis,
        "reference": reference,
        "bleu": bleu.corpus_score([hypothesis], [[reference]]).score,
        "chrf": chrf.corpus_score([hypothesis], [[reference]]).score,
        "bleu_counts": bleu_counts,
        "chrf_counts": [chrf_counts[i:i + 3] for i in range(0, 18, 3)],
    }


def scored_corpus(bleu, chrf, name, sentences, members):
    hypotheses = [sentences[i]["hypothesis"] for i in members]
    references = [sentences[i]["reference"] for i in members]
    return {
        "name": name,
        "sentences": members,
        "bleu": bleu.corpus_score(hypotheses, [references]).score,
        "chrf": chrf.corpus_score(hypotheses, [references]).score,
    }


def main():
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)
    rng = random.Random(2018)
    bleu, chrf, tokenize = BLEU(), CHRF(), Tokenizer13a()

    sentences = [scored_sentence(bleu, chrf, *case) for case in cases(rng)]

    def group(*prefixes):
        return [i for i, sentence in enumerate(sentences) if sentence["name"].startswith(prefixes)]

    everything = list(range(len(sentences)))
    corpora = {
        "everything": everything,
        "everything backwards": everything[::-1],
        **{name: group(name) for name in WRITTEN},
        "damaged": group("damaged"),
        "glued": group("glued"),
        "empty and short": group("empty", "short"),
        "one sentence three times": [0, 0, 0],
        "only empty hypotheses": [i for i in everything if not sentences[i]["hypothesis"].strip()],
        "only empty references": [i for i in everything if not sentences[i]["reference"].strip()],
        "drawn with repeats": [rng.randrange(len(sentences)) for _ in range(60)],
    }
    lines = [line for name in ("numbers", "punctuation", "entities", "lines") for line, _ in WRITTEN[name]]
    lines += [glued(rng, 2, 40) for _ in range(60)]

    sections = {
        "tokens": [{"line": line, "tokens": tokenize(line.rstrip())} for line in lines],
        "sentences": sentences,
        "corpora": [scored_corpus(bleu, chrf, name, sentences, members) for name, members in corpora.items()],
    }
    # One case a line and pure ASCII, so that a change can be read and no editor hides a space.
    blocks = []
    for name, rows in sections.items():
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        blocks.append(f'"{name}":[\n{rows}\n]')
    header = f'"made_by":"scripts/dev/sacrebleu_fixtures.py","sacrebleu":"{sacrebleu.__version__}"'
    OUTPUT.write_text("{\n" + ",\n".join([header, *blocks]) + "\n}\n", encoding="ascii")
    print(f"{len(sentences)} sentences, {len(corpora)} corpora, {len(lines)} tokenized lines, "
          f"{OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
