"""Which packages the wheel holds. All else is in pyproject.toml and setup.cfg.

The training scripts lie in `rnnzoo_scripts`, a folder of their own that is no package:
`training` would be too common a name among other people's modules. `rnnzoo train` alone
looks there.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["rnnzoo*", "zoo_models*"]),
        *(f"rnnzoo_scripts.{name}" for name in find_packages(include=["training*"])),
    ],
    package_dir={"rnnzoo_scripts.training": "training"},
)
