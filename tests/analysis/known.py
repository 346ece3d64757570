"""Recurrences whose fate is known without measuring it."""

import math

import numpy as np

from rnnzoo.analysis import Recurrence, States

STEPS, UNITS = 200, 5


def rotation(seed=0):
    random = np.random.default_rng(seed)
    return np.linalg.qr(random.normal(size=(UNITS, UNITS)))[0]


def fixed_point(act, weight, drive):
    """Where s = act(weight · s + drive) rests."""
    s = 0.0
    for _ in range(500):
        s = act(weight * s + drive)
    return s


def _sigmoid(p):
    return 1 / (1 + math.exp(-p))


def make(weights, activation, drive=None):
    """States of a recurrence that reads the same input in all steps, or noise."""
    random = np.random.default_rng(1)
    inputs = random.normal(size=(STEPS, UNITS))
    if drive is not None:
        inputs = np.full((STEPS, UNITS), drive)
    recurrence = Recurrence(np.eye(UNITS), weights, np.zeros(UNITS), activation)
    return States.of(recurrence, inputs, layer="known")


def cases():
    """By name: states, and the factor by which a change grows in a step."""
    one = np.eye(UNITS)
    resting = fixed_point(math.tanh, 1.5, 0.7)
    middle = fixed_point(_sigmoid, 3.0, -1.0)
    shear = 0.8 * one
    shear[0, 1], shear[1, 1] = 4.0, 0.5  # far from normal: grows before it fades
    return {
        "shrinking rotation": (make(0.9 * rotation(), "linear"), 0.9),
        "growing rotation": (make(1.05 * rotation(), "linear"), 1.05),
        "identity of relu": (make(one, "relu", 0.3), 1.0),
        "dead relu": (make(one, "relu", -0.3), 0.0),
        "saturated tanh": (make(1.5 * one, "tanh", 0.7), 1.5 * (1 - resting**2)),
        "resting sigmoid": (make(3 * one, "sigmoid", -1.0), 3 * middle * (1 - middle)),
        "several speeds": (
            make(np.diag([0.2, 0.95, 0.5, 0.1, 0.8]), "linear"),
            0.95,
        ),
        "shear": (make(shear, "linear"), 0.8),
    }
