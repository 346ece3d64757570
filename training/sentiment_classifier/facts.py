"""Sentences that say what is so and judge nothing, made from templates.

Few sentences of reviews or of everyday talk are opinions, and a classifier that was
taught opinions alone is sure of each. The frames and the names are none of those that
`training.probes.behaviour` measures with.
"""

import string

import numpy as np

from training.core.names import NAMES

SLOTS = {
    "name": NAMES,
    "other": NAMES,
    "place": (  # noqa: SIM905
        "Berlin Chicago Dublin Kyoto Lima Lisbon Madrid Nairobi Naples Oslo Prague "
        "Rome Seoul Sydney Texas Toronto Zurich Brazil China Denmark England Greece "
        "Japan Kenya Norway Poland Portugal Spain"
    ).split(),
    "day": "today yesterday tomorrow last_week this_morning tonight".split(),  # noqa: SIM905
    "hour": "noon midnight eight nine ten half_past_one a_quarter_to_seven".split(),  # noqa: SIM905
    "many": "seven eight nine ten eleven a_dozen twenty thirty ninety".split(),  # noqa: SIM905
    "date": "1921 1934 1948 1959 1966 1971 1987 1994 2001 2006".split(),  # noqa: SIM905
    "work": (  # noqa: SIM905
        "baker carpenter cook dentist driver engineer fisherman journalist judge nurse "
        "painter photographer plumber sailor secretary soldier student waiter writer"
    ).split(),
    "thing": (  # noqa: SIM905
        "bag bicycle book box bus camera chair coat key lamp letter map paper parcel "
        "radio shop station suitcase table ticket train umbrella window"
    ).split(),
    "kind": (  # noqa: SIM905
        "western comedy documentary drama musical remake sequel thriller cartoon "
        "mystery biography"
    ).split(),
    "part": "film movie series episode trailer scene credits premiere".split(),  # noqa: SIM905
    "hue": "black blue brown green grey red white yellow".split(),  # noqa: SIM905
}
FRAMES = """
{name} plays a {work}. | {name} plays {other}'s neighbor. | the {part} runs on {day}.
it is a {kind} of {date}. | the {kind} is set in {place}. | this is a {kind}.
it was directed by {name} {other}. | the music is by {name} {other}.
the {part} is about a {work} and a {work2}. | {name} meets {other} in {place}.
{name} moves from {place} to {place2}. | the {part} begins at {hour}.
it is based on a book by {name} {other}. | the book came out in {date}.
the {part} has subtitles. | it lasts {many} minutes. | {name} wrote the script.
i saw the {part} {day}. | {name} and i went to the {part} {day}.
we rented it in {place}. | it is the only {kind} that {name} made.
{name} is a {work} in {place}. | {name} was a {work}, and {other} a {work2}.
the {thing} is on the {thing2}. | there is a {thing} in the {thing2}.
the {thing} is {hue}. | {name} has a {hue} {thing} and a {hue2} one.
i bought a {thing} {day}. | {name} put the {thing} next to the {thing2}.
the {thing} costs {many} dollars. | the {thing} came {day} at {hour}.
the train to {place} leaves at {hour}. | we arrive in {place} at {hour}.
the shop opens at {hour}. | {name} lives in {place}. | {name} called {day}.
{name} comes from {place} and speaks with {other}. | {many} people live there.
where is the {thing}? | when does the {part} start? | who is {name}?
is this {name}'s {thing}? | what time is it? | it is {hour}.
{name} has {many} cousins. | {other} is {many} years old.
turn left at the {thing}. | please send the {thing} to {name} {other}.
the meeting is {day} at {hour}. | {name} will bring the {thing}.
the camera shows a {thing}. | then {name} opens the {thing}.
in the next scene {name} talks to {other}. | the credits list {many} names.
it was filmed in {place} and {place2}. | the dvd has {many} chapters.
{name} has been in {many} films. | it is in {hue} and white.
"""
_FRAMES = [
    frame.strip() for line in FRAMES.strip().splitlines() for frame in line.split("|")
]


def make_facts(count: int, seed: int) -> list[bytes]:
    """Fills frames at random.

    Args:
        count: Number of sentences.
        seed: Seed of the draw.
    """
    draw = np.random.default_rng([seed, 1])
    texts = []
    for number in draw.integers(len(_FRAMES), size=count):
        frame = _FRAMES[number]
        words = {}
        for _, slot, _, _ in string.Formatter().parse(frame):
            if slot:
                words[slot] = draw.choice(SLOTS[slot.rstrip("2")]).replace("_", " ")
        texts.append(frame.format(**words).encode())
    return texts
