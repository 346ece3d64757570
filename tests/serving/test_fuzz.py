"""A thousand hostile requests; `python -m tests.serving.fuzz` sends more."""

import resource

from tests.serving.fuzz import fuzz, report
from tests.serving.hostile import HOSTILE


def test_hostile_requests_are_refused_and_good_ones_answered(server):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = fuzz(server.rest_port, range(1000))
    print(report(outcome))
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert sum(outcome.counts.values()) == 1000
    assert outcome.counts["good", 200] == 250
    assert len({kind for kind, _ in outcome.counts}) == len(HOSTILE) + 1
    # Decoded, a single one of the bombs would take 36 MB to 4 GB and more as floats.
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert growth < 512 * 1024  # kB
