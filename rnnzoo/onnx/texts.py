"""Texts to ids and back, as in `rnnzoo.text`, in plain Python.

The rules, such as replaced patterns, are in the `signature.json` of the export.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

PAD_ID, UNKNOWN_ID, START_ID, END_ID = range(4)


class TextReader:
    """Converts texts to ids.

    Args:
        rules: The entry `reads` of `signature.json`.
        tokens: The vocabulary, in the order of the ids.
    """

    def __init__(self, rules: dict[str, Any], tokens: Sequence[str]):
        self.rules = rules
        self.ids = {token: i for i, token in enumerate(tokens) if i > END_ID}
        self.longest = max(map(len, self.ids), default=1)

    def read(self, raw: Any, name: str) -> list[np.ndarray]:
        """Returns the ids of a text, or of each sentence if the model splits texts.

        Raises:
            TypeError: If it is neither a str nor bytes.
        """
        if isinstance(raw, np.ndarray) and raw.ndim == 0:
            raw = raw.item()
        if not isinstance(raw, str | bytes):
            raise TypeError(
                f"A text must be a str or bytes in UTF-8. Received: {name} is of type "
                f"{type(raw).__name__}"
            )
        parts = [_decode(raw)]
        if "sentences" in self.rules:
            rules = self.rules["sentences"]
            marked = replace_patterns(parts[0], rules["replacements"])
            parts = marked.split(rules["cut"])[: rules["most"]]
        return [np.array(self.tokenize(part), "int32") for part in parts]

    def ending(self, raw: Any) -> str:
        """Returns the emoji at the end of a text that the model splits, with the space
        before them; else `""`."""
        rules = self.rules.get("sentences", {})
        if "last_emoji" not in rules:
            return ""
        raw = raw.item() if isinstance(raw, np.ndarray) else raw
        return replace_patterns(_decode(raw), rules["last_emoji"])

    def tokenize(self, text: str) -> list[int]:
        """Returns the ids of a text."""
        rules = self.rules
        text = replace_patterns(text, rules["replacements"])
        words = (text.lower() if rules["lowercase"] else text).split()
        most = rules["max_length"] - 1
        if rules["pieces"] == "subwords":
            ids = [i for word in words for i in self._cut(word)]
            return [*ids[:most], END_ID]
        if rules.get("opens"):
            return [END_ID, *(self.ids.get(w, UNKNOWN_ID) for w in words[-most:])]
        head = most // 3
        words = words[:head] + words[head:][head - most :]
        return [*(self.ids.get(word, UNKNOWN_ID) for word in words), END_ID]

    def _cut(self, word: str) -> list[int]:
        """Returns the ids of the longest pieces of a word."""
        word, place, ids = word[: self.rules["max_word_length"]], 0, []
        was_unknown = False
        while place < len(word):
            end = min(place + self.longest, len(word))
            while end > place and word[place:end] not in self.ids:
                end -= 1
            is_unknown = end == place
            if not is_unknown:
                ids.append(self.ids[word[place:end]])
            elif not was_unknown:  # one id for a run of unknown letters
                ids.append(UNKNOWN_ID)
            place, was_unknown = max(end, place + 1), is_unknown
        return self._spell(word, ids) if self.rules.get("spelled") else ids

    def _spell(self, word: str, ids: list[int]) -> list[int]:
        """Returns the ids of a word's pieces, or of its letters if pieces are small."""
        pieces, letters = self.rules["spelled"]
        size = len(word.replace(self.rules["space"], ""))
        if len(ids) < pieces or 3 * size > letters * len(ids):
            return ids
        spelled = [self.ids.get(letter, UNKNOWN_ID) for letter in word]
        return ids if UNKNOWN_ID in spelled else spelled


def _decode(raw: str | bytes) -> str:
    """Returns valid text."""
    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    return data.decode("utf-8", "replace")


class TextWriter:
    """Converts ids to texts.

    Args:
        rules: The entry `writes` of `signature.json`.
        tokens: The vocabulary, in the order of the ids.
    """

    def __init__(self, rules: dict[str, Any], tokens: Sequence[str]):
        self.rules = rules
        self.tokens = tokens

    def detokenize(self, token_ids: Iterable[int]) -> str:
        """Returns the text of ids up to the first end token, without special tokens."""
        ids = [int(i) for i in token_ids]
        ids = ids[: ids.index(END_ID)] if END_ID in ids else ids
        tokens = [self.tokens[i] for i in ids if i > END_ID]
        rules = self.rules
        if rules["pieces"] == "subwords":
            return "".join(tokens).replace(rules["space"], " ").strip(" ")
        if rules["pieces"] == "captions":
            return " ".join(tokens).replace(" '", "'")
        text, is_close, is_open_quote = "", True, False
        for token in tokens:
            is_quote = token == rules["quote"]
            closes = token in rules["close_before"] or (is_quote and is_open_quote)
            text += token if is_close or closes else f" {token}"
            is_open_quote ^= is_quote  # of quotes every second one closes
            is_close = token in rules["close_after"] or (is_quote and is_open_quote)
        return text


def read_vocabulary(path: Path) -> list[str]:
    """Returns the tokens of a file, one a line; the line number is the id."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def replace_patterns(text: str, replacements: Sequence[Sequence[str]]) -> str:
    """Replaces patterns of RE2, one after another."""
    for pattern, replacement in replacements:
        others = "" if text.isascii() else text
        letters = frozenset(c for c in others if c > "\x7f")
        text = compile_pattern(pattern, letters).sub(replacement, text)
    return text


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str, letters: frozenset[str]) -> re.Pattern[str]:
    r"""Returns a pattern of RE2 for Python, for texts of ASCII and these letters.

    Python has no Unicode classes such as `\p{L}`: each becomes its members among the
    letters. Words and white space are those of ASCII; `$` is the end of the text.
    """
    alphabet = [*map(chr, range(128)), *sorted(letters)]
    parts, in_class = [], False
    for part in re.findall(r"\\p\{\w+\}|\\.|.", pattern, re.DOTALL):
        in_class = (in_class or part == "[") and part != "]"
        if part.startswith(r"\p"):
            kind = part[3:-1]
            inside = (c for c in alphabet if unicodedata.category(c).startswith(kind))
            part = "".join(map(re.escape, inside))
        elif part == r"\s":
            part = r" \t\n\f\r"
        else:
            parts.append(r"\Z" if part == "$" and not in_class else part)
            continue
        parts.append(part if in_class else f"[{part}]")
    return re.compile("".join(parts), re.ASCII)
