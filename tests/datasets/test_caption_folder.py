"""Images and captions in a folder of one's own."""

import json

import pytest

from rnnzoo.datasets import read_caption_folder

NAMES = ["c.jpg", "a.jpg", "d.jpg", "b.jpg"]


def write_folder(folder, content=None, images=NAMES):
    """A folder of files that stand for images, one caption to each by default."""
    (folder / "images").mkdir(parents=True)
    for name in images:
        (folder / "images" / name).write_bytes(b"")
    if content is None:
        content = [{"file": name, "captions": [f"Über {name}"]} for name in NAMES]
    if not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False)
    (folder / "captions.json").write_text(content, encoding="utf-8")
    return folder


def test_images_come_by_name_with_their_captions(tmp_path):
    examples = read_caption_folder(write_folder(tmp_path / "mine"))
    assert examples == [
        (str(tmp_path / "mine" / "images" / name), [f"Über {name}".encode()])
        for name in sorted(NAMES)
    ]


def test_images_without_captions_are_left_out(tmp_path):
    content = [{"file": "b.jpg", "captions": ["One.", "Two."]}]
    ((path, captions),) = read_caption_folder(write_folder(tmp_path / "m", content))
    assert path.endswith("b.jpg")
    assert captions == [b"One.", b"Two."]


@pytest.mark.parametrize(
    ("split", "names"),
    [("all[:3]", "abc"), ("all[1:3]", "bc"), ("all[-1:]", "d"), ("all[:]", "abcd")],
)
def test_a_part_is_in_the_order_of_names(tmp_path, split, names):
    examples = read_caption_folder(write_folder(tmp_path / "mine"), split)
    assert "".join(path[-5] for path, _ in examples) == names


@pytest.mark.parametrize(
    "split", ["test", "all[4:]", "all[:5]", "all[2:1]", "all[:-5]", "all[2]", "all[:x]"]
)
def test_no_part_is_refused(tmp_path, split):
    write_folder(tmp_path / "mine")
    with pytest.raises(ValueError, match="of the 4 images. Received: ") as info:
        read_caption_folder(tmp_path / "mine", split)
    assert repr(split) in str(info.value)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="captions.json. Received: '.*nowhere'"):
        read_caption_folder(tmp_path / "nowhere")
    write_folder(tmp_path / "mine", images=["a.jpg", "c.jpg"])
    with pytest.raises(FileNotFoundError, match=r"2 that are not there.*'b.jpg'"):
        read_caption_folder(tmp_path / "mine", "all[:1]")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[{", "captions.json must be JSON"),
        ({"a.jpg": ["A dog."]}, "must be a list.*Received: {'a.jpg'"),
        ([], r"must be a list.*Received: \[\]"),
        (["a.jpg"], "one caption or more"),
        ([{"file": "a.jpg"}], "one caption or more"),
        ([{"file": 1, "captions": ["A dog."]}], "one caption or more"),
        ([{"file": "a.jpg", "captions": []}], "one caption or more"),
        ([{"file": "a.jpg", "captions": "A dog."}], "one caption or more"),
        ([{"file": "a.jpg", "captions": [" "]}], "one caption or more"),
        ([{"file": "a.jpg", "captions": ["A dog."]}] * 2, "once. .*'a.jpg', 2 times"),
    ],
)
def test_captions_of_another_form_are_refused(tmp_path, content, message):
    write_folder(tmp_path / "mine", content)
    with pytest.raises(ValueError, match=message):
        read_caption_folder(tmp_path / "mine")


def test_captions_in_no_utf_8_are_refused(tmp_path):
    write_folder(tmp_path / "mine")
    (tmp_path / "mine" / "captions.json").write_bytes('["Über"]'.encode("latin-1"))
    with pytest.raises(ValueError, match="must be JSON"):
        read_caption_folder(tmp_path / "mine")
