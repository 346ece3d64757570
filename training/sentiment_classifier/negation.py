"""Short sentences with negation and contrast, made from templates.

Long reviews are judged by the sum of their words and hardly teach what "not" does. Here
an adjective, a verb or a noun stands in a frame that keeps or reverses its label. No
frame occurs in the cases of `training.probes.behaviour`.
"""

from collections.abc import Sequence

import numpy as np

NEGATIVE = (  # noqa: SIM905
    "bad boring dull stupid awful terrible horrible annoying ridiculous silly weak "
    "lame predictable cheesy dumb flat pointless pathetic disappointing confusing "
    "ugly thin mediocre wooden absurd contrived bland unfunny awkward tedious "
    "embarrassing lousy irritating forgettable amateurish trite poor shallow clumsy "
    "tiresome sloppy messy laughable unconvincing incoherent pretentious overlong "
    "lifeless empty hollow crude unpleasant uninspired uninteresting dreadful "
    "atrocious painful depressing cheap stale vulgar repetitive ludicrous cliched "
    "sentimental cold slow"
).split()
POSITIVE = (  # noqa: SIM905
    "good great fun funny interesting excellent beautiful wonderful perfect "
    "entertaining amazing brilliant enjoyable moving believable memorable powerful "
    "exciting effective intelligent awesome impressive charming touching likable "
    "compelling intense witty remarkable satisfying refreshing pleasant delightful "
    "superb lovely fascinating clever hilarious engaging convincing original fresh "
    "warm gripping thrilling smart inspiring masterful fantastic outstanding "
    "magnificent sweet thoughtful absorbing stunning elegant tender imaginative "
    "splendid marvelous nice terrific amusing"
).split()

# Verbs as they stand after "not", and in the past; of negative and positive judgement.
VERBS = (
    {
        "hate": "hated",
        "dislike": "disliked",
        "regret": "regretted",
        "despise": "despised",
        "loathe": "loathed",
        "resent": "resented",
        "mind": "minded",
    },
    {
        "like": "liked",
        "enjoy": "enjoyed",
        "love": "loved",
        "admire": "admired",
        "recommend": "recommended",
        "appreciate": "appreciated",
        "adore": "adored",
    },
)
NOUNS = (
    ("flaws", "faults", "mistakes", "weaknesses", "problems", "cliches", "nonsense"),
    ("charm", "wit", "suspense", "tension", "humor", "originality", "depth", "warmth"),
)
THINGS = (
    "it",
    "the movie",
    "this movie",
    "the picture",
    "the cast",
    "the humor",
    "the writing",
    "the direction",
    "the music",
    "the camera work",
    "the pace",
    "the first half",
    "the second half",
    "the love story",
    "the whole thing",
    "her performance",
    "his performance",
    "the series",
    "this show",
    "the idea",
)

