"""A made-up archive of Tatoeba, of a few lines."""

import zipfile

from rnnzoo.datasets.tatoeba import tatoeba_dataset_builder as module

HELD_OUT = {"test": 3, "validation": 2}
SIZES = {"train": 22, **HELD_OUT}
# Of each English sentence two spellings, the second with two translations; the last
# line says what sentence 0 says.
LINES = [
    *(f"Sentence {i}.\tSatz {i}.\tCC-BY 2.0" for i in range(12)),
    *(f"sentence {i}!\tDer Satz {i}!" for i in range(12)),
    *(f"sentence {i}!\tNoch ein Satz {i}" for i in range(12)),
    *(f"Other words {i}\tsatz {i}" for i in range(12)),
]


def write_archive(folder, lines=tuple(LINES), name="deu-eng.zip"):
    """Writes an archive, German unless told otherwise."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr(f"{name[:3]}.txt", "\n".join(lines) + "\n")


def expect_small_archive(monkeypatch):
    """Makes the builder hold out as few sentences as there are."""
    monkeypatch.setattr(module, "HELD_OUT", HELD_OUT)
