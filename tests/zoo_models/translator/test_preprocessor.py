"""Pairs of texts as a translator is trained on them."""

from tests.tiny_translator import make_translator


def test_a_batch_of_pairs_is_shifted_and_weighted():
    data = make_translator().to_dataset((["A dog", ""], ["Ein Hund", ""]))
    (inputs, expected, weights) = next(iter(data))
    assert inputs["source_ids"].numpy().tolist() == [[4, 7, 3], [3, 0, 0]]
    assert inputs["target_ids"].numpy().tolist() == [[2, 4, 7], [2, 3, 0]]
    assert expected.numpy().tolist() == [[4, 7, 3], [3, 0, 0]]
    assert weights.numpy().tolist() == [[1, 1, 1], [1, 0, 0]]
