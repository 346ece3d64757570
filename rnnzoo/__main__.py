"""`python -m rnnzoo` is the command `rnnzoo`."""

from rnnzoo.cli import main

main(prog_name="rnnzoo")
