"""Errors of requests, with their gRPC codes and HTTP statuses."""

import re

import grpc

# As in TensorFlow Serving, except RESOURCE_EXHAUSTED: 503 as for its full queue.
HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "RESOURCE_EXHAUSTED": 503,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}

# TensorFlow's errors have gRPC's codes.
_CODES = {code.value[0]: code.name for code in grpc.StatusCode}
_LIMIT = 1000


class ServingError(OSError):
    """A refused request.

    Args:
        code: Name of a gRPC status, such as `"INVALID_ARGUMENT"`.
        message: What was expected and what was received.
        status: HTTP status. Default: that of the code.
    """

    def __init__(self, code: str, message: str, status: int | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or HTTP_STATUS.get(code, 500)


def invalid(message: str, status: int | None = None) -> ServingError:
    """Returns the error of a bad request."""
    return ServingError("INVALID_ARGUMENT", message, status)


def shorten(value: object, limit: int = 80) -> str:
    """Returns a value for an error message, cut at `limit` characters."""
    if isinstance(value, dict | list):  # perhaps nested too deeply for `repr`
        return "{…}" if isinstance(value, dict) else "[…]"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"


def from_run(error: Exception) -> ServingError:
    """Returns the error of a model that failed, without its stack."""
    if isinstance(error, ServingError):
        return error
    code = _CODES.get(getattr(error, "error_code", 13), "INTERNAL")
    text = str(getattr(error, "message", "") or error)
    text = re.sub(
        r"^Graph execution error:.*<stack traces unavailable>\s*", "", text, flags=re.S
    )
    text = re.sub(r"\s*(\[\[\{\{node|\[Op:).*", "", text, flags=re.S)
    return ServingError(code, shorten(text, _LIMIT) or type(error).__name__)
