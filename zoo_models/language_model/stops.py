"""Strings at which a text stops."""

from collections.abc import Callable, Iterable, Iterator, Sequence


def check_stops(stop: str | Sequence[str]) -> list[str]:
    """Returns the stop strings in a list, or raises `ValueError` if one is empty."""
    given = list(stop) if isinstance(stop, list | tuple) else [stop]
    stops = [s for s in given if isinstance(s, str) and s]
    if len(stops) < len(given):
        raise ValueError(
            "`stop` must be a string or several, none of them empty. Received: "
            f"stop={stop!r}"
        )
    return stops


def cut_at(text: str, stops: Sequence[str]) -> str:
    """Returns the text before the first stop string, of several the longest."""
    found = [(place + len(s), place) for s in stops if (place := text.find(s)) >= 0]
    return text[: min(found)[1]] if found else text


def overlap(text: str, stops: Sequence[str]) -> int:
    """Returns how many letters at the end of a text may begin a stop string."""
    sizes = (n for s in stops for n in range(1, len(s)) if text.endswith(s[:n]))
    return max(sizes, default=0)


def pieces(
    token_ids: Iterable[int], spell: Callable[[list[int]], str], stops: Sequence[str]
) -> Iterator[str]:
    """Spells ids as they come and holds back what may begin a stop string.

    Args:
        token_ids: Ids; no more are taken once a stop string is there.
        spell: The text of a list of ids, which begins with that of the ids before.
        stops: Strings at the first of which the text ends.

    Yields:
        Pieces of text, none of them empty; joined they are the text.
    """
    written: list[int] = []
    text, given = "", 0
    for token_id in token_ids:
        written.append(token_id)
        spelled = spell(written)
        text = cut_at(spelled, stops)
        if text != spelled:
            break
        safe = len(text) - overlap(text, stops)
        if safe > given:
            yield text[given:safe]
            given = safe
    if given < len(text):
        yield text[given:]
