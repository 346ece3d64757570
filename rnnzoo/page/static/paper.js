// Ink on paper as it is photographed, as rnnzoo.onnx.paper finds it. A sheet is
// {data, height, width}, floats from 0 to 1.

import { resize } from "./images.js";

// The ink of an image of a page, without lines, frames and specks. rules are
// reads.ink.page of signature.json.
export function cleanInk(image, rules) {
  const pixels = shrink(image, rules.side);
  const border = borderOf(pixels);
  const paper = median(border);
  const noise = border.reduce((most, value) => Math.max(most, Math.abs(value - paper)), 0);
  let different = 0;
  for (const value of pixels.data) different += Math.abs(value - paper) > rules.plain;
  const isPlain = noise < rules.plain && different / pixels.data.length < 0.5;
  let ink = isPlain
    ? map(pixels, (value) => Math.abs(value - paper))
    : localInk(meanAround(meanAround(pixels, 3), 3), rules);
  const contrast = ink.data.reduce((a, b) => Math.max(a, b), 0);
  const least = isPlain ? Math.max(rules.plain_contrast, 2 * noise) : rules.min_contrast;
  const factor = contrast < least ? 0 : 1 / Math.max(contrast, 1e-6);
  ink = map(ink, (value) => value * factor);
  const limit = isPlain ? rules.plain_ink : rules.ink;
  const drawn = map(ink, (value) => (value > limit ? 1 : 0));
  const frame = findFrame(drawn, rules);
  const free = map(drawn, (value, i) => (frame[i] ? 0 : value));
  // The edges of strokes are fainter: they count next to what is kept.
  const kept = largestAround(findKept(free, rules), 5);
  return map(ink, (value, i) => (kept.data[i] > 0.5 && !frame[i] ? value : 0));
}

function map(sheet, change) {
  return { ...sheet, data: sheet.data.map(change) };
}

// The four sides of an image, one after another.
export function borderOf({ data, height, width }) {
  const border = [...data.subarray(0, width), ...data.subarray((height - 1) * width)];
  for (const x of [0, width - 1]) {
    for (let y = 0; y < height; y++) border.push(data[y * width + x]);
  }
  return border;
}

export function median(values) {
  return Float32Array.from(values).sort()[values.length >> 1];
}

// Large images made smaller.
function shrink(image, side) {
  const longest = Math.max(image.height, image.width);
  if (longest <= side) return image;
  const scale = Math.fround(side / longest);
  const [height, width] = [image.height, image.width].map((size) =>
    Math.max(Math.trunc(Math.fround(size * scale)), 1),
  );
  return resize({ ...image, channels: 1 }, height, width, "bilinear");
}

// How much each pixel differs from the paper around it.
function localInk(pixels, rules) {
  const side = Math.max(3, Math.round(rules.side * rules.patch)) | 1;
  const around = meanAround(pixels, side);
  let third = 0;
  pixels.data.forEach((value, i) => (third += (value - around.data[i]) ** 3));
  const isDark = third < 0;
  const page = isDark ? pixels : map(pixels, (value) => 1 - value);
  const negative = (sheet) => map(sheet, (value) => -value);
  let paper = negative(largestAround(negative(largestAround(page, side)), side));
  paper = map(meanAround(paper, side), (value, i) => Math.max(value, page.data[i]));
  return map(paper, (value, i) => {
    return (value - page.data[i]) / (isDark ? Math.max(value, rules.min_light) : 1);
  });
}

// Something of the window of odd side about each place, along rows, then columns.
function around(sheet, side, gather) {
  const { height, width } = sheet;
  const half = side >> 1;
  let data = sheet.data;
  for (const [count, length, step, next] of [
    [height, width, 1, width], [width, height, width, 1],
  ]) {
    const result = new Float32Array(data.length);
    for (let line = 0; line < count; line++) {
      for (let i = 0; i < length; i++) {
        const from = Math.max(i - half, 0), to = Math.min(i + half, length - 1);
        result[line * next + i * step] = gather(data, line * next, step, from, to);
      }
    }
    data = result;
  }
  return { ...sheet, data };
}

