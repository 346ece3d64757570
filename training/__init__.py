"""The training scripts, run with `python -m` in a checkout and with `rnnzoo train` from
a wheel, which holds them in `rnnzoo_scripts`."""
