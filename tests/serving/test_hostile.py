"""Hostile requests beside good ones: they are refused, the good ones answered."""

import http.client
import json
import random
import resource
from concurrent.futures import ThreadPoolExecutor

from tests.serving.hostile import good, hostile

THREADS = 8


def send(connection, case):
    """Status and content of the answer. The path is sent as it is, whatever it is."""
    # `putrequest` would refuse some of these paths itself.
    connection.putrequest(case.method, "/", skip_accept_encoding=True)
    connection._buffer[0] = f"{case.method} {case.path} HTTP/1.1".encode()
    if case.is_chunked:
        connection.putheader("Transfer-Encoding", "chunked")
        parts = (case.body[i : i + 2**16] for i in range(0, len(case.body), 2**16))
    else:
        connection.putheader("Content-Length", str(len(case.body)))
        parts = case.body
    connection.endheaders(parts, encode_chunked=case.is_chunked)
    response = connection.getresponse()
    return response.status, response.read()


def judge(case, status, content):
    """Why the answer is wrong, or nothing."""
    answer = json.loads(content) if status in case.expected else {}
    if status != 200 and [*answer] == ["error"] and answer["error"]:
        return ""
    received = answer.get("predictions", answer.get("outputs"))
    if status == 200 and received is not None and case.answer in (None, received):
        return ""
    return f"{case.kind}, {case.path[:80]}, {case.body[:80]}: {status}, {content[:200]}"


def send_all(port, cases):
    """Why answers are wrong."""
    wrong = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for case in cases:
        try:
            wrong.append(judge(case, *send(connection, case)))
        except (OSError, http.client.HTTPException) as error:
            wrong.append(f"{case.kind}, {case.path[:80]}: {error!r}")
            connection.close()
    connection.close()
    return [reason for reason in wrong if reason]


def test_hostile_requests_are_refused_and_good_ones_answered(server):
    cases = [*hostile()]
    cases += map(good, range(len(cases) // 2))
    random.Random(0).shuffle(cases)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(THREADS) as pool:
        parts = [cases[i::THREADS] for i in range(THREADS)]
        found = pool.map(lambda part: send_all(server.rest_port, part), parts)
        wrong = [reason for reasons in found for reason in reasons]
    assert not wrong, "\n".join(wrong)
    # Decoded, a single one of the bombs would take 36 MB to 4 GB and more as floats.
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert growth < 512 * 1024  # kB
