"""The base of models that write of what they look at."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.text import START_ID
from zoo_models.core.attending_decoder import AttendingDecoder
from zoo_models.core.inference import (
    check_names,
    compile_function,
    compute,
    without_gradients,
)
from zoo_models.core.text_generator import TextGenerator


class AttendingGenerator(TextGenerator):
    """A model whose decoder looks at a memory of what was read.

    Args:
        inputs: Keras inputs of the network, by name: what is read, then the ids that
            are written, from the start token on.
        outputs: Keras output: scores of the next id at every step, of shape
            `(…, time, vocabulary_size)`.
        decoder: What writes.
        attention: Keras tensor with the weights of its second look.
        preprocessor: See `ZooModel`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        decoder: AttendingDecoder,
        attention: Any,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        super().__init__(inputs, outputs, preprocessor, **kwargs)
        self._untracked.attending_decoder = decoder
        self._untracked.attention = attention

    # What a subclass defines

    def read(self, inputs: Any) -> tuple[Any, ...]:
        """Reads a batch of the network's first input, in `keras.ops`.

        Returns:
            The memory that the decoder looks at, its mask, the first states, and what
            else `AttendingDecoder.start` takes.
        """
        raise NotImplementedError

    def remember(self, inputs: Any) -> tuple[Any, Any]:
        """The memory of what was read, `(batch, places, size)`, and its mask,
        `(batch, places)`."""
        memory, mask, *_ = self.read(inputs)
        return memory, mask

    def explain(self, inputs: Any, token_ids: Any) -> dict[str, Any]:
        """What `return_attention` adds to an answer: the weights of the decoder's
        second look, and what they belong to."""
        raise NotImplementedError

    # What it is made of

    @property
    def attending_decoder(self) -> AttendingDecoder:
        """What writes."""
        return self._untracked.attending_decoder

    # Texts

    def generate(
        self,
        inputs: Any,
        max_length: int | None = None,
        batch_size: int = 64,
        verbose: Any = "auto",
        num_return: int | None = None,
        return_scores: bool = False,
        return_attention: bool = False,
    ) -> Any:
        """Writes a text for each input, as `TextGenerator.generate` does.

        Args:
            inputs: These six are as there.
            max_length: See `inputs`.
            batch_size: See `inputs`.
            verbose: See `inputs`.
            num_return: See `inputs`.
            return_scores: See `inputs`.
            return_attention: Whether a text comes in a dictionary with its `attention`
                and what that belongs to. Default `False`.
        """
        explain = self.explain if return_attention else None
        return self._generate(
            inputs, max_length, batch_size, verbose, num_return, return_scores, explain
        )

    def encode(
        self,
        inputs: Any,
        return_states: bool = False,
        batch_size: int = 64,
        verbose: Any = "auto",
        return_tokens: bool = False,
    ) -> Any:
        """What the model read, as features of the inputs: the memory at which its
        decoder looks.

        Args:
            inputs: As in `generate`.
            return_states: Whether to give a row for each piece of a text, or place of
                an image, instead of their mean. Default `False`.
            batch_size: Number of inputs at once. Default 64.
            verbose: Progress bar, as in `generate`.
            return_tokens: Whether to give such rows and what each belongs to. For
                texts alone, and with a preprocessor. Default `False`.

        Returns:
            An array for each input, of shape `(memory size,)`; with `return_states`
            of shape `(time, memory size)`, with a step for each piece and one for the
            end, or a place for each cell of the grid, row by row; with `return_tokens`
            a dictionary of these `states` and of their `tokens`, a name for each step.
            A list of them unless a single input came.

        Raises:
            TypeError: If an input is of a type that cannot be read.
            ValueError: If there are no tokens to name.
        """
        if return_tokens:
            check_names(self)
        rows, is_single = compute(self, inputs, "memory", batch_size, verbose)
        answers: list[Any] = []
        for memory, mask, read in rows:
            states = memory[mask]
            if return_tokens:
                names = self.preprocessor.source_names(read[: len(states)])
                answers.append({"states": states, "tokens": names})
            else:
                answers.append(states if return_states else states.mean(axis=0))
        return answers[0] if is_single else answers

    def pool(self, memory: Any, mask: Any) -> Any:
        """The mean of what was read: see `read`."""
        weights = ops.expand_dims(ops.cast(mask, memory.dtype), -1)
        return ops.sum(memory * weights, axis=1) / ops.sum(weights, axis=1)

    def search(
        self, seen: tuple[Any, ...], max_length: int, num_return: int
    ) -> tuple[Any, Any]:
        """Writes for what was read: see `write`.

        Args:
            seen: What `read` gives.
            max_length: Ids of a text at most, the end included.
            num_return: Number of texts for each input.

        Returns:
            Ids, `(batch, num_return, max_length)`, and scores,
            `(batch, num_return)`.
        """
        step, states, fixed = self.attending_decoder.start_search(*seen)
        return self.sampler(step, states, max_length, num_return, fixed)

    def write(self, inputs: Any, max_length: int, num_return: int) -> tuple[Any, Any]:
        return self.search(self.read(inputs), max_length, num_return)

    # Compiled functions

    def build_function(self, output: Any) -> Callable[..., Any]:
        if output == "attention":
            return self._build_attention()
        if output == "memory":
            return self._build_memory()
        if output == "pooled":
            return self._build_pooled()
        return super().build_function(output)

    def _build_pooled(self) -> Callable[[list[Any]], Any]:
        """A function from a batch of checked inputs to the mean of what was read."""
        spec = self.inputs[0]
        pool = compile_function(
            lambda inputs: self.pool(*self.remember(inputs)),
            spec.shape,
            spec.dtype,
            self.variables,
            eager=self.run_eagerly,
        )
        prepare = self.build_preparation()
        return lambda batch: pool(prepare(batch))

    def _build_memory(self) -> Callable[[list[Any]], list[Any]]:
        """A function from a batch of checked inputs to the memory of each, its mask and
        what was read."""
        spec = self.inputs[0]
        read = compile_function(
            self.remember,
            spec.shape,
            spec.dtype,
            self.variables,
            eager=self.run_eagerly,
        )
        prepare = self.build_preparation()

        def remember(batch: list[Any]) -> list[Any]:
            inputs = prepare(batch)
            return list(zip(*read(inputs), inputs, strict=True))

        return remember

    def _build_attention(self) -> Callable[[Any, Any], np.ndarray]:
        """A function from what was read, and the ids of a text, to the weights of the
        decoder's second look, `(ids, places)`."""
        read, written = self.inputs
        network = keras.Model([read, written], self._untracked.attention)
        axes = (1,) * (len(written.shape) - 1)

        def attend(inputs: Any, token_ids: Any) -> np.ndarray:
            before = np.append(START_ID, token_ids[:-1]).astype("int32")
            before = before.reshape((*axes, -1))
            arrays = [inputs[None].astype(read.dtype), before]
            with without_gradients():
                weights = network(arrays, training=False)
            return keras.ops.convert_to_numpy(weights)[0]

        return attend