// The largest value in a square of odd side about each place.
function largestAround(sheet, side) {
  return around(sheet, side, (data, start, step, from, to) => {
    let most = -Infinity;
    for (let i = from; i <= to; i++) most = Math.max(most, data[start + i * step]);
    return most;
  });
}

// The mean of a square of odd side about each place.
function meanAround(sheet, side) {
  return around(sheet, side, (data, start, step, from, to) => {
    let total = 0;
    for (let i = from; i <= to; i++) total += data[start + i * step];
    return total / (to - from + 1);
  });
}

// Which pixels lie in the sides of a frame, or next to them; none unless there are four.
function findFrame({ data, height, width }, rules) {
  const none = new Uint8Array(data.length);
  const sides = [];
  for (const [count, length, step, next] of [
    [height, width, 1, width], [width, height, width, 1],
  ]) {
    const isSide = Array.from({ length: count }, (_, line) => {
      let cover = 0;
      for (let i = 0; i < length; i++) cover += data[line * next + i * step];
      const fromEdge = Math.min(line, count - 1 - line);
      return cover / length >= rules.frame && fromEdge < rules.frame_band * count;
    });
    const half = count >> 1;
    if (!isSide.slice(0, half).includes(true) || !isSide.slice(half).includes(true)) {
      return none;
    }
    sides.push(isSide.map((is, i) => is || isSide[i - 1] || isSide[i + 1]));
  }
  return none.map((_, i) => sides[0][Math.floor(i / width)] || sides[1][i % width]);
}

// Which pixels belong to parts that are neither frames nor lines nor specks.
function findKept(drawn, rules) {
  const { height, width } = drawn;
  // Squares of 2 × 2: half the way to go, and a gap of a pixel parts nothing.
  const rows = (height + 1) >> 1, columns = (width + 1) >> 1;
  const mask = new Uint8Array(rows * columns);
  drawn.data.forEach((value, i) => {
    const place = (Math.floor(i / width) >> 1) * columns + ((i % width) >> 1);
    mask[place] ||= value > 0;
  });
  const { labels, parts } = findParts(mask, rows, columns);
  for (const part of parts) {
    const high = part.bottom - part.top + 1, wide = part.right - part.left + 1;
    const isLong =
      high >= Math.fround(rules.long * rows) || wide >= Math.fround(rules.long * columns);
    const atEdge =
      part.top < 1 || part.left < 1 || part.bottom > rows - 2 || part.right > columns - 2;
    part.isOther = !isLong && !atEdge;
  }
  const most = (list) => list.reduce((area, part) => Math.max(area, part.area), 0);
  const others = parts.filter((part) => part.isOther);
  // A digit that fills the page, or runs off it, is all there is.
  const able = most(others) > rules.min_area * rows * columns ? others : parts;
  const least = rules.speck * most(able);
  const kept = new Set(able.filter((part) => part.area >= least));
  return map(drawn, (value, i) => {
    const place = (Math.floor(i / width) >> 1) * columns + ((i % width) >> 1);
    return value > 0 && kept.has(parts[labels[place] - 1]) ? 1 : 0;
  });
}

// Connected parts of what is true, neighbours by a corner included.
function findParts(mask, rows, columns) {
  const labels = new Int32Array(mask.length);
  const parts = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || labels[start]) continue;
    const part = { area: 0, top: rows, bottom: -1, left: columns, right: -1 };
    parts.push(part);
    labels[start] = parts.length;
    for (const open = [start]; open.length; ) {
      const place = open.pop();
      const y = Math.floor(place / columns), x = place % columns;
      part.area++;
      part.top = Math.min(part.top, y);
      part.bottom = Math.max(part.bottom, y);
      part.left = Math.min(part.left, x);
      part.right = Math.max(part.right, x);
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, rows - 1); v++) {
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, columns - 1); u++) {
          const next = v * columns + u;
          if (!mask[next] || labels[next]) continue;
          labels[next] = parts.length;
          open.push(next);
        }
      }
    }
  }
  return { labels, parts };
}
