"""What the card of a translator says and its metadata cannot tell."""

from typing import Any

LANGUAGES = {"cs": "Czech", "de": "German", "en": "English", "fr": "French"}

EXAMPLE = """\
from rnnzoo import Translator

translator = Translator.from_preset("{name}")
print(translator.generate("A dog runs through the grass."))"""

SUMMARY = (
    "Translates sentences about everyday scenes from {source} into {target}. Two "
    "layers of Elman cells in both directions read the pieces of the sentence, two "
    "layers of Elman cells write the translation and look at the states of the "
    "reader, with attention as a read-out. No gates, no self-attention, no "
    "pre-training; beam search with five hypotheses."
)
MULTI30K = {
    "summary": SUMMARY,
    "data": (
        "the train split of `{dataset}` {version} (Elliott et al., 2016), 29 000 "
        "pairs; the epoch is chosen on the validation split"
    ),
    "licence": (
        "The weights are under {licence}. The texts of Multi30k are those of "
        "Flickr30k, which were collected for research, and translations of them. Use "
        "the model for research, teaching and prototypes; before you sell its "
        "answers, judge for yourself whether weights learnt from these texts may be "
        "used so."
    ),
    "limits": (
        "- It knows captions of photographs: people, dogs, sports, streets. Of other "
        "texts it makes captions; rare words and names it drops, spells out wrongly "
        "or replaces by likelier ones. Do not rely on it where a mistake matters.\n"
        "- It translates one sentence of up to {max_length} pieces, some 100 words; "
        "more is cut off, and beyond 40 words it loses the thread. Give it one "
        "sentence at a time.\n"
        "- It reads everything in lower case. Scripts and signs it never saw are "
        "unknown to it: it translates what is left, and nothing gives an empty "
        "translation.\n"
        "- The captions guess at gender, age and origin of people in photographs, and "
        "so does the model: it may write *homme* or *Mann* for a person of whom "
        "nothing is said."
    ),
}
UNKNOWN_SET = {
    "summary": SUMMARY,
    "data": "the train split of `{dataset}` {version}",
    "licence": (
        "The weights are under {licence}. Look up what the licence of `{dataset}` "
        "allows before you use them."
    ),
    "limits": (
        "- It knows sentences like those of `{dataset}`.\n"
        "- It translates one sentence of up to {max_length} pieces; more is cut off."
    ),
}


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, str]:
    """The summary, data, licence, limits and targets of a translator's card."""
    dataset = metadata["dataset"]
    known = dataset["name"].startswith("multi30k/")
    words = {
        "dataset": dataset["name"],
        "version": dataset["version"],
        "licence": metadata["licence"],
        "max_length": config["preprocessor"]["source"]["max_length"],
        **{
            side: LANGUAGES.get(dataset[side], dataset[side])
            for side in ("source", "target")
        },
    }
    prose = MULTI30K if known else UNKNOWN_SET
    smoothing = metadata["training"]["config"].get("label_smoothing", 0.0)
    return {
        **{key: text.format(**words) for key, text in prose.items()},
        "targets": "the next piece of the translation after the true ones before it"
        + (f", {smoothing:.0%} of the target spread over all" if smoothing else ""),
    }
