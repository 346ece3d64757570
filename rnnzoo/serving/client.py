"""A client with the verbs of the local models, answered by a server."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np

from rnnzoo.serving.errors import HTTP_STATUS, ServingError, shorten
from rnnzoo.serving.inputs import to_file, to_json, to_pixels, to_text

# The signature of models that write, with a confidence beside each text.
CONFIDENCE_SIGNATURE = "serve_confidence"
# An answer of less confidence is marked, as by the local models.
UNSURE = 0.5
WARNING = "the input is unlike those that the model knows"

_CODES = {status: code for code, status in reversed(HTTP_STATUS.items())}


class Client:
    """Asks a model behind `rnnzoo serve` or TensorFlow Serving, over REST.

    It needs neither Keras nor TensorFlow. One client may be used by several threads.

    Args:
        url: Address of the server, such as `"http://127.0.0.1:8501"`.
        model: Name of the model there.
        version: Version to ask. Default: the newest.
        timeout: Seconds to wait for a connection and for an answer. Default 60.
        labels: Names of the classes in the order of their numbers, for
            `classify(top=…)` alone. Default: what `rnnzoo serve` says they are;
            TensorFlow Serving does not know.

    Raises:
        ValueError: If the address is none.

    Example:

    ```python
    from rnnzoo.serving import Client

    client = Client("http://127.0.0.1:8501", "sentiment_en", timeout=5)
    try:
        print(client.classify(["What a film!", "Dull."]))
    except OSError as error:
        print(error)  # there is no server here
    ```
    """

    def __init__(
        self,
        url: str,
        model: str,
        version: int | None = None,
        timeout: float = 60.0,
        labels: Sequence[str] | None = None,
    ):
        import requests

        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(
                "`url` must be an address such as http://127.0.0.1:8501. Received: "
                f"url={url!r}"
            )
        self.model = model
        self._labels = None if labels is None else list(labels)
        self._models = f"{url.rstrip('/')}/v1/models"
        self._timeout = timeout
        self._path = f"{url.rstrip('/')}/v1/models/{quote(model, safe='')}"
        if version is not None:
            self._path += f"/versions/{int(version)}"
        self._session = requests.Session()
        if _is_loopback(address.hostname):
            self._session.trust_env = False  # a proxy would not find this machine

    # What the server says

    def status(self) -> dict[str, str]:
        """State of each version: `{"1": "AVAILABLE"}`."""
        answer = self._ask("GET", self._path)
        return {
            entry["version"]: entry["state"] for entry in answer["model_version_status"]
        }

    @cached_property
    def signatures(self) -> dict[str, Any]:
        """Each signature's `inputs` and `outputs`, as the server tells them."""
        answer = self._ask("GET", f"{self._path}/metadata")
        return answer["metadata"]["signature_def"]["signature_def"]

    @property
    def labels(self) -> list[str] | None:
        """Names of the classes: those given, else those that the server tells."""
        if self._labels is None:
            try:
                models = self._ask("GET", self._models).get("models", [])
            except ServingError as error:
                if error.status not in (400, 404, 501):
                    raise
                models = []  # TensorFlow Serving has no such list
            found = [entry for entry in models if entry["name"] == self.model]
            self._labels = found[0].get("labels") if found else None
        return self._labels

    @property
    def input_kind(self) -> str:
        """What the model reads, `"text"` or `"image"`."""
        return "image" if self._input_name().endswith("_bytes") else "text"

    @property
    def verb(self) -> str:
        """The method that answers, `"classify"` or `"generate"`."""
        return "generate" if self.writes_text else "classify"

    @property
    def writes_text(self) -> bool:
        """Whether it is for `generate`; if not, it is for `classify`."""
        return "label" not in self._outputs()

    def predict(
        self, inputs: Mapping[str, Any], signature: str = "serving_default"
    ) -> dict[str, Any]:
        """The raw call: a list for each input to a list for each output.

        Args:
            inputs: Nested lists of numbers, booleans, texts or bytes, or arrays.
            signature: Name of the signature.

        Raises:
            ServingError: An `OSError` with the server's reason, its `code` and
                `status`.
        """
        content = {k: to_json(v) for k, v in inputs.items()}
        body = {"signature_name": signature, "inputs": content}
        outputs = self._ask("POST", f"{self._path}:predict", body)["outputs"]
        names = [*self._outputs(signature)]
        return {names[0]: outputs} if len(names) == 1 else outputs

    # The verbs

    def classify(
        self, inputs: Any, top: int | None = None, batch_size: int = 64
    ) -> Any:
        """Labels inputs, as `classify` of a local model does.

        Args:
            inputs: A text, or an image as path, bytes of a file or array; or a list.
            top: Give that many of the best labels. Needs the names of the classes.
            batch_size: Number of inputs in one request. Default 64.

        Returns:
            `{"label", "score"}` for each input, and `"confidence"` if the server gives
            it, with `top` a list of so many; a list of them unless a single input came.
            Under a confidence of 0.5 there is a `"doubt"`, too.

        Raises:
            ServingError: An `OSError`, if the server refuses or does not answer.
            ValueError, TypeError, FileNotFoundError: If an input or `top` does not
                fit.
        """
        if self.writes_text:
            raise ValueError(f"{self.model} writes texts: call `generate`")
        labels = self.labels if top is not None else None
        if top is not None and labels is None:
            raise ValueError(
                "`top` needs the names of the classes, which this server does not "
                "tell: Client(…, labels=[…]). "
                f"Received: top={top}"
            )
        if top is not None and not 1 <= top <= len(labels or ()):
            raise ValueError(
                f"`top` must be from 1 to {len(labels or ())}. Received: top={top}"
            )

        def answer(
            label: str, score: float, probabilities: list[float], *confidence: float
        ) -> Any:
            more = dict(zip(("confidence",), confidence, strict=False))
            if top is None:
                return _with_warning({"label": label, "score": score, **more})
            best = np.argsort(-np.asarray(probabilities), kind="stable")[:top]
            assert labels is not None
            return [
                _with_warning({"label": labels[i], "score": probabilities[i], **more})
                for i in best
            ]

        names = ["label", "score", "probabilities"]
        names += ["confidence"] if "confidence" in self._outputs() else []
        return self._answers(inputs, names, answer, batch_size)

    def generate(
        self,
        inputs: Any,
        num_return: int | None = None,
        return_scores: bool = False,
        batch_size: int = 64,
    ) -> Any:
        """Writes a text for each input, as `generate` of a local model does.

        Args:
            inputs: As in `classify`.
            num_return: `None`: a served model gives its best text alone.
            return_scores: Whether to give the score with each text, and the
                confidence if the server gives it.
            batch_size: Number of inputs in one request. Default 64.

        Returns:
            A text for each input, or a dictionary of the text, its `score` and
            `confidence`, with a `doubt` if that is under 0.5; a list of them unless a
            single input came.

        Raises:
            ServingError: An `OSError`, if the server refuses or does not answer.
            ValueError, TypeError, FileNotFoundError: If an argument does not fit.
        """
        if not self.writes_text:
            raise ValueError(f"{self.model} names labels: call `classify`")
        if num_return is not None:
            raise ValueError(
                "A served model gives its best text alone. Received: "
                f"num_return={num_return}"
            )
        outputs = self._outputs()
        texts = [n for n, info in outputs.items() if info["dtype"] == "DT_STRING"]
        if len(texts) != 1:
            raise ValueError(
                f"{self.model} must have one output of texts. Received: {texts}"
            )
        names = (texts[0], "score") if "score" in outputs else (texts[0],)
        signature = "serving_default"
        if return_scores and CONFIDENCE_SIGNATURE in self.signatures:
            names = (*names, "confidence")
            signature = CONFIDENCE_SIGNATURE

        def answer(text: str, *numbers: float) -> Any:
            if not return_scores:
                return text
            return _with_warning(dict(zip(names, (text, *numbers), strict=True)))

        return self._answers(inputs, names, answer, batch_size, signature)

    def _answers(
        self,
        inputs: Any,
        outputs: Sequence[str],
        answer: Callable[..., Any],
        batch_size: int,
        text_signature: str = "serving_default",
    ) -> Any:
        is_single = not isinstance(inputs, list | tuple)
        raws = [inputs] if is_single else [*inputs]
        name = self._input_name()
        is_image = self.input_kind == "image"
        answers: list[Any] = []
        start = 0
        while start < len(raws):
            if is_image and isinstance(raws[start], np.ndarray):
                batch: dict[str, list[Any]] = {
                    "images": [to_pixels(raws[start], start)]
                }
                signature, end = "serve_images", start + 1
            else:
                end = start + 1
                while end < min(start + batch_size, len(raws)) and not isinstance(
                    raws[end], np.ndarray
                ):
                    end += 1
                prepare = to_file if is_image else to_text
                batch = {name: [prepare(raws[i], i) for i in range(start, end)]}
                signature = text_signature
            columns = self.predict(batch, signature)
            rows = zip(*(columns[output] for output in outputs), strict=True)
            answers += [answer(*row) for row in rows]
            start = end
        return answers[0] if is_single else answers

    def _default(self) -> dict[str, Any]:
        if "serving_default" not in self.signatures:
            raise ValueError(
                f"{self.model} has no signature serving_default. It has "
                f"{sorted(self.signatures)}"
            )
        return self.signatures["serving_default"]

    def _input_name(self) -> str:
        names = [*self._default()["inputs"]]
        if len(names) != 1:
            raise ValueError(
                f"{self.model} must have one input for this verb, use `predict`. It "
                f"has {names}"
            )
        return names[0]

    def _outputs(self, signature: str = "serving_default") -> dict[str, Any]:
        return self.signatures.get(signature, self._default())["outputs"]

    def _ask(self, method: str, url: str, body: Any = None) -> Any:
        import requests

        try:
            response = self._session.request(
                method, url, json=body, timeout=self._timeout
            )
        except requests.Timeout as error:
            raise ServingError(
                "DEADLINE_EXCEEDED", f"No answer from {url} in {self._timeout:g} s"
            ) from error
        except requests.ConnectionError as error:
            raise ServingError(
                "UNAVAILABLE",
                f"No server answers at {url}. Start one with `rnnzoo serve`",
            ) from error
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            answer = {"error": shorten(response.text, 200)}
        if response.status_code != 200 or not isinstance(answer, dict):
            reason = answer.get("error") if isinstance(answer, dict) else answer
            code = _CODES.get(response.status_code, "INTERNAL")
            raise ServingError(
                code,
                f"{reason} ({url} answered {response.status_code})",
                response.status_code,
            )
        return answer


def _with_warning(answer: dict[str, Any]) -> dict[str, Any]:
    """Marks an answer whose confidence, if the server gave one, is low."""
    is_unsure = answer.get("confidence", UNSURE) < UNSURE
    return {**answer, "doubt": WARNING} if is_unsure else answer


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
