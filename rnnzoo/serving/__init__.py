"""A server of exported models."""

from rnnzoo.serving.errors import ServingError
from rnnzoo.serving.log import log_to_stderr
from rnnzoo.serving.server import Server
from rnnzoo.serving.settings import ServerSettings

__all__ = ["Server", "ServerSettings", "ServingError", "log_to_stderr"]
