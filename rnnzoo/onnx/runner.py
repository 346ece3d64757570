"""Runs an exported model on raw inputs."""

import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.onnx.confidence import judge
from rnnzoo.onnx.encoder_decoder import EncoderDecoder
from rnnzoo.onnx.images import read_image, resize, to_pixels
from rnnzoo.onnx.ink import center_ink
from rnnzoo.onnx.search import make_search
from rnnzoo.onnx.texts import END_ID, PAD_ID, TextReader, TextWriter, read_vocabulary
from rnnzoo.onnx.words import WordDecoder

try:
    # Read at the import. Without it ONNX Runtime sends events to a remote host.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime
except ImportError as error:
    raise ImportError(
        "Models in ONNX need ONNX Runtime: pip install 'rnnzoo[onnx]', or onnxruntime "
        f"where rnnzoo is not. Received: {error}"
    ) from error


class Runner:
    """Answers raw inputs as the exported model does.

    Args:
        folder: Folder of the version, with its `signature.json`.
        providers: Execution providers of ONNX Runtime, by priority. Default: the CPU.

    Attributes:
        signature: Content of `signature.json`.
        verb: The method that answers, `"classify"` or `"generate"`.
        input_kind: Kind of input, `"text"` or `"image"`.

    Raises:
        FileNotFoundError: If there is no export in ONNX in the folder.

    Example:

    ```py
    from rnnzoo.onnx import Runner

    Runner("light/sentiment_en/1").classify("What a film!")["label"]   # "positive"
    ```
    """

    def __init__(
        self,
        folder: str | Path,
        providers: Sequence[str] = ("CPUExecutionProvider",),
    ):
        folder = Path(folder)
        path = folder / "signature.json"
        content = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        if content.get("format") != "onnx":
            raise FileNotFoundError(
                "The folder must be one that `rnnzoo export --format onnx` wrote. "
                f"Received: {folder}, without a signature.json that says so"
            )
        self.signature: dict[str, Any] = content
        self.verb: str = content["verb"]
        self.input_kind: str = content["input_kind"]
        self._is_text = self.input_kind == "text"
        self._sessions = {
            name: onnxruntime.InferenceSession(
                str(folder / f"{name}.onnx"), providers=list(providers)
            )
            for name in content["signatures"]
        }
        if self._is_text:
            tokens = read_vocabulary(folder / content["reads"]["vocabulary"])
            self._reader = TextReader(content["reads"], tokens)
        if self.verb == "generate":
            tokens = read_vocabulary(folder / content["writes"]["vocabulary"])
            self._writer = TextWriter(content["writes"], tokens)
        self._decoder: Any = None
        if self.verb == "generate":
            taken = content["signatures"]["decoder_model"]["inputs"]
            if "encoder_model" in self._sessions:
                self._decoder = EncoderDecoder(self._run, [*taken])
            else:
                run = partial(self._run, "decoder_model")
                prior = content.get("confidence", {}).get("prior", 0.0)
                self._decoder = WordDecoder(run, taken["state"]["shape"][1], prior)

    def classify(
        self, inputs: Any, top: int | None = None, batch_size: int = 64
    ) -> Any:
        """Labels inputs.

        Args:
            inputs: One raw input or a list of them: texts, or images, which are paths,
                bytes of image files, or arrays of shape `(height, width)` or
                `(height, width, channels)`, of uint8 or of floats from 0 to 1.
            top: How many labels to give for an input. Default: the best alone.
            batch_size: Number of inputs at once. Default 64.

        Returns:
            `{"label": …, "score": …, "confidence": …}`, where the score is the label's
            probability and the confidence is low for out-of-distribution inputs, both
            from 0 to 1; with `top` a list of them, the best first. A list of these
            unless there is a single input. With low confidence there is also a
            `warning`: the reason in words.

        Raises:
            TypeError: If the model generates texts, or an input has a wrong type.
            ValueError: If an image is damaged or does not fit, or a number is not
                positive.
        """
        prepared, is_single = self._prepare("classify", inputs)
        if top is not None and top < 1:
            raise ValueError(f"`top` must be positive. Received: top={top}")
        answers: list[Any] = [None] * len(prepared)
        labels = self.signature["labels"]
        for batch in in_batches([one for (one,) in prepared], batch_size):
            rows = self._run("model", [stack([prepared[i][0] for i in batch])])
            pairs = zip(rows["probabilities"], rows["signals"], strict=True)
            for i, (row, signals) in zip(batch, pairs, strict=True):
                best = np.argsort(-row, kind="stable")[: 1 if top is None else top]
                added = judge(self.signature.get("confidence"), signals, row.max())
                found = [
                    {"label": labels[j], "score": float(row[j]), **added} for j in best
                ]
                answers[i] = found[0] if top is None else found
        return answers[0] if is_single else answers

    def generate(
        self,
        inputs: Any,
        max_length: int | None = None,
        batch_size: int = 64,
        num_return: int | None = None,
        return_scores: bool = False,
        seed: int | None = None,
        **sampler: Any,
    ) -> Any:
        """Writes a text for each input.

        Args:
            inputs: As in `classify`.
            max_length: Maximum number of tokens of a text, with the end token. Default:
                that of the model.
            batch_size: Number of inputs at once. Default 64.
            num_return: Number of texts for each input, the best first. Default: the
                best alone.
            return_scores: Whether a text is in a dictionary with its `score`, the mean
                log-probability of a token, its `confidence` and, if that is low, a
                `warning`. Default `False`.
            seed: Integer that repeats the draws of a sampler.
            **sampler: Settings that replace the model's own: `kind`, which is `"beam"`
                (with `num_beams` and `length_penalty`), `"greedy"`, `"top_k"` (`k`,
                `temperature`) or `"top_p"` (`p`, `temperature`).

        Returns:
            A text for each input, a list of them unless there is a single input; with
            `num_return` a list of texts for each.

        Raises:
            TypeError: If the model is a classifier, or an input has a wrong type.
            ValueError: If a setting is out of range.
        """
        prepared, is_single = self._prepare("generate", inputs)
        count = 1 if num_return is None else num_return
        length = self._writer.rules["max_length"] if max_length is None else max_length
        settings = {**self.signature["sampler"], **sampler}
        search = make_search(settings, length, count, seed)
        # A text may be several sentences.
        parts = [(i, one) for i, several in enumerate(prepared) for one in several]
        written: list[Any] = [None] * len(parts)
        for batch in in_batches([one for _, one in parts], batch_size):
            rows = self._write(stack([parts[j][1] for j in batch]), search, count)
            for j, row in zip(batch, rows, strict=True):
                written[j] = row
        of_inputs: list[Any] = [[] for _ in prepared]
        for (i, _), row in zip(parts, written, strict=True):
            of_inputs[i].append(row)
        answers = []
        name = self.signature["answer_name"]
        raws = [inputs] if is_single else list(inputs)
        for raw, several in zip(raws, of_inputs, strict=True):
            joined = [self._join(same) for same in zip(*several, strict=True)]
            if self._is_text and "sentences" in self.signature["reads"]:
                end = self._reader.ending(raw)
                joined = [((t.strip() + end).strip(), s, v) for t, s, v in joined]
            found: list[Any] = [text for text, *_ in joined]
            if return_scores:
                score = max(score for _, score, _ in joined)
                rules = self.signature.get("confidence")
                added = judge(rules, joined[0][2], np.exp(score))
                found = [{name: t, "score": s, **added} for t, s, _ in joined]
            answers.append(found[0] if num_return is None else found)
        return answers[0] if is_single else answers

    def score(self, inputs: Any, batch_size: int = 64) -> Any:
        """Returns the likelihood of texts under a language model.

        Args:
            inputs: One text or a list of them.
            batch_size: Number of texts at once. Default 64.

        Returns:
            For each text a dictionary, a list of them unless there is a single text:
            `score`, the mean natural log-probability of a word; `perplexity`, exp of
            its negative; and `tokens`, the number of words with the end token.

        Raises:
            TypeError: If the model is no language model, or an input is no text.
            ValueError: If `batch_size` is not positive.
        """
        if not isinstance(self._decoder, WordDecoder):
            raise TypeError(
                f"Language models score texts. Received: {self.signature['name']}, a "
                f"{self.signature['class_name']}"
            )
        prepared, is_single = self._prepare("generate", inputs)
        answers: list[Any] = [None] * len(prepared)
        for batch in in_batches([one for (one,) in prepared], batch_size):
            rows = self._decoder.total(stack([prepared[i][0] for i in batch]))
            for i, total, count in zip(batch, *rows, strict=True):
                mean = float(total) / int(count)
                answers[i] = {
                    "score": mean,
                    "perplexity": float(np.exp(-mean)),
                    "tokens": int(count),
                }
        return answers[0] if is_single else answers

    def _prepare(self, verb: str, inputs: Any) -> tuple[list[list[np.ndarray]], bool]:
        """Returns the arrays for the first graph, a list for each input with one for
        each sentence, and whether there is a single input."""
        if self.verb != verb:
            raise TypeError(
                f"{self.signature['name']} answers by `{self.verb}`. Received: a call "
                f"of `{verb}`"
            )
        is_single = isinstance(inputs, str | bytes | Path)
        if isinstance(inputs, np.ndarray):
            is_pixels = inputs.dtype.kind in "biuf"
            rank = (3 if inputs.shape[-1] in (1, 3, 4) else 2) if is_pixels else 0
            is_single = inputs.ndim == rank
        elif not is_single and not isinstance(inputs, list | tuple):
            raise TypeError(
                "Inputs must be one input, or a list or array of them. Received: "
                f"{type(inputs).__name__}"
            )
        raw = [inputs] if is_single else list(inputs)
        names = ["the input" if is_single else f"inputs[{i}]" for i in range(len(raw))]
        read = self._reader.read if self._is_text else self._read_image
        return [
            read(one, name) for one, name in zip(raw, names, strict=True)
        ], is_single

    def _read_image(self, raw: Any, name: str) -> list[np.ndarray]:
        rules = self.signature["reads"]
        height, width, channels = rules["image_shape"]
        image = read_image(raw, name, rules["max_pixels"])
        pixels = to_pixels(image, channels, rules["luminance"])
        if rules["is_ink"]:
            return [center_ink(pixels, height, width, rules["ink"])]
        resized = resize(pixels, height, width, rules["interpolation"])
        return [np.clip(resized, 0.0, 1.0)]

    def _run(self, graph: str, values: Sequence[Any]) -> dict[str, np.ndarray]:
        """Maps inputs in order to the outputs of a graph by name."""
        session = self._sessions[graph]
        slots = zip(session.get_inputs(), values, strict=True)
        names = [slot.name for slot in session.get_outputs()]
        outputs = session.run(names, {slot.name: value for slot, value in slots})
        return dict(zip(names, outputs, strict=True))

    def _write(self, inputs: np.ndarray, search: Any, count: int) -> list[Any]:
        """Returns `count` texts for each row, each with score and signals."""
        has_encoder = isinstance(self._decoder, EncoderDecoder)
        step, states, signals = self._decoder.start(inputs)
        token_ids, scores = search(step, states, len(inputs))
        token_ids, scores = token_ids[:, :count], scores[:, :count]
        if has_encoder and self._is_text:
            # A text without a known token has an empty answer.
            is_empty = (inputs <= END_ID).all(axis=1)
            token_ids[is_empty], scores[is_empty] = END_ID, 0.0
        if has_encoder:
            likely = np.stack([scores.max(axis=1), np.ones(len(scores))], axis=1)
            signals = np.concatenate([signals, likely[:, None]], axis=1)
        return [
            [
                (self._writer.detokenize(ids), float(score), values)
                for ids, score in zip(*row, strict=True)
            ]
            for *row, values in zip(token_ids, scores, signals, strict=True)
        ]

    def _join(self, sentences: Sequence[Any]) -> tuple[str, float, np.ndarray]:
        """Joins sentences: texts, mean score, signals of the least likely one."""
        texts, scores, signals = zip(*sentences, strict=True)
        return " ".join(texts), float(np.mean(scores)), signals[int(np.argmin(scores))]


def stack(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Stacks arrays; ids are padded on the right."""
    if rows[0].ndim > 1:
        return np.stack(rows)
    padded = np.full((len(rows), max(map(len, rows))), PAD_ID, "int32")
    for row, ids in zip(padded, rows, strict=True):
        row[: len(ids)] = ids
    return padded


def in_batches(rows: Sequence[np.ndarray], batch_size: int) -> list[list[int]]:
    """Returns batches of indices, rows of similar length together."""
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be positive. Received: {batch_size}")
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def main() -> None:
    """Answers the arguments with the model beside this file, one JSON value a line."""
    runner = Runner(Path(__file__).parent)
    answer = runner.classify if runner.verb == "classify" else runner.generate
    for line in answer(sys.argv[1:]):
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
