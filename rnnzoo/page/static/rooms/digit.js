// A digit is drawn: read at once and row by row, side by side.

import { amount, colour, css, signed } from "../colours.js";
import { Figure, orderUnits } from "../figure.js";
import { readImage, toPixels } from "../images.js";
import { centerInk } from "../ink.js";
import { floats, openModel } from "../models.js";
import { Pad } from "../pad.js";
import { Player, debounce, latest, make, showError, withProgress } from "../ui.js";

const WHOLE = "image_classifier_mnist", ROWS = "image_classifier_mnist_rows";
const SIDE = 28;
const SHOWN = 56; // units
const GAP = 26, TOP = 24, WIDE = 620;

export async function enter(section, parts) {
  const { pad: canvas, answer, words, upload, examples } = parts;
  const [whole, rows] = await withProgress(section, "The two networks are loading", async (tell) => {
    const first = await openModel(WHOLE, (part) => tell(0.95 * part));
    return [first, await openModel(ROWS, (part) => tell(0.95 + 0.05 * part))];
  });
  const { reads } = whole.signature; // both networks have the same
  const picture = new Figure(parts.canvas, measure, paint);
  const bars = new Figure(parts.bars, () => 11 * 22 + 20, paintBars);
  let shown = null;
  const player = new Player(parts.player, "Row", (row) => {
    picture.show({ ...shown, row }, describe(shown, row));
  }, 120);

  const read = latest(section, async (isStale, image) => {
    const pixels = toPixels(image, 1, reads.luminance);
    const ink = centerInk(pixels, SIDE, SIDE, reads.ink);
    const found = await recognise(whole, rows, ink);
    if (isStale()) return;
    shown = found;
    showAnswer(answer, found);
    bars.show(found, `Probabilities: at once ${say(found.whole)}; row by row ${say(found.rows)}.`);
    player.start(SIDE, (row) => `row ${row + 1} of ${SIDE}: ${sayRow(found, row)}`);
    words.replaceChildren(
      ...Array.from({ length: SIDE }, (_, row) => row).filter((row) => row % 3 === 0 || row === SIDE - 1)
        .map((row) => make("li", {}, `After row ${row + 1}: ${sayRow(found, row)}`)),
    );
  });
  const readPad = debounce(() => {
    if (!pad.isEmpty) read(canvas);
  }, 120);
  canvas.addEventListener("pen", ({ detail }) => {
    parts.pen.style.left = `${detail.x}px`;
    parts.pen.style.top = `${detail.y}px`;
    parts.pen.classList.toggle("down", detail.isDown);
  });
  const pad = new Pad(canvas, readPad);

  function forget() {
    pad.clear();
    player.stop();
    picture.show(null);
    bars.show(null);
    words.replaceChildren();
    answer.textContent = "Draw a digit, or take one of the examples.";
    showError(section, null);
  }

  async function take(file) {
    try {
      const image = await readImage(file, reads.max_pixels);
      pad.show(image);
      await read(image);
    } catch (error) {
      showError(section, error);
    }
  }

  parts.clear.addEventListener("click", forget);
  upload.addEventListener("change", () => {
    if (upload.files[0]) take(upload.files[0]);
    upload.value = "";
  });
  examples.replaceChildren(...rows.examples.map((name) => {
    const address = `models/${ROWS}/${name}`;
    const picked = async () => take(await (await fetch(address)).blob());
    const title = name.replace(/\.\w+$/, "").replaceAll("_", " ");
    return make("button", { type: "button", class: "example", onclick: picked },
      make("img", { src: address, alt: `Example: ${title}` }));
  }));
}

// What both networks say of ink, and of the ink down to each row.
export async function recognise(whole, rows, ink) {
  const size = SIDE * SIDE;
  const parts = new Float32Array(SIDE * size);
  for (let row = 0; row < SIDE; row++) {
    parts.set(ink.data.subarray(0, (row + 1) * SIDE), row * size);
  }
  const dims = [1, SIDE, SIDE, 1];
  const [one, all, course] = await Promise.all([
    whole.run("model", { pixels: floats(ink.data, dims) }, ["probabilities", "signals"]),
    rows.run("model", { pixels: floats(ink.data, dims) }, ["probabilities", "signals", "states"]),
    rows.run("model", { pixels: floats(parts, [SIDE, ...dims.slice(1)]) }, ["probabilities"]),
  ]);
  const units = all.states.dims[2] / 2; // those that read downwards
  const value = (unit, row) => all.states.data[row * 2 * units + unit];
  const order = orderUnits(units, SIDE, value, SHOWN);
  const most = Math.max(1e-6, ...order.flatMap((unit) =>
    Array.from({ length: SIDE }, (_, row) => Math.abs(value(unit, row)))));
  const labels = rows.signature.labels;
  const after = Array.from({ length: SIDE }, (_, row) =>
    course.probabilities.data.subarray(row * labels.length, (row + 1) * labels.length));
  return {
    ink, order, value, most, after, labels, units,
    whole: one.probabilities.data, rows: all.probabilities.data,
    warnings: [
      whole.judge(one.signals.data, 1).warning, rows.judge(all.signals.data, 1).warning,
    ],
  };
}

