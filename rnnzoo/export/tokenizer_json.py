"""`tokenizer.json`: what reads texts, as the package `tokenizers` has it.

It gives the ids that the tokenizer of the model gives, where its steps can be said in
the parts that `tokenizers` is made of. Where they cannot there is no file: a wrong one
would be worse.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

END, UNKNOWN = "[END]", "[UNK]"
GREEK_S = "σς"  # at the end of a word Σ is lower-cased to ς, but not there
# What takes apart or puts together keeps a part of what it finds, which a `Replace` of
# `tokenizers` cannot. Pattern and replacement to the same in other words.
REPLACED = {
    # Case is that of RE2, which takes ſ for an s, and ends words by ASCII alone.
    (r"(?i) (n't|'(?:s|re|ve|ll|d|m))\b", r"\1"): (
        r" (?=(?:[nN]'[tT]|'(?:[sS]|[rR][eE]|[vV][eE]|[lL][lL]|[dD]|[mM]))"
        r"(?![0-9A-Za-z_])|'ſ(?=[0-9A-Za-z_]))",
        "",
    ),
    (r"^ | $", ""): (r"\A | \z", ""),
}
PREPENDED = {(r"^(.)", r" \1"): " "}
SPLIT = {
    (r"([^\p{L}\p{M}\p{N} '])", r" \1 "): r"[^\p{L}\p{M}\p{N} ']",
    (r"(▁?[^\p{L}\p{M}\p{N}▁' ])", r" \1 "): r"▁?[^\p{L}\p{M}\p{N}▁' ]",
    # Of apostrophes in a row every second one begins what follows.
    (r"'([^ ])", r"' \1"): r"(?<=')'[^']*'?|[^']*'|[^']+",
}
# Of what is left, patterns that would mean more in Oniguruma than in RE2.
SAME = ((r"\s", r"[\t\n\f\r ]"),)


def tokenizer_json(rules: Mapping[str, Any], tokens: Sequence[str]) -> bytes | None:
    """The file, or `None` where a tokenizer does not fit.

    Texts are not cut off at `max_length`: `rules` say how a model does that.

    Args:
        rules: What a tokenizer's `describe` says, with `opens` where an end token
            stands before the text.
        tokens: The vocabulary, in the order of the ids.
    """
    steps = _describe_steps(rules)
    if steps is None or any(letter in token for token in tokens for letter in GREEK_S):
        return None
    normalizers, splits = steps
    ids = {token: i for i, token in enumerate(tokens)}
    model: dict[str, Any] = {"type": "WordLevel", "vocab": ids, "unk_token": UNKNOWN}
    if rules["pieces"] == "subwords":
        pieces = tokens[4:]
        letters = sorted({letter for piece in pieces for letter in piece})
        # A letter that is no piece by itself may be unknown within a piece's reach.
        if rules["spelled"] or not set(letters) <= set(pieces):
            return None
        most = rules["max_word_length"]
        known = "".join(map(re.escape, letters))
        splits += [
            _split(rf"(?<=.{{{most}}}).+", "Removed"),
            _split(f"[^{known}]+", "Isolated"),
        ]
        model |= {
            "type": "WordPiece",
            "continuing_subword_prefix": "",
            "max_input_chars_per_word": most,
        }
    end = {"SpecialToken": {"id": END, "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    other = {"Sequence": {"id": "B", "type_id": 1}}
    content: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [end, text] if rules.get("opens") else [text, end],
            "pair": [text, other],
            "special_tokens": {END: {"id": END, "ids": [ids[END]], "tokens": [END]}},
        },
        "decoder": None,
        "model": model,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _describe_steps(rules: Mapping[str, Any]) -> tuple[list[Any], list[Any]] | None:
    """What is done to a text, and where it is cut then."""
    if rules["pieces"] not in ("words", "subwords") or "sentences" in rules:
        return None
    normalizers: list[Any] = []
    splits = [_split(" ", "Removed")]
    for pattern, replacement in rules["replacements"]:
        key = pattern, replacement
        if key in PREPENDED:
            normalizers.append({"type": "Prepend", "prepend": PREPENDED[key]})
        elif key in SPLIT:
            splits.append(_split(SPLIT[key], "Isolated"))
        elif key in REPLACED or (len(splits) == 1 and "\\" not in replacement):
            found, content = REPLACED.get(key, key)
            for old, new in SAME:
                found = found.replace(old, new)
            normalizers.append(
                {"type": "Replace", "pattern": {"Regex": found}, "content": content}
            )
        else:
            return None
    if rules["lowercase"]:
        normalizers.append({"type": "Lowercase"})
    return normalizers, splits


def _split(pattern: str, behavior: str) -> dict[str, Any]:
    return {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": behavior,
        "invert": False,
    }