# In frames {x} has the label of the sentence, {y} the other one; {xv}, {xd} and {xn}
# are a verb, its past and a noun, {s} and {t} two things.
KEPT = """
{s} is {x}. | {s} was {x}. | {s} is really {x}! | {s} is just {x}. | how {x}!
so {x}. | i think {s} is {x}. | everyone thought {s} was {x}. | i found it {x}.
a {x} movie. | {s} seemed {x} to me. | {s} is {x} from the first minute. | i {xd} {s}.
i really {xd} it. | everyone {xd} {s}. | i {xv} {s}. | {s} is full of {xn}.
lots of {xn}. | {xn} all over.
"""
DOUBLED = """
you can't say that {s} isn't {x}. | nobody thinks that {s} isn't {x}.
i don't doubt that {s} is {x}. | no one denies that it's {x}.
{s} is not without {xn}. | {s} never stops being {x}.
not a minute went by that wasn't {x}. | it never lacks {xn}.
i can't imagine anyone who wouldn't find {s} {x}. | don't tell me {s} isn't {x}.
i would not say that it isn't {x}. | who says that {s} isn't {x}?
not a single scene fails to be {x}. | {s} is never less than {x}.
"""
NEGATED = """
{s} is not {y}. | {s} isn't {y}. | {s} wasn't {y}. | {s} was not very {y}. | not {y}.
not {y} in the least. | not the least bit {y}. | never {y}. | {s} is not really {y}.
{s} wasn't exactly {y}. | {s} isn't even {y}. | {s} is by no means {y}. | nothing {y}.
{s} is in no way {y}. | {s} is rarely {y}. | {s} never gets {y}.
{s} never becomes {y}. | {s} was never once {y}. | no one thought {s} was {y}.
nobody around me found it {y}. | nobody in the audience found {s} {y}.
no one could say {s} is {y}. | i don't think {s} is {y}.
i didn't find it {y}. | i can't call {s} {y}. | i did not {yv} it.
i would not say that {s} is {y}. | i wouldn't describe {s} as {y}.
i didn't {yv} {s}. | there isn't anything {y} in it. | i found nothing {y} in it.
i saw nothing {y} in {s}. | there was no moment when {s} was {y}.
not one scene is {y}. | without being {y}. | {s} stops short of being {y}.
neither {y} nor {y2}. | {s} lacks anything {y}. | i don't {yv} {s} one bit.
i couldn't {yv} it. | nobody i know {yd} {s}. | no one {yd} it.
we never really {yd} it. | i can't {yv} {s}. | it is hard to {yv} {s}.
i don't {yv} it. | there is no {yn} in it. | {s} has no {yn}. | without any {yn}.
{s} lacks {yn}. | no {yn}. | not a trace of {yn}. | i found no {yn} in {s}.
we saw no {yn}. | free of {yn}. | zero {yn}.
"""
WEIGHED = """
{s} is {x}, not {y}. | {s} is {x} and not {y}. | {s} isn't {y}; it's {x}.
{x}, not {y}. | {s} isn't {y}, it is {x}. | it is less {y} than {x}.
it's {x}, never {y}. | not {y}. {x}. | i thought it would be {y}; it turned out {x}.
once {y}, now {x}. | more {x} than {y}. | instead of {y} it is {x}.
{x} rather than {y}. | it starts {y} and ends {x}.
people say {s} is {y}; i found it {x}. | {s} could have been {y} but is {x}.
though {t} is {y}, {s} is {x} overall. | {t} is {y}, but all in all it's {x}.
{t} may be {y}, yet the movie is {x}. | for all its {y} parts it's {x}.
my friends were told it's {y}. it is {x}. | others {yd} it, i {xd} it.
"""
FRAMES = tuple(
    [frame.strip() for line in kind.strip().splitlines() for frame in line.split("|")]
    for kind in (KEPT, DOUBLED, NEGATED, WEIGHED)
)
SHARES = 0.2, 0.15, 0.4, 0.25  # of the kinds
LABELS = ["negative", "positive"]


def check_labels(labels: Sequence[str]) -> None:
    """Raises `ValueError` unless the labels are those of the sentences."""
    if list(labels) != LABELS:
        raise ValueError(
            f"`negation_sentences` needs the labels {LABELS}, in this order. Received: "
            f"{list(labels)}"
        )


def make_sentences(count: int, seed: int) -> tuple[list[bytes], np.ndarray]:
    """Fills frames at random, as many with one label as with the other.

    Args:
        count: Number of sentences.
        seed: Seed of the draw.

    Returns:
        The sentences, and their labels: 0 for negative ones, 1 for positive ones.
    """
    draw = np.random.default_rng(seed)
    adjectives = (NEGATIVE, POSITIVE)
    texts, labels = [], np.arange(count, dtype="int32") % 2
    for label in labels:
        frames = FRAMES[draw.choice(len(FRAMES), p=SHARES)]
        words = dict(zip("st", draw.permutation(THINGS)[:2], strict=True))
        for slot, number in (("x", label), ("y", 1 - label)):
            verb = draw.choice([*VERBS[number]])
            words[slot], words[f"{slot}2"] = draw.choice(adjectives[number], 2)
            words[f"{slot}v"], words[f"{slot}d"] = verb, VERBS[number][verb]
            words[f"{slot}n"] = draw.choice(NOUNS[number])
        texts.append(frames[draw.integers(len(frames))].format(**words).encode())
    return texts, labels
