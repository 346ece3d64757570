"""Requests that a server must refuse, with the statuses that are right."""

import base64
import gzip
import json
import random
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple


class Case(NamedTuple):
    """A request, and its right answer.

    Args:
        kind: What is wrong with it.
        path: Path as it is sent.
        body: Body.
        expected: Statuses that are right.
        method: HTTP method.
        is_chunked: Whether the body is sent in chunks, without its length.
        answer: The answer to a good request.
    """

    kind: str
    path: str
    body: bytes
    expected: tuple[int, ...] = (400,)
    method: str = "POST"
    is_chunked: bool = False
    answer: object = None


MODELS = "/v1/models"
WORDS, NUMBERS = f"{MODELS}/words:predict", f"{MODELS}/numbers:predict"
MIXED, IMAGE = f"{MODELS}/mixed:predict", f"{MODELS}/image:predict"


def png(width: int, height: int, pixels: int | None = None) -> bytes:
    """A black PNG file; `pixels` is the number of bytes of pixels if it is damaged."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes((width + 1) * height if pixels is None else pixels))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


GOOD_PNG = png(5, 4)
# 36 million pixels in 36 kB, over the limit of the zoo's models; and mere claims.
BOMBS = (png(6_000, 6_000), png(2**31 - 1, 2**31 - 1, 99), png(60_000, 60_000, 99))


def _dump(**request: object) -> bytes:
    return json.dumps(request).encode()


def _file(data: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(data).decode()}


def good(number: int) -> Case:
    """A request that must be answered, among all the others."""
    text = f"été {number}"
    row = {"label": f"{text}@1", "probabilities": [0.25, 0.75], "score": 0.75}
    path, body, answer = (
        (WORDS, _dump(instances=[text]), [row]),
        (NUMBERS, _dump(inputs={"x": [[number, 0.5]]}), [[2.0 * number, 1.0]]),
        (IMAGE, _dump(instances=[_file(GOOD_PNG)]), [0.0]),
    )[number % 3]
    return Case("good", path, body, (200,), answer=answer)


def hostile() -> Iterator[Case]:
    """All hostile requests."""
    yield from _bodies()
    yield from _rows()
    yield from _paths()


def _bodies() -> Iterator[Case]:
    rng = random.Random(0)
    body = _dump(instances=["a film", "another"])
    broken = [body[:end] for end in range(len(body))]
    broken += [body + end for end in (b"}", b",", b"[]", b"\x00")]
    broken += [body.replace(b":", b"=", 1), body.replace(b'"', b"'")]
    broken += [b'{"instances": [01]}', b"\xef\xbb\xbf" + body]
    broken += [rng.randbytes(rng.randrange(200)) + b"\xff" for _ in range(20)]
    yield from (Case("malformed JSON", WORDS, data) for data in broken)
    for _ in range(50):  # some of them are still good
        data = bytearray(_dump(inputs={"x": [[1.5, 2.5], [3.5, 4.5]]}))
        place = rng.randrange(len(data))
        data[place : place + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        yield Case("mutated", NUMBERS, bytes(data), (200, 400))
    for value in (
        *(None, [], 1, "instances", True, {}, {"instances": []}, {"instances": "a"}),
        *({"instance": ["a"]}, {"instances": None}, {"instances": {"text": "a"}}),
        {"instances": ["a"], "inputs": ["a"]},
        *({"instances": ["a"], "signature_name": x} for x in (1, None, ["a"], {})),
    ):
        yield Case("not a request", WORDS, json.dumps(value).encode())
    for name in ("nope", "a" * 10_000, "__saved_model_init_op", "../x", "\x00"):
        data = _dump(instances=["a"], signature_name=name)
        yield Case("unknown signature", WORDS, data)
    for is_chunked in (False, True):
        data = _dump(instances=["a" * 2**20])
        yield Case("huge body", WORDS, data, (413,), is_chunked=is_chunked)
    for depth in (40, 500, 1_000, 1_100, 100_000):
        for open_, middle, close in (("[", "", "]"), ('{"a":', "1", "}")):
            for end in ("", close * depth):
                nested = f'{{"inputs": {open_ * depth}{middle}{end}}}'
                yield Case("deep nesting", NUMBERS, nested.encode())
    for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"nan"):
        data = b'{"instances": [[' + number + b", 1.0]]}"
        yield Case("NaN and Infinity", NUMBERS, data)
    for text in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\xf8\x88"):
        yield Case("invalid UTF-8", WORDS, b'{"instances": ["a' + text + b'"]}')
    yield Case("compressed body", WORDS, gzip.compress(body))


def _rows() -> Iterator[Case]:
    """Rows of the wrong type, rank or number, and damaged files."""
    flags = [True, False, True]
    types = [
        *((WORDS, x) for x in (1, 1.5, None, True, {"b64": 1}, {"b": "a"}, {})),
        *((NUMBERS, [x, 1.0]) for x in ("1", None, True, {"b64": "AA=="}, {})),
        *((NUMBERS, [x, 1.0]) for x in (1e39, 2**24 + 1, -(2**63))),
        *((MIXED, {"number": x, "flags": flags}) for x in (1.0, 2**31, "1")),
        *((MIXED, {"number": 1, "flags": [True, x, False]}) for x in (1, "", None)),
    ]
    ranks = [
        *((WORDS, x) for x in (["a"], [["a"]], [], [[]])),
        *((NUMBERS, x) for x in (1.0, [1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], [])),
        *((NUMBERS, x) for x in ([[1.0], 2.0], [1.0, [2.0]])),
        (MIXED, {"number": [1], "flags": flags}),
        *((MIXED, {"number": 1, "flags": [True] * n}) for n in (0, 1, 2, 4, 9)),
    ]
    inputs = [
        *((MIXED, row) for row in ({"number": 1}, {"flags": flags}, 1, [1, flags])),
        (MIXED, {"number": 1, "flags": flags, "more": 1}),
        *((MIXED, {name: 1, "flags": flags}) for name in ("", "flag", "x")),
    ]
    texts = ("!", "AAAAA", "é", "a-_b", "AA=A", "\x00", "iVBORw0KGgo*")
    rng = random.Random(0)
    files = [GOOD_PNG[:end] for end in range(len(GOOD_PNG) - 20)]
    files += [png(0, 0), png(7, 9, 20)]
    for head in (b"GIF89a", b"\xff\xd8\xff\xe0", b"BM", b"\x89PNG\r\n\x1a\n"):
        files += [head + rng.randbytes(size) for size in (0, 20, 60)]
    for kind, rows in (
        ("wrong type", types),
        ("wrong rank", ranks),
        ("missing or extra inputs", inputs),
        ("invalid base64", [(IMAGE, {"b64": text}) for text in texts]),
        ("truncated or damaged image", [(IMAGE, _file(data)) for data in files]),
        ("decompression bomb", [(IMAGE, _file(data)) for data in BOMBS]),
    ):
        for path, row in rows:
            yield Case(kind, path, _dump(instances=[row]))
    for columns in ({"number": [1]}, {"x": 1}, [1], 1, {}):
        yield Case("missing or extra inputs", MIXED, _dump(inputs=columns))
    for count in (1_025, 50_000):
        yield Case("too many rows", WORDS, _dump(instances=["a"] * count))


def _paths() -> Iterator[Case]:
    body = _dump(instances=["a"])
    names = ("nope", "words2", "word", "WORDS", "w%C3%B6rds", "%00", "a" * 9000)
    digits = (10**19, 10**400, 10**3999, -1, "one")
    for path, status in (
        *((f"{name}:predict", 404) for name in names),
        *((f"words/versions/{number}:predict", 404) for number in (2, 999)),
        *((f"words/versions/{number}:predict", 400) for number in digits),
        *((f"words/labels/{name}:predict", 400) for name in names),
        *((f"words:{verb}", 400) for verb in ("explain", "classify")),
    ):
        kind = "unknown model, version or verb"
        yield Case(kind, f"{MODELS}/{path}", body, (status,))
    for up in ("../", "..%2f", "%2e%2e/", "..%5c", "....//", "..%00/", "%252e/"):
        for target in ("etc/passwd", "words", "words/1"):
            path = f"{MODELS}/{up * 4}{target}"
            yield Case("path traversal", f"{path}:predict", body, (400, 404))
            yield Case("path traversal", f"{path}/metadata", b"", (400, 404), "GET")
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "GET"):
        yield Case("wrong method", WORDS, body, (400,), method)
