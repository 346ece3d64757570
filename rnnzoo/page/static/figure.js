// Pictures on a canvas: sharp on every screen, drawn anew when the width or the theme
// changes, and said in words beside it.

import { colour } from "./colours.js";

const FONT = "system-ui, sans-serif";

export class Figure {
  // canvas: with a width from the style sheet. paint(pen, width, data) draws, and
  // measure(width, data) gives the height that it will need.
  constructor(canvas, measure, paint) {
    this.canvas = canvas;
    this.measure = measure;
    this.paint = paint;
    this.data = null;
    this.width = 0;
    canvas.setAttribute("role", "img");
    new ResizeObserver(() => {
      if (canvas.clientWidth !== this.width) this.redraw();
    }).observe(canvas);
    document.addEventListener("themechange", () => this.redraw());
  }

  // Draws data; label says in words what there is to see.
  show(data, label) {
    this.data = data;
    this.canvas.hidden = data === null;
    if (label) this.canvas.setAttribute("aria-label", label);
    this.redraw();
  }

  redraw() {
    const { canvas, data } = this;
    this.width = canvas.clientWidth;
    if (data === null || !this.width) return;
    const height = Math.ceil(this.measure(this.width, data));
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(this.width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    this.paint(new Pen(context), this.width, data);
  }
}

export class Pen {
  constructor(context) {
    this.context = context;
  }

  // Text; align is "left", "center" or "right", and at is the middle of its height.
  text(words, x, y, options = {}) {
    const { align = "left", size = 13, tone = "ink", weight = 400, turn = 0 } = options;
    const { context } = this;
    context.save();
    context.font = `${weight} ${size}px ${options.font ?? FONT}`;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.fillStyle = options.fill ?? colour(tone);
    context.translate(x, y);
    context.rotate(turn);
    context.fillText(words, 0, 0, options.most);
    context.restore();
  }

  // Text in which "S_t" is a letter with an index below it.
  notation(words, x, y, options = {}) {
    const { size = 13, align = "left" } = options;
    const parts = words.split(/(_[A-Za-z0-9]+)/).filter(Boolean).map((part) =>
      part[0] === "_" ? [part.slice(1), size * 0.75, size * 0.28] : [part, size, 0]);
    const widths = parts.map(([part, high]) => this.width(part, high));
    const whole = widths.reduce((a, b) => a + b, 0);
    let place = x - { left: 0, center: whole / 2, right: whole }[align];
    parts.forEach(([part, high, down], i) => {
      this.text(part, place, y + down, { ...options, size: high, align: "left" });
      place += widths[i];
    });
  }

  width(words, size = 13, weight = 400) {
    this.context.font = `${weight} ${size}px ${FONT}`;
    return this.context.measureText(words).width;
  }

  // Words cut off where they would be too wide.
  fit(words, most, size = 13) {
    if (this.width(words, size) <= most) return words;
    const letters = [...words];
    while (letters.length > 1 && this.width(`${letters.join("")}…`, size) > most) {
      letters.pop();
    }
    return `${letters.join("")}…`;
  }

  line(points, options = {}) {
    const { tone = "line", width = 1, dash = [] } = options;
    const { context } = this;
    context.save();
    context.strokeStyle = options.stroke ?? colour(tone);
    context.globalAlpha = options.alpha ?? 1;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.lineJoin = context.lineCap = "round";
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    context.restore();
  }

  // A line that leaves and arrives level.
  bend([x, y], [u, v], options = {}) {
    const { context } = this;
    context.save();
    context.strokeStyle = options.stroke ?? colour(options.tone ?? "line");
    context.globalAlpha = options.alpha ?? 1;
    context.lineWidth = options.width ?? 1;
    context.beginPath();
    context.moveTo(x, y);
    context.bezierCurveTo((x + u) / 2, y, (x + u) / 2, v, u, v);
    context.stroke();
    context.restore();
  }

  box(x, y, width, height, options = {}) {
    const { context } = this;
    context.save();
    context.globalAlpha = options.alpha ?? 1;
    context.beginPath();
    context.roundRect(x, y, width, height, options.round ?? 0);
    if (options.fill) {
      context.fillStyle = options.fill;
      context.fill();
    }
    if (options.stroke) {
      context.strokeStyle = options.stroke;
      context.lineWidth = options.width ?? 1;
      context.stroke();
    }
    context.restore();
  }

  dot(x, y, radius, fill) {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fillStyle = fill;
    this.context.fill();
  }

  // An arrow from one place to another, its head at the second.
  arrow([x, y], [u, v], options = {}) {
    this.line([[x, y], [u, v]], options);
    const angle = Math.atan2(v - y, u - x), size = 4 + 1.2 * (options.width ?? 1);
    const wing = (turn) => [
      u - size * Math.cos(angle + turn), v - size * Math.sin(angle + turn),
    ];
    this.line([wing(0.5), [u, v], wing(-0.5)], options);
  }

  // A table of colours. shade(row, column) gives bytes, or null for nothing.
  heat(x, y, width, height, rows, columns, shade) {
    if (!rows || !columns) return;
    const small = document.createElement("canvas");
    small.width = columns;
    small.height = rows;
    const context = small.getContext("2d");
    const image = context.createImageData(columns, rows);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const bytes = shade(row, column);
        if (bytes) image.data.set([...bytes, 255], 4 * (row * columns + column));
      }
    }
    context.putImageData(image, 0, 0);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(small, x, y, width, height);
    this.context.imageSmoothingEnabled = true;
  }

  // A bar of colours with what its ends mean.
  legend(x, y, width, shade, [low, high], title) {
    this.heat(x, y, width, 8, 1, 64, (_, i) => shade(i / 63));
    this.text(low, x - 6, y + 4, { align: "right", size: 11, tone: "soft" });
    this.text(high, x + width + 6, y + 4, { size: 11, tone: "soft" });
    if (title) {
      const place = x + width + 14 + this.width(high, 11);
      this.text(title, place, y + 4, { size: 11, tone: "soft" });
    }
  }
}

// The `count` units that hold on longest to what moves them, those that behave alike
// side by side. values(unit, step) is a state.
export function orderUnits(units, steps, values, count) {
  const rows = Array.from({ length: units }, (_, unit) => {
    const row = Float64Array.from({ length: steps }, (_, step) => values(unit, step));
    const mean = row.reduce((a, b) => a + b, 0) / steps;
    let hold = 1e-3 * Math.hypot(...row);
    for (let i = 1; i < steps; i++) hold += (row[i] - mean) * (row[i - 1] - mean);
    return { unit, row, hold, size: Math.hypot(...row) };
  });
  rows.sort((a, b) => b.hold - a.hold);
  const left = rows.slice(0, count);
  const order = [left.shift()];
  while (left.length) {
    const last = order.at(-1);
    const alike = (other) => {
      let sum = 0;
      for (let i = 0; i < steps; i++) sum += last.row[i] * other.row[i];
      return sum / (last.size * other.size || 1);
    };
    const scores = left.map(alike);
    order.push(...left.splice(scores.indexOf(Math.max(...scores)), 1));
  }
  return order.map((one) => one?.unit).filter((unit) => unit !== undefined);
}

// A number with a true minus.
export function signedNumber(value, digits = 2) {
  return value.toFixed(digits).replace("-", "−");
}
