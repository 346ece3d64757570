"""Requests that a server must refuse, each with the statuses that are right."""

import base64
import gzip
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple


class Case(NamedTuple):
    """A request, and what may be answered.

    Args:
        kind: What is wrong with it.
        path: Path as it is sent.
        body: Body.
        expected: Statuses that are right.
        method: HTTP method.
        is_chunked: Whether the body comes in chunks, its length unsaid.
        answer: The answer if the request is a good one.
    """

    kind: str
    path: str
    body: bytes
    expected: tuple[int, ...] = (400,)
    method: str = "POST"
    is_chunked: bool = False
    answer: object = None


WORDS, NUMBERS = "/v1/models/words:predict", "/v1/models/numbers:predict"
MIXED, IMAGE = "/v1/models/mixed:predict", "/v1/models/image:predict"


def png(width: int, height: int, pixels: int | None = None) -> bytes:
    """A black PNG file; with fewer pixels than it says if so told."""

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


def _dump(value: object) -> bytes:
    return json.dumps(value).encode()


def _rows(path: str, *rows: object, kind: str) -> Case:
    return Case(kind, path, _dump({"instances": [*rows]}))


def _image(data: bytes, kind: str) -> Case:
    return _rows(IMAGE, {"b64": base64.b64encode(data).decode()}, kind=kind)


def good(rng: random.Random) -> Case:
    """A request that must be answered, among all the others."""
    text = f"été {rng.randrange(10**9)}"
    number = rng.randrange(1000)
    encoded = base64.b64encode(GOOD_PNG).decode()
    row = {"label": f"{text}@1", "probabilities": [0.25, 0.75], "score": 0.75}
    return rng.choice(
        [
            Case("good", WORDS, _dump({"instances": [text]}), (200,), answer=[row]),
            Case(
                "good",
                NUMBERS,
                _dump({"inputs": {"x": [[number, 0.5]]}}),
                (200,),
                answer=[[2.0 * number, 1.0]],
            ),
            Case(
                "good",
                IMAGE,
                _dump({"instances": [{"b64": encoded}]}),
                (200,),
                answer=[0.0],
            ),
        ]
    )


def malformed_json(rng: random.Random) -> Case:
    body = _dump({"instances": ["a film", "another"]})
    broken = [
        body[: rng.randrange(1, len(body) - 1)],
        body + rng.choice([b"}", b",", b"[]", b"\x00"]),
        body.replace(b":", b"=", 1),
        body.replace(b'"', b"'"),
        b'{"instances": [01]}',
        b"\xef\xbb\xbf" + body,
        rng.randbytes(rng.randrange(1, 200)) + b"\xff",
        b"",
    ]
    return Case("malformed JSON", WORDS, rng.choice(broken))


def mutated(rng: random.Random) -> Case:
    """A good body with a few bytes changed: it may still be good."""
    body = bytearray(_dump({"inputs": {"x": [[1.5, 2.5], [3.5, 4.5]]}}))
    for _ in range(rng.randrange(1, 5)):
        place = rng.randrange(len(body))
        body[place : place + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    return Case("mutated", NUMBERS, bytes(body), (200, 400))


def not_a_request(rng: random.Random) -> Case:
    values = [
        *(None, [], 1, "instances", True, {}, {"instances": []}, {"instances": "a"}),
        *({"instance": ["a"]}, {"instances": None}, {"instances": {"text": "a"}}),
        {"instances": ["a"], "inputs": ["a"]},
        *({"instances": ["a"], "signature_name": x} for x in (1, None, ["a"], {})),
    ]
    return Case("not a request", WORDS, _dump(rng.choice(values)))


def wrong_type(rng: random.Random) -> Case:
    path, row = rng.choice(
        [
            *((WORDS, x) for x in (1, 1.5, None, True, {"b64": 1}, {"b": "a"}, {})),
            *((NUMBERS, [x, 1.0]) for x in ("1", None, True, {"b64": "AA=="}, {})),
            *((NUMBERS, [x, 1.0]) for x in (1e39, 2**24 + 1, -(2**63))),
            *((MIXED, {"number": x, "flags": [True] * 3}) for x in (1.0, 2**31, "1")),
            *((MIXED, {"number": 1, "flags": [True, x, False]}) for x in (1, "", None)),
        ]
    )
    return _rows(path, row, kind="wrong type")


def wrong_rank(rng: random.Random) -> Case:
    path, row = rng.choice(
        [
            *((WORDS, x) for x in (["a"], [["a"]], [], [[]])),
            *((NUMBERS, x) for x in (1.0, [1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], [])),
            *((NUMBERS, x) for x in ([[1.0], 2.0], [1.0, [2.0]])),
            (MIXED, {"number": [1], "flags": [True] * 3}),
            (MIXED, {"number": 1, "flags": [True] * rng.choice([0, 1, 2, 4, 9])}),
        ]
    )
    return _rows(path, row, kind="wrong rank")


def wrong_inputs(rng: random.Random) -> Case:
    flags = [True, False, True]
    rows = [
        {"number": 1},
        {"flags": flags},
        {"number": 1, "flags": flags, "more": 1},
        {"number": 1, "flag": flags},
        {"": 1, "flags": flags},
        1,
        [1, flags],
    ]
    body = {"instances": [rng.choice(rows)]}
    if rng.random() < 0.3:
        body = {"inputs": rng.choice([{"number": [1]}, {"x": 1}, [1], 1, {}])}
    return Case("missing or extra inputs", MIXED, _dump(body))


def huge(rng: random.Random) -> Case:
    body = b'{"instances": ["' + b"a" * (2**20 + rng.randrange(2**20)) + b'"]}'
    return Case("huge body", WORDS, body, (413,), is_chunked=rng.random() < 0.5)


def many_rows(rng: random.Random) -> Case:
    return _rows(WORDS, *["a"] * rng.randrange(1_025, 50_000), kind="too many rows")


def deep(rng: random.Random) -> Case:
    depth = rng.choice([40, 500, 1_000, 1_100, 100_000])
    open_, close = rng.choice([("[", "]"), ('{"a":', "}")])
    middle = "" if open_ == "[" else "1"
    nested = open_ * depth + middle + close * depth * rng.randrange(2)
    return Case("deep nesting", NUMBERS, f'{{"inputs": {nested}}}'.encode())


def bad_base64(rng: random.Random) -> Case:
    texts = ["!", "AAAAA", "é", "a-_b", "AA=A", "\x00", "iVBORw0KGgo*"]
    return _rows(IMAGE, {"b64": rng.choice(texts)}, kind="invalid base64")


def bad_image(rng: random.Random) -> Case:
    data = rng.choice(
        [
            GOOD_PNG[: rng.randrange(len(GOOD_PNG) - 20)],
            b"GIF89a" + rng.randbytes(20),
            b"\xff\xd8\xff\xe0" + rng.randbytes(rng.randrange(100)),
            b"BM" + rng.randbytes(60),
            b"\x89PNG\r\n\x1a\n" + rng.randbytes(rng.randrange(60)),
            png(0, 0),
            png(7, 9, 20),
        ]
    )
    return _image(data, "truncated or damaged image")


def bomb(rng: random.Random) -> Case:
    return _image(rng.choice(BOMBS), "decompression bomb")


def not_finite(rng: random.Random) -> Case:
    token = rng.choice(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "nan"])
    body = f'{{"instances": [[{token}, 1.0]]}}'.encode()
    return Case("NaN and Infinity", NUMBERS, body)


