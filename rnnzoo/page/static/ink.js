// Ink on paper, found, centred and scaled as rnnzoo.onnx.ink does. A sheet is
// {data, height, width}, floats from 0 to 1.

import { resize } from "./images.js";
import { borderOf, cleanInk, median } from "./paper.js";

// Bright ink on black, centred and of one size: {data, height, width}. rules are reads.ink
// of signature.json.
export function centerInk(image, height, width, rules) {
  const isPage = Math.max(image.height, image.width) > rules.cut_out * Math.max(height, width);
  const whole = isPage ? cleanInk(image, rules.page) : cutOutInk(image, rules.min_contrast);
  const box = boxOf(whole, rules.threshold);
  if (!box) return sheet(height, width);
  let ink = cut(whole, box);
  const scale = Math.min(
    round(height * rules.box) / ink.height, round(width * rules.box) / ink.width,
  );
  const size = [ink.height, ink.width].map((side) => Math.max(round(side * scale), 1));
  ink = resize({ ...ink, channels: 1 }, ...size, "bilinear");
  const most = Math.max(ink.data.reduce((a, b) => Math.max(a, b), 0), 1e-6);
  ink.data.forEach((value, i) => (ink.data[i] = value / most));
  return deslant(putInTheMiddle(ink, height, width));
}

// Rounds halves to the even number, as Python does.
export function round(value) {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 ? near - 1 : near;
}

function sheet(height, width) {
  return { data: new Float32Array(height * width), height, width };
}

function boxOf({ data, height, width }, threshold) {
  let top = height, bottom = -1, left = width, right = -1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!(data[y * width + x] > threshold)) continue;
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  return bottom < 0 ? null : { top, bottom, left, right };
}

function cut(image, { top, bottom, left, right }) {
  const part = sheet(bottom - top + 1, right - left + 1);
  for (let y = 0; y < part.height; y++) {
    const from = (top + y) * image.width + left;
    part.data.set(image.data.subarray(from, from + part.width), y * part.width);
  }
  return part;
}

// How much each pixel differs from the paper, from 0 to 1.
function cutOutInk(image, minContrast) {
  const paper = median(borderOf(image));
  const ink = { ...image, data: image.data.map((value) => Math.abs(value - paper)) };
  const contrast = ink.data.reduce((a, b) => Math.max(a, b), 0);
  const factor = contrast >= minContrast ? 1 / contrast : 0;
  return { ...ink, data: ink.data.map((value) => value * factor) };
}

// The centre of mass, and the slant: how far right a row down leads.
function moments({ data, width }) {
  let mass = 0, row = 0, column = 0;
  data.forEach((value, i) => {
    mass += value;
    row += value * Math.floor(i / width);
    column += value * (i % width);
  });
  mass = Math.max(mass, 1e-6);
  row /= mass;
  column /= mass;
  let spread = 0, lean = 0;
  data.forEach((value, i) => {
    const down = Math.floor(i / width) - row, right = (i % width) - column;
    spread += value * down * down;
    lean += value * down * right;
  });
  const slant = Math.min(Math.max(lean / Math.max(spread, 1e-6), -1), 1);
  return { row, column, slant };
}

// Ink on black, its centre of mass less than a pixel off.
function putInTheMiddle(ink, height, width) {
  const { row, column } = moments(ink);
  const place = (center, side, size) =>
    Math.min(Math.max(Math.ceil(side / 2 - 0.5 - center), 0), side - size);
  const top = place(row, height, ink.height), left = place(column, width, ink.width);
  const placed = sheet(height, width);
  for (let y = 0; y < ink.height; y++) {
    const from = y * ink.width;
    const part = ink.data.subarray(from, from + ink.width);
    placed.data.set(part, (top + y) * width + left);
  }
  return placed;
}

// Shears ink about its centre of mass until it does not lean.
function deslant(ink) {
  const { row, slant } = moments(ink);
  const { height, width } = ink;
  const straight = sheet(height, width);
  for (let y = 0; y < height; y++) {
    const at = (x) => (x >= 0 && x < width ? ink.data[y * width + x] : 0);
    for (let x = 0; x < width; x++) {
      const place = x + slant * (y - row);
      const left = Math.floor(place), part = place - left;
      straight.data[y * width + x] = (1 - part) * at(left) + part * at(left + 1);
    }
  }
  return straight;
}
