"""Features of data sets: which hold the texts, the images, the labels, the captions."""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class CaptionFeatures:
    """Where a data set keeps an image and its captions.

    Args:
        image: Name of the feature that is the image.
        captions: Name of the feature with the captions: a text, a sequence of texts,
            or a sequence of records.
        text: Name of the text within a record, or `None` if there are no records.
    """

    image: str
    captions: str
    text: str | None = None

    def read(self, example: Mapping[str, Any]) -> tuple[Any, Any]:
        """The image and its captions, for `tf.data.Dataset.map`.

        Args:
            example: An unbatched example of the data set.

        Returns:
            The image as it is, and a string tensor of shape `(captions,)`.
        """
        import tensorflow as tf

        captions = example[self.captions]
        if self.text is not None:
            captions = captions[self.text]
        return example[self.image], tf.reshape(captions, [-1])


def find_captions(
    builder: Any, image: str | None = None, captions: str | None = None
) -> CaptionFeatures:
    """The features of a data set that hold an image and its captions.

    Args:
        builder: What `open_dataset` returned.
        image: Name of the image, or `None` for the only one.
        captions: Name of the captions, or `None` for the only feature that is a
            sequence of texts, or of records with one text each as in
            `coco_captions`; without such a feature, for the only text.

    Raises:
        ValueError: If there is no such feature, or several and none is named.
    """
    import tensorflow_datasets as tfds

    images: list[str] = []
    texts: dict[str, str | None] = {}
    several: list[str] = []
    for name, feature in builder.info.features.items():
        is_sequence = isinstance(feature, tfds.features.Sequence)
        member = feature.feature if is_sequence else feature
        if isinstance(member, tfds.features.Image):
            images.append(name)
        elif _is_text(member):
            texts[name] = None
        elif is_sequence and isinstance(member, tfds.features.FeaturesDict):
            within = [key for key, part in member.items() if _is_text(part)]
            if len(within) == 1:
                texts[name] = within[0]
        if is_sequence and name in texts:
            several.append(name)
    image = _pick("image", image, images, images, builder)
    captions = _pick("captions", captions, [*texts], several or [*texts], builder)
    return CaptionFeatures(image, captions, texts[captions])


def find_feature(builder: Any, kind: str, name: str | None = None) -> str:
    """The name of a data set's feature of some kind.

    Args:
        builder: What `open_dataset` returned.
        kind: `"text"`, `"label"` or `"image"`.
        name: Name that the user gave, or `None` to find the only one of the kind.

    Raises:
        ValueError: If there is no such feature, or none or several of the kind.
    """
    import tensorflow_datasets as tfds

    feature_classes = {
        "text": tfds.features.Text,
        "label": tfds.features.ClassLabel,
        "image": tfds.features.Image,
    }
    features = builder.info.features
    fitting = [
        key for key, f in features.items() if isinstance(f, feature_classes[kind])
    ]
    return _pick(kind, name, fitting, fitting, builder)


def find_pair(
    builder: Any, source: str | None = None, target: str | None = None
) -> tuple[str, str]:
    """The names of the two text features of a data set of translations.

    The one to translate to may be a sequence of texts, of several translations.

    Args:
        builder: What `open_dataset` returned.
        source: Name of the feature to translate from, or `None` for that which the
            set says, or for the first.
        target: Name of the feature to translate to, likewise.

    Raises:
        ValueError: If there are no two such features.
    """
    import tensorflow_datasets as tfds

    features = builder.info.features
    texts = [
        key
        for key, feature in features.items()
        if isinstance(feature, tfds.features.Text)
        or (isinstance(feature, tfds.features.Sequence) and _is_text(feature.feature))
    ]
    declared = builder.info.supervised_keys or ()
    has_pair = len(declared) == 2 and set(declared) <= set(texts)
    default = list(declared) if has_pair else texts
    first, second = (default[:1], default[1:]) if len(default) == 2 else (texts, texts)
    source = _pick("source text", source, texts, first, builder)
    target = _pick("target text", target, texts, second, builder)
    if source == target:
        raise ValueError(
            f"Source and target must be two features of {builder.name}. Received: "
            f"{source!r} for both"
        )
    return source, target


def _is_text(feature: Any) -> bool:
    """Whether it is a string, which `coco_captions` does not declare a `Text`."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    if not isinstance(feature, tfds.features.Tensor):
        return False
    return bool(feature.get_tensor_spec() == tf.TensorSpec([], tf.string))


def _pick(
    kind: str, name: str | None, fitting: list[str], default: list[str], builder: Any
) -> str:
    if name is None and len(default) == 1:
        return default[0]
    if name in fitting:
        return str(name)
    received = "none was named" if name is None else repr(name)
    raise ValueError(
        f"The {kind} feature of {builder.name} must be one of {fitting}. Received: "
        f"{received}. Features: {dict(builder.info.features.items())}"
    )