def bad_utf8(rng: random.Random) -> Case:
    text = rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\xf8\x88"])
    return Case("invalid UTF-8", WORDS, b'{"instances": ["a' + text + b'"]}')


def unknown(rng: random.Random) -> Case:
    body = _dump({"instances": ["a"]})
    name = rng.choice(
        ["nope", "words2", "word", "WORDS", "w%C3%B6rds", "%00", "a" * 9000]
    )
    path, status = rng.choice(
        [
            (f"/v1/models/{name}:predict", 404),
            (f"/v1/models/words/versions/{rng.randrange(2, 999)}:predict", 404),
            (f"/v1/models/words/versions/{10 ** rng.randrange(19, 4000)}:predict", 400),
            ("/v1/models/words/versions/-1:predict", 400),
            ("/v1/models/words/versions/one:predict", 400),
            (f"/v1/models/words/labels/{name}:predict", 400),
            ("/v1/models/words:explain", 400),
            ("/v1/models/words:classify", 400),
        ]
    )
    return Case("unknown model, version or verb", path, body, (status,))


def unknown_signature(rng: random.Random) -> Case:
    name = rng.choice(["nope", "a" * 10_000, "__saved_model_init_op", "../x", "\x00"])
    body = {"instances": ["a"], "signature_name": name}
    return Case("unknown signature", WORDS, _dump(body))


def traversal(rng: random.Random) -> Case:
    up = rng.choice(["../", "..%2f", "%2e%2e/", "..%5c", "....//", "..%00/", "%252e/"])
    target = up * rng.randrange(1, 9) + rng.choice(["etc/passwd", "words", "words/1"])
    method, verb = rng.choice([("POST", ":predict"), ("GET", ""), ("GET", "/metadata")])
    path = f"/v1/models/{target}{verb}"
    body = _dump({"instances": ["a"]}) if method == "POST" else b""
    return Case("path traversal", path, body, (400, 404), method)


def wrong_method(rng: random.Random) -> Case:
    method = rng.choice(["PUT", "DELETE", "PATCH", "OPTIONS", "GET"])
    return Case("wrong method", WORDS, _dump({"instances": ["a"]}), (400,), method)


def compressed(rng: random.Random) -> Case:
    body = gzip.compress(_dump({"instances": ["a" * rng.randrange(10_000)]}))
    return Case("compressed body", WORDS, body)


HOSTILE: tuple[Callable[[random.Random], Case], ...] = (
    *(malformed_json, mutated, not_a_request, wrong_type, wrong_rank, wrong_inputs),
    *(huge, many_rows, deep, bad_base64, bad_image, bomb, not_finite, bad_utf8),
    *(unknown, unknown_signature, traversal, wrong_method, compressed),
)


def make(seed: int) -> Case:
    """The request of this number; every fourth is a good one."""
    rng = random.Random(seed)
    if seed % 4 == 0:
        return good(rng)
    return HOSTILE[rng.randrange(len(HOSTILE))](rng)
