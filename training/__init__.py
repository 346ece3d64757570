"""The training scripts. They run from a checkout and are not in the wheel."""
