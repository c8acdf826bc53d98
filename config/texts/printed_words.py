#!/usr/bin/env python3
"""Drafts the alternative texts of slides and posters by reading them: a program for [texts.engine] command, with Tesseract.

    apt-get install tesseract-ocr tesseract-ocr-fra tesseract-ocr-nld tesseract-ocr-spa

    [texts.engine]
    kind = "command"
    command = ["/etc/mediaarchive/printed_words.py"]
    model = "tesseract"

It says nothing of a photograph that has few printed words, and guesses nothing. A slide's words are in one language; they are
offered under each that is asked for, and mediaarchive drops them where they are in another one.
"""

import csv
import io
import json
import subprocess
import sys

TESSERACT = {"fr": "fra", "en": "eng", "nl": "nld", "es": "spa", "de": "deu", "it": "ita", "pt": "por"}
SAID = {
    "fr": "À l'écran : « {} »",
    "en": 'On the screen: "{}"',
    "nl": 'Op het scherm staat: "{}"',
    "es": "En la pantalla se lee: «{}»",
}
SURE = 70  # per cent: below it, Tesseract itself isn't
FEWEST = 5  # words; fewer are a street sign or a brand
LONGEST = 180  # characters


def installed() -> set[str]:
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
    return set(done.stdout.split()[1:])


def words(picture: str, languages: list[str]) -> list[str]:
    """The words that Tesseract is sure of, as they are read."""
    there = installed()
    known = [TESSERACT[lang] for lang in languages if TESSERACT.get(lang) in there] or ["eng"]
    command = ["tesseract", picture, "stdout", "-l", "+".join(known), "tsv"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = csv.DictReader(io.StringIO(done.stdout), delimiter="\t", quoting=csv.QUOTE_NONE)
    found = [(row["text"].strip(), float(row["conf"])) for row in rows if row["text"] and row["text"].strip()]
    return [word.strip('"«»“”|_~') for word, sure in found if sure >= SURE and any(map(str.isalnum, word))]


def main() -> None:
    asked = json.load(sys.stdin)
    languages = {lang: lang.partition("-")[0].lower() for lang in asked["languages"]}
    found = [word for word in words(asked["picture"], list(languages.values())) if word]
    texts = {}
    if sum(len(word) > 2 for word in found) >= FEWEST:
        read = " ".join(found)
        if len(read) > LONGEST:
            read = f"{read[:LONGEST].rpartition(' ')[0]} …"
        texts = {lang: SAID[base].format(read) for lang, base in languages.items() if base in SAID}
    json.dump({"texts": texts}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
