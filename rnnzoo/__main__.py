"""`python -m rnnzoo`, another name of the command `rnnzoo`."""

from rnnzoo.cli import main

main(prog_name="rnnzoo")
