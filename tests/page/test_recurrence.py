"""The gradient room: the states and gradients of Keras's own cells."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.page.node import needs_node, run_script

pytestmark = needs_node
UNITS, INPUTS, STEPS = 5, 3, 6
SCRIPT = """
import {
  gradientNorms, makeCell, normals, spectralRadius, step,
} from "./recurrence.js";
const normal = normals(7);
const sequence = Array.from({ length: given.steps }, () =>
  Float64Array.from({ length: given.inputs }, normal));
const rows = (matrix) => matrix.map((row) => [...row]);
say(given.cells.map((settings) => {
  const { units, inputs } = given;
  const cell = makeCell(settings.kind, { ...settings, units, inputs, seed: 3 });
  let state = new Float64Array(given.units * (cell.kind === "lstm" ? 2 : 1));
  const states = sequence.map((x) => (state = step(cell, x, state).next));
  return {
    sequence: rows(sequence), states: rows(states),
    kernel: rows(cell.kernel), recurrent: rows(cell.recurrent), bias: [...cell.bias],
    radius: spectralRadius(cell.recurrent.map((row) => row.slice(0, given.units))),
    norms: gradientNorms(cell, sequence),
  };
}));
"""
CELLS = [
    *(
        {"kind": "elman", "activation": activation, "start": start, "radius": radius}
        for activation, start, radius in [
            ("tanh", "orthogonal", 0.9),
            ("relu", "normal", 1.4),
            ("sigmoid", "identity", 1.0),
            ("linear", "normal", 1.2),
        ]
    ),
    {"kind": "gru", "activation": "tanh", "start": "normal", "radius": 1.3},
    {"kind": "lstm", "activation": "tanh", "start": "orthogonal", "radius": 0.8},
]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    given = {"cells": CELLS, "units": UNITS, "inputs": INPUTS, "steps": STEPS}
    return run_script(tmp_path_factory.mktemp("recurrence"), SCRIPT, given)


def keras_cell(settings, found):
    kinds = {
        "elman": lambda: keras.layers.SimpleRNNCell(UNITS, settings["activation"]),
        "gru": lambda: keras.layers.GRUCell(UNITS),
        "lstm": lambda: keras.layers.LSTMCell(UNITS),
    }
    cell = kinds[settings["kind"]]()
    cell.build((None, INPUTS))
    bias = np.array(found["bias"])
    if settings["kind"] == "gru":  # one bias for each half
        bias = np.stack([bias, bias])
    cell.set_weights([np.array(found["kernel"]), np.array(found["recurrent"]), bias])
    return cell


@pytest.mark.parametrize("number", range(len(CELLS)))
def test_states_and_gradients_are_those_of_keras(measured, number):
    settings, found = CELLS[number], measured[number]
    cell = keras_cell(settings, found)
    inputs = np.array(found["sequence"], "float32")
    size = 2 if settings["kind"] == "lstm" else 1
    for first in range(STEPS):
        before = np.zeros(size * UNITS) if first == 0 else found["states"][first - 1]
        state = tf.constant([before], tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(state)
            parts = tf.split(state, size, axis=1)
            for t in range(first, STEPS):
                _, parts = cell(inputs[t : t + 1], parts)
                parts = list(parts) if size == 2 else [tf.squeeze([parts], 0)]
                parts = [tf.reshape(part, (1, UNITS)) for part in parts]
                if first == 0:
                    after = tf.concat(parts, axis=1)[0]
                    np.testing.assert_allclose(
                        after, found["states"][t], rtol=1e-4, atol=1e-5
                    )
        jacobian = tape.jacobian(parts[0], state)
        norm = np.linalg.norm(np.reshape(jacobian, (UNITS, size * UNITS)), 2)
        assert found["norms"][first] == pytest.approx(norm, rel=2e-3, abs=1e-9)
    assert found["norms"][STEPS] == 1


def test_recurrent_weights_have_the_radius_that_was_asked_for(measured):
    for settings, found in zip(CELLS, measured, strict=True):
        block = np.array(found["recurrent"])[:, :UNITS]
        radius = np.abs(np.linalg.eigvals(block)).max()
        assert radius == pytest.approx(settings["radius"], rel=0.02)
        assert found["radius"] == pytest.approx(radius, rel=0.02)
