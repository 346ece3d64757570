"""Names of people, real and invented, to replace others."""

import numpy as np

NAMES = (  # noqa: SIM905
    "Adam Ahmed Aisha Alice Alberto Amara Amir Andrea Antonio Arjun Astrid Ben "
    "Bianca Boris Bruno Carla Carlos Chen Chloe Clara Daniel Deepak Diego Dmitri "
    "Edith Elena Ella Emeka Enrique Eric Fernando Fiona Frank Gabriela George Giulia "
    "Grace Greta Hana Hannah Hassan Hiroshi Hugo Ibrahim Ines Ingrid Irina Isabel "
    "Ivan Jack Jamal Jasmine Javier Jia John Julia Kenji Kevin Klaus Lars Layla Leila "
    "Leo Lena Ling Lucia Luis Magda Malik Marco Margaret Maria Martin Mei Miguel "
    "Mina Nadia Naomi Nikolai Nina Noah Nora Omar Oscar Pablo Paul Pavel Petra Pierre "
    "Rahul Ravi Rosa Ruth Samir Sara Sergei Simon Sofia Stefan Sunita Takeshi Tariq "
    "Teresa Tomas Ursula Vera Victor Walter Wanda Xavier Yasmin Yusuf Zainab Zoe"
).split()
_STARTS = "b br d dr f g h j k kl l m n p qu r s st t tr v w y z".split()  # noqa: SIM905
_VOWELS = "a e i o u ai ee ia io ou".split()  # noqa: SIM905
_ENDS = ", d k l m n nd r rt s th v x".split()  # noqa: SIM905


def make_name(draw: np.random.Generator) -> str:
    """Returns an invented name of two or three syllables."""
    syllables = [
        draw.choice(_STARTS) + draw.choice(_VOWELS) for _ in range(draw.integers(1, 3))
    ]
    name = "".join(syllables) + draw.choice(_STARTS) + draw.choice(_VOWELS[:5])
    return str(name + draw.choice(_ENDS).strip(",")).capitalize()


def draw_name(draw: np.random.Generator, made_up: float = 0.5) -> str:
    """Returns a name, which is invented with the probability `made_up`."""
    return make_name(draw) if draw.random() < made_up else str(draw.choice(NAMES))


def scramble_name(draw: np.random.Generator) -> str:
    """Returns four to eleven letters that are hard to pronounce."""
    letters = ""
    for _ in range(draw.integers(4, 12)):
        is_vowel = letters[-1:] in set("aeiou")
        vowel = draw.random() < (0.25 if is_vowel else 0.6)
        letters += draw.choice(list("aeiou" if vowel else "bcdfghjklmnpqrstvwxyz"))
    return letters.capitalize()
