"""TFDS's own test of a builder, on files that a function writes."""

import shutil
import tempfile
from pathlib import Path

from tensorflow_datasets import testing


class BuilderCase(testing.DatasetBuilderTestCase):
    """The test case. A subclass names the builder and has `write_files(folder)`."""

    @classmethod
    def setUpClass(cls):
        cls.EXAMPLE_DIR = tempfile.mkdtemp()
        cls.write_files(Path(cls.EXAMPLE_DIR))
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.EXAMPLE_DIR)
