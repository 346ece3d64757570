"""Temperature scaling: one number that makes the scores of a classifier honest."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

# Where the temperature may lie. With every answer right there is no best one: the
# colder, the better.
BOUNDS = (0.05, 20.0)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature with which a classifier tells held-out labels best.

    It minimises the mean negative log-likelihood of the labels under
    softmax(logits / temperature). Above 1 it makes a model less sure of its answers,
    below 1 surer; the answers themselves stay.

    Args:
        logits: What a softmax makes probabilities of, of shape
            `(examples, num_classes)`. The logarithms of probabilities do as well.
        labels: The true classes, integers of shape `(examples,)`. Of examples that the
            model was not trained on.

    Returns:
        The temperature, from 0.05 to 20.

    Raises:
        ValueError: If there are no examples, or shapes do not fit, or a logit is not
            finite, or a label is not the number of a class.

    Example:

    ```python
    import numpy as np
    from training.sentiment_classifier.calibration import fit_temperature

    # Says 0.9 and is right in three of four.
    logits = np.log([[0.1, 0.9]] * 4)
    temperature = fit_temperature(logits, [1, 1, 0, 1])
    assert abs(temperature - 2) < 1e-3
    ```

    References:
        - Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    logits, labels = np.asarray(logits, "float64"), np.asarray(labels)
    is_matrix = logits.ndim == 2 and logits.shape[0] > 0 and logits.shape[1] > 1
    if not is_matrix or labels.shape != logits.shape[:1]:
        raise ValueError(
            "Logits must have shape (examples, num_classes), of an example and two "
            "classes at least, and labels (examples,). Received: shapes "
            f"{logits.shape} and {labels.shape}"
        )
    if not np.isfinite(logits).all():
        raise ValueError(
            "Logits must be finite. Received: "
            f"{logits[~np.isfinite(logits)][0]} among them; is it the logarithm of a "
            "probability of 0?"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"Labels must be integers. Received: {labels.dtype}")
    wrong = labels[(labels < 0) | (labels >= logits.shape[1])]
    if wrong.size:
        raise ValueError(
            f"Labels must be from 0 to {logits.shape[1] - 1}. Received: {wrong[0]}"
        )

    # In 1 / temperature the loss is convex; by its logarithm steps are even.
    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(scaled[np.arange(len(labels)), labels].mean())

    result = minimize_scalar(
        loss, bounds=tuple(np.log(BOUNDS)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.clip(np.exp(result.x), *BOUNDS))
