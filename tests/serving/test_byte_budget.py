"""Images count for what they take once they are decoded."""

import asyncio

import numpy as np
import pytest
from PIL import Image

from rnnzoo.images.pixels import MAX_PIXELS
from rnnzoo.serving.batching import Batcher
from rnnzoo.serving.byte_budget import PIXEL_BYTES, ByteBudget, decoded_sizes
from rnnzoo.serving.settings import ServerSettings
from tests.images.test_pixels import FRAMES, encode
from tests.serving.hostile import BOMBS, png
from tests.serving.running import in_event_loop

WIDE = Image.new("RGB", (30, 20), "red")


@pytest.mark.parametrize(
    ("form", "settings"),
    [
        ("PNG", {}),
        ("JPEG", {"exif": b"Exif\0\0" + bytes(900), "progressive": True}),
        ("JPEG", {}),
        ("WEBP", {"lossless": False}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_sizes_are_read_from_headers(form, settings):
    files = np.array([encode(WIDE, form, **settings), b"", b"text"], object)
    expected = [30 * 20 * PIXEL_BYTES, 0, 0]
    assert decoded_sizes({"image_bytes": files}).tolist() == expected


def test_a_gif_counts_as_the_largest_image_and_a_moving_webp_is_not_decoded():
    moving = {"save_all": True, "append_images": [WIDE.rotate(90)]}
    files = [encode(WIDE, "GIF"), encode(WIDE, "WEBP", **moving)]
    sizes = decoded_sizes({"image_bytes": np.array(files, object)})
    assert sizes.tolist() == [MAX_PIXELS * PIXEL_BYTES, 0]


def test_what_is_cut_or_hostile_is_counted_without_fail():
    whole = [encode(FRAMES[0], form) for form in ("PNG", "JPEG", "GIF", "WEBP")]
    cut = [data[:end] for data in whole for end in range(len(data))]
    sizes = decoded_sizes({"image_bytes": np.array([*cut, *BOMBS], object)})
    assert (sizes >= 0).all()
    assert sizes.max() == MAX_PIXELS * PIXEL_BYTES
    assert decoded_sizes({"text": np.array([whole[0]], object)}) is None


@in_event_loop
async def test_batches_of_images_keep_within_the_budget():
    batches = []

    def run(signature, inputs):
        batches.append(len(inputs["image_bytes"]))
        return {"n": np.zeros(batches[-1])}

    files = np.array([png(10, 10)] * 7 + [png(100, 100)], object)
    settings = ServerSettings(max_decoded=3 * 100 * PIXEL_BYTES)
    batcher = Batcher(run, settings, "images")
    inputs = {"image_bytes": files}
    answer = await batcher.submit("serving_default", inputs, by_row=True)
    assert len(answer["n"]) == 8
    # The last is larger than the budget: it is answered alone.
    assert batches == [3, 3, 1, 1]


@in_event_loop
async def test_queues_share_the_budget_in_their_order():
    budget, order = ByteBudget(10), []
    gates = [asyncio.Event() for _ in range(4)]

    async def use(name, size):
        await budget.take(size)
        order.append(name)
        await gates[name].wait()
        budget.give_back(size)

    tasks = [asyncio.create_task(use(i, size)) for i, size in enumerate((6, 4, 99, 1))]
    # The third wants all, and the fourth comes after it.
    for opened, expected in (([], [0, 1]), ([0], [0, 1]), ([1], [0, 1, 2])):
        for i in opened:
            gates[i].set()
        await asyncio.sleep(0.01)
        assert order == expected
    gates[2].set()
    gates[3].set()
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3]
