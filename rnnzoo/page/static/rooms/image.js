// An image is described: where the decoder looks as the words come.

import { colour } from "../colours.js";
import { Figure, signedNumber } from "../figure.js";
import { clip, readImage, resize, toPixels } from "../images.js";
import { floats, openModel } from "../models.js";
import { Player, latest, make, showError, withProgress } from "../ui.js";
import { readMemory, withoutEnd, write } from "../writing.js";

const PRESET = "captioner_flickr8k_en";
const STRIDE = 32; // of the encoder: pixels to a side of a place
const VEIL = 0.86; // over places that are not looked at
const LARGE = 400, SMALL = 108, GAP = 12, WIDE = 640;

export async function enter(section, parts) {
  const { upload, examples, answer, beams, words } = parts;
  const model = await withProgress(section, "The model is loading", (tell) => openModel(PRESET, tell));
  const picture = new Figure(parts.canvas, measure, paint);
  let shown = null;
  const player = new Player(parts.player, "Word", (step) => {
    const place = sayPlace(shown.looks[step], shown.side);
    const word = shown.words[step];
    picture.show({ ...shown, step }, `The photograph, bright where it was looked for “${word}”: ${place}.`);
  }, 650);

  const describe = latest(section, async (isStale, image) => {
    picture.show(null);
    player.stop();
    beams.replaceChildren();
    words.replaceChildren();
    answer.textContent = "It looks at the picture …";
    const found = await describeImage(model, image);
    if (isStale()) return;
    shown = { ...found, image };
    answer.replaceChildren(make("strong", {}, found.text));
    if (found.warning) answer.append(make("span", { class: "warning" }, `It is unsure: ${found.warning}.`));
    beams.replaceChildren(...found.found.map((one) =>
      make("li", {}, `${model.writer.detokenize(one.ids)} (${signedNumber(one.score)})`)));
    words.replaceChildren(...found.words.map((word, i) =>
      make("li", {}, `For “${word}” it looked at the ${sayPlace(found.looks[i], found.side)}.`)));
    player.start(found.words.length, (step) => `“${found.words[step]}”`);
  });

  async function take(file) {
    try {
      await describe(await readImage(file, model.signature.reads.max_pixels));
    } catch (error) {
      showError(section, error);
    }
  }
  upload.addEventListener("change", () => {
    if (upload.files[0]) take(upload.files[0]);
    upload.value = "";
  });
  examples.replaceChildren(...model.examples.map((name) => {
    const address = `models/${PRESET}/${name}`;
    const picked = async () => take(await (await fetch(address)).blob());
    return make("button", { type: "button", class: "example", onclick: picked },
      make("img", { src: address, alt: `Example: ${name.replace(/\.\w+$/, "")}` }));
  }));
  const first = model.examples.find((name) => name.startsWith("photographer")) ?? model.examples[0];
  if (first) await take(await (await fetch(`models/${PRESET}/${first}`)).blob());
}

// The caption of an image on a canvas, and how it came about.
export async function describeImage(model, image) {
  const { image_shape, interpolation, luminance } = model.signature.reads;
  const [height, width, channels] = image_shape;
  const pixels = clip(
    resize(toPixels(image, channels, luminance), height, width, interpolation),
  );
  const memory = await readMemory(model, { pixels: floats(pixels.data, [1, height, width, channels]) });
  const { found } = await write(model, memory);
  const best = found[0], ids = withoutEnd(best.ids);
  const { warning } = model.judge([...memory.signals, best.score, 1], 1);
  return {
    found, warning, text: model.writer.detokenize(best.ids), score: best.score,
    words: ids.map((id) => model.target[id]), looks: best.looks.slice(0, ids.length),
    side: Math.ceil(height / STRIDE),
  };
}

// The place that was looked at most, in words.
function sayPlace(look, side) {
  const grid = look.subarray(0, side * side);
  const place = grid.indexOf(Math.max(...grid));
  const third = (value, names) => names[Math.min(Math.floor((3 * (value + 0.5)) / side), 2)];
  const row = third(Math.floor(place / side), ["top", "middle", "bottom"]);
  const column = third(place % side, ["left", "centre", "right"]);
  return row === "middle" && column === "centre" ? "centre" : `${row} ${column}`;
}

function layout(width, { image, words }) {
  const isWide = width >= WIDE;
  const large = Math.min(LARGE, isWide ? width * 0.45 : width);
  const scale = large / Math.max(image.width, image.height);
  const size = [image.width * scale, image.height * scale];
  const small = Math.min(SMALL, (width - 2 * GAP) / 3);
  const thumb = [(image.width / Math.max(image.width, image.height)) * small, (image.height / Math.max(image.width, image.height)) * small];
  const left = isWide ? size[0] + 2 * GAP : 0;
  const columns = Math.max(1, Math.floor((width - left + GAP) / (thumb[0] + GAP)));
  const rows = Math.ceil(words.length / columns);
  const top = isWide ? 0 : size[1] + 40;
  return { size, thumb, left, columns, rows, top };
}

function measure(width, data) {
  const { size, thumb, rows, top } = layout(width, data);
  return Math.max(size[1] + 36, top + rows * (thumb[1] + 30)) + 4;
}

function paint(pen, width, data) {
  const { image, words, looks, side, step } = data;
  const { size, thumb, left, columns, top } = layout(width, data);
  look(pen, image, looks[step], side, 0, 0, ...size);
  pen.text(words[step], size[0] / 2, size[1] + 20, { align: "center", size: 20, weight: 600 });
  words.forEach((word, i) => {
    const x = left + (i % columns) * (thumb[0] + GAP), y = top + Math.floor(i / columns) * (thumb[1] + 30);
    if (i > step) {
      pen.box(x, y, ...thumb, { stroke: colour("line"), round: 4 });
      return;
    }
    look(pen, image, looks[i], side, x, y, ...thumb);
    if (i === step) pen.box(x - 2, y - 2, thumb[0] + 4, thumb[1] + 4, { stroke: colour("accent"), width: 3, round: 4 });
    pen.text(pen.fit(word, thumb[0] + 8), x + thumb[0] / 2, y + thumb[1] + 14, {
      align: "center", size: 13, weight: i === step ? 700 : 400,
    });
  });
}

// The picture below a veil that is thin where it is looked at.
function look(pen, image, weights, side, x, y, width, height) {
  const most = Math.max(...weights.subarray(0, side * side));
  const veil = document.createElement("canvas");
  veil.width = veil.height = side;
  const context = veil.getContext("2d");
  const bytes = context.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    bytes.data.set([12, 16, 24, Math.round(255 * VEIL * (1 - Math.sqrt(weights[i] / most)))], 4 * i);
  }
  context.putImageData(bytes, 0, 0);
  const target = pen.context;
  target.save();
  target.beginPath();
  target.roundRect(x, y, width, height, 4);
  target.clip();
  target.imageSmoothingQuality = "high";
  target.drawImage(image, x, y, width, height);
  target.drawImage(veil, x, y, width, height);
  target.restore();
}