const top = (values) => values.indexOf(Math.max(...values));
const percent = (value) => `${(100 * value).toFixed(value > 0.9995 || value < 0.1 ? 0 : 1)} %`;
const say = (values) => `${top(values)}, ${percent(values[top(values)])}`;

function sayRow({ after }, row) {
  return `it would say ${say(after[row])}`;
}

function showAnswer(place, { whole, rows, labels, warnings }) {
  const part = (name, values) => make("span", { class: "two" },
    `${name} `, make("strong", {}, labels[top(values)]), ` ${percent(values[top(values)])}`);
  place.replaceChildren(part("At once:", whole), " ", part("Row by row:", rows));
  const warning = warnings[1] ?? warnings[0];
  if (warning) place.append(make("span", { class: "warning" }, `It is unsure: ${warning}.`));
}

function describe(found, row) {
  return `The digit down to row ${row + 1}, the states of ${SHOWN} cells after each row, and ` +
    `the probabilities of the ten digits: ${sayRow(found, row)}.`;
}

// Where the three tables lie: beside each other, or the states below.
function place(width) {
  const isWide = width >= WIDE;
  const columns = isWide ? SIDE + SHOWN * 0.75 + 16 : SIDE + 15;
  const cell = Math.floor((width - (isWide ? 2 : 1) * GAP - 26) / columns);
  const left = 26, digit = SIDE * cell;
  const states = isWide ? [left + digit + GAP, TOP, SHOWN * 0.75 * cell] : [left, TOP + digit + 62, width - left];
  const beliefs = [isWide ? states[0] + states[2] + GAP : left + digit + GAP, TOP, 15 * cell];
  return { isWide, cell, left, digit, states, beliefs };
}

function measure(width) {
  const { isWide, digit } = place(width);
  return TOP + digit + (isWide ? 44 : 62 + digit * 0.8 + 40);
}

function paint(pen, width, { ink, order, units, value, most, after, labels, row }) {
  const { isWide, cell, left, digit, states, beliefs } = place(width);
  const [accent, soft] = [colour("accent"), { size: 12, tone: "soft" }];
  pen.notation("the image, rows of X_t", left, 10, soft);
  pen.heat(left, TOP, digit, digit, SIDE, SIDE, (y, x) => amount(ink.data[y * SIDE + x] * (y <= row ? 1 : 0.25)));
  for (const y of [1, 7, 14, 21, 28]) {
    pen.text(String(y), left - 6, TOP + (y - 0.5) * cell, { ...soft, size: 11, align: "right" });
  }
  const high = isWide ? digit : digit * 0.8;
  pen.notation("the state S_t after each row", states[0], states[1] - 14, soft);
  pen.heat(states[0], states[1], states[2], high, SIDE, order.length, (y, i) =>
    y <= row ? signed(value(order[i], y) / most) : signed(0));
  pen.text("what it would say", beliefs[0], 10, soft);
  pen.heat(beliefs[0], TOP, beliefs[2], digit, SIDE, labels.length, (y, i) => amount(y <= row ? after[y][i] : 0));
  labels.forEach((label, i) => {
    const isBest = i === top(after[row]);
    pen.text(label, beliefs[0] + ((i + 0.5) * beliefs[2]) / labels.length, TOP + digit + 14, {
      size: isBest ? 16 : isWide ? 12 : 9, weight: isBest ? 700 : 400, tone: isBest ? "ink" : "soft", align: "center",
    });
  });
  for (const [x, y, wide, step] of [
    [left, TOP, digit, cell], [...states, high / SIDE], [...beliefs.slice(0, 1), TOP, beliefs[2], cell],
  ]) {
    pen.box(x - 2, y + row * step - 1, wide + 4, step + 2, { stroke: accent, width: 2, round: 2 });
  }
  const bottom = states[1] + high + 18;
  const some = `${order.length} of ${units} units`;
  const title = isWide ? `${some}, those that hold on longest` : some;
  const length = Math.min(110, states[2] / 3), ends = ["0", most.toFixed(1)];
  pen.legend(states[0] + 14, bottom, length, signed, ends, title);
}

function paintBars(pen, width, { whole, rows, labels }) {
  const wide = (width - 24) / 2;
  [["at once", whole], ["row by row", rows]].forEach(([name, values], i) => {
    const left = i * (wide + 24);
    pen.text(name, left + 22, 10, { size: 12, tone: "soft" });
    labels.forEach((label, k) => {
      const y = 32 + 22 * k, isBest = k === top(values);
      pen.text(label, left + 6, y, { align: "center", weight: isBest ? 700 : 400 });
      pen.box(left + 22, y - 6, wide - 70, 12, { fill: css(amount(0.06)), round: 3 });
      pen.box(left + 22, y - 6, Math.max(2, (wide - 70) * values[k]), 12, { fill: colour("accent"), round: 3 });
      pen.text(percent(values[k]), left + wide - 42, y, { size: 11, tone: isBest ? "ink" : "soft" });
    });
  });
}
