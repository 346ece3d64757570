// The gradient through time: how much of it finds its way back, in three cells.

import { colour, css, oklch, isDark } from "../colours.js";
import { Figure } from "../figure.js";
import { gradientNorms, makeCell, normals } from "../recurrence.js";
import { Player, latest, make } from "../ui.js";

const UNITS = 24, INPUTS = 8;
const KINDS = { elman: "Elman", gru: "GRU", lstm: "LSTM" };
const HUES = { elman: 190, gru: 50, lstm: 300 };
const DASHES = { elman: [], gru: [7, 4], lstm: [2, 4] };
const VANISHES = 0.95, EXPLODES = 1.05; // factor a step
const SLOPES = { tanh: "at most 1", relu: "0 or 1", sigmoid: "at most 0.25", linear: "1" };
const LEAST = 1e-12, MOST = 1e12; // what the chart shows
const LEFT = 58, RIGHT = 82, TOP = 26, HIGH = 260;

export async function enter(section, parts) {
  const { radius, length, activation, start, anew, answer, words, form } = parts;
  let seed = 1, shown = null;
  const chain = new Figure(parts.chain, () => 190, paintChain);
  const chart = new Figure(parts.chart, () => TOP + HIGH + 46, paintChart);
  const player = new Player(parts.player, "Step back", (step) => {
    const data = { ...shown, step };
    chain.show(data, `An unrolled network of ${shown.steps} steps. ${sayElman(shown)}`);
    chart.show(data, `Norms of the gradient over ${shown.steps} steps. ${sayAll(shown)}`);
  }, 90);

  const measure = latest(section, async (isStale, plays) => {
    parts["radius-value"].textContent = Number(radius.value).toFixed(2);
    parts["length-value"].textContent = length.value;
    const settings = {
      units: UNITS, inputs: INPUTS, radius: Number(radius.value), start: start.value,
      activation: activation.value, seed,
    };
    shown = measureAll(settings, Number(length.value));
    const kind = judge(factorOf(shown));
    answer.replaceChildren(
      make("strong", {}, { vanishes: "It vanishes.", explodes: "It explodes.", lives: "It lives." }[kind]),
      ` ${sayElman(shown)}`,
    );
    words.replaceChildren(...Object.keys(KINDS).map((name) => make("li", {}, sayOne(shown, name))));
    const say = (step) => `step ${shown.steps - step}: ${short(shown.norms.elman[shown.steps - step])}`;
    player.start(shown.steps + 1, say, plays);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [radius, length]) input.addEventListener("input", () => measure(false));
  for (const choice of [activation, start]) choice.addEventListener("change", () => measure(true));
  anew.addEventListener("click", () => {
    seed++;
    measure(true);
  });
  await measure(true);
}

// The norms of all cells for the same inputs.
export function measureAll(settings, steps) {
  const normal = normals(1000 + settings.seed);
  const sequence = Array.from({ length: steps }, () =>
    Float64Array.from({ length: settings.inputs }, normal));
  const norms = {};
  for (const kind of Object.keys(KINDS)) norms[kind] = gradientNorms(makeCell(kind, settings), sequence);
  return { norms, steps, settings };
}

// The mean factor by which a step back multiplies the gradient of the plain cell.
const factorOf = ({ norms, steps }) => norms.elman[0] ** (1 / steps);

function judge(factor) {
  if (!(factor >= VANISHES)) return "vanishes";
  return factor > EXPLODES ? "explodes" : "lives";
}

function short(value) {
  if (!Number.isFinite(value)) return "too large for a number";
  if (value === 0) return "0";
  if (value >= 0.01 && value < 1000) return value.toPrecision(2);
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits} · 10${[...String(Number(power))].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;
}

function sayElman(shown) {
  const { norms, steps, settings } = shown;
  const each = factorOf(shown);
  const factor = each > 0 && Number.isFinite(each) ? ` That is a factor of ${each.toFixed(2)} a step.` : "";
  return `After ${steps} steps back, ${short(norms.elman[0])} of the gradient is left in the plain cell.${factor} ` +
    `Each step multiplies by W (spectral radius ${settings.radius.toFixed(2)}) and by the slope of ` +
    `${settings.activation} (${SLOPES[settings.activation]}).`;
}

function sayOne({ norms, steps }, kind) {
  const middle = Math.floor(steps / 2);
  return `${KINDS[kind]}: 1 at the end, ${short(norms[kind][middle])} at step ${middle}, ` +
    `${short(norms[kind][0])} at the start.`;
}

const sayAll = (shown) => Object.keys(KINDS).map((kind) => sayOne(shown, kind)).join(" ");

function shade(kind) {
  return css(isDark() ? oklch(0.78, 0.12, HUES[kind]) : oklch(0.5, 0.13, HUES[kind]));
}

const clamp = (value) => Math.min(Math.max(value || LEAST, LEAST), MOST);

function paintChain(pen, width, { norms, steps, step }) {
  const boxes = Math.min(steps, Math.max(4, Math.floor(width / 78)));
  const wide = width / boxes, side = Math.min(46, wide * 0.55), middle = 104;
  const now = steps - step; // how far back the gradient has come
  // The steps that have a box: all of them, or some, evenly.
  const shown = Array.from({ length: boxes }, (_, i) =>
    Math.round(1 + (i * (steps - 1)) / Math.max(boxes - 1, 1)));
  const x = (i) => (i + 0.5) * wide;
  const [ink, soft] = [colour("ink"), colour("soft")];
  shown.forEach((t, i) => {
    const left = x(i) - side / 2, norm = norms.elman[t];
    const isReached = t >= now, heat = strength(norm);
    pen.box(left, middle - side / 2, side, side, {
      fill: isReached ? css(tint(norm)) : colour("sheet"), stroke: soft, round: 7,
    });
    pen.notation(`S_${t}`, x(i), middle, { align: "center", size: 14, fill: isReached && heat > 0.75 && !isDark() ? "#fff" : ink });
    pen.arrow([x(i), middle + side / 2 + 26], [x(i), middle + side / 2 + 5], { stroke: soft });
    pen.notation(`X_${t}`, x(i), middle + side / 2 + 38, { align: "center", size: 14 });
    if (i === 0) return;
    // Forwards the state, and back the gradient.
    const from = x(i - 1) + side / 2 + 3, to = left - 3;
    pen.arrow([from, middle + 7], [to, middle + 7], { stroke: soft });
    if (shown[i] < now) return;
    const size = 1 + 11 * heat;
    const high = middle - 8 - size / 4;
    const options = { stroke: css(tint(norm, true)), width: size, alpha: heat < 0.04 ? 0.15 : 1 };
    pen.arrow([to, high], [from, high], options);
  });
  pen.notation("∂S_T / ∂S_k comes back", width - 8, 18, { align: "right", size: 13, tone: "soft" });
  pen.text(boxes < steps ? `${boxes} of ${steps} steps are drawn` : "", 8, 20, { size: 12, tone: "soft" });
  const at = Math.max(now, 1);
  const fill = css(tint(norms.elman[at], true));
  const options = { align: "right", size: 15, weight: 600, fill };
  pen.text(`after step ${at}: ${short(norms.elman[at])}`, width - 8, 42, options);
}

// How thick an arrow is, from 0 to 1, for norms from 10⁻⁴ to 10⁴.
function strength(norm) {
  return Math.min(Math.max((Math.log10(clamp(norm)) + 4) / 8, 0), 1);
}

// Blue where the gradient has faded, teal where it lives, red where it has grown.
function tint(norm, isLine = false) {
  const power = Math.log10(clamp(norm));
  const part = Math.min(Math.abs(power) / 4, 1);
  const hue = power < 0 ? 190 + 60 * part : 190 - 165 * part;
  const chroma = power < 0 ? 0.11 * (1 - 0.55 * part) : 0.11 + 0.08 * part;
  const light = isDark() ? 0.6 + 0.12 * part * Math.sign(power) : 0.58 + (power < 0 ? 0.3 : -0.05) * part;
  return oklch(isLine && !isDark() ? Math.min(light, 0.62) : light, chroma, hue);
}

function paintChart(pen, width, { norms, steps, step }) {
  const kinds = Object.keys(KINDS);
  const all = kinds.flatMap((kind) => norms[kind].map(clamp));
  const low = Math.floor(Math.log10(Math.min(...all, 0.1))), high = Math.ceil(Math.log10(Math.max(...all, 10)));
  const wide = width - LEFT - RIGHT;
  const x = (k) => LEFT + (wide * k) / steps;
  const y = (value) => TOP + (HIGH * (high - Math.log10(clamp(value)))) / (high - low);
  const every = Math.max(1, Math.ceil((high - low) / 8));
  for (let power = low; power <= high; power += every) {
    pen.line([[LEFT, y(10 ** power)], [LEFT + wide, y(10 ** power)]], { alpha: 0.7 });
    pen.text(short10(power), LEFT - 8, y(10 ** power), { align: "right", size: 11, tone: "soft" });
  }
  pen.line([[LEFT, y(1)], [LEFT + wide, y(1)]], { tone: "soft", dash: [1, 3] });
  pen.notation("‖∂S_T / ∂S_k‖", LEFT - 46, 8, { size: 13, tone: "soft" });
  const ticks = steps <= 12 ? 1 : steps <= 50 ? 5 : 10;
  for (let k = 0; k <= steps; k += ticks) {
    pen.text(String(k), x(k), TOP + HIGH + 14, { align: "center", size: 11, tone: "soft" });
  }
  pen.notation("step k", LEFT + wide / 2, TOP + HIGH + 34, { align: "center", size: 12, tone: "soft" });
  const now = steps - step;
  const ends = kinds.map((kind) => {
    const points = norms[kind].map((value, k) => [x(k), y(value)]).slice(now);
    pen.line(points, { stroke: shade(kind), width: kind === "elman" ? 3.2 : 2.2, dash: DASHES[kind] });
    return { kind, at: points[0][1] };
  });
  pen.dot(x(now), ends[0].at, 5, shade("elman"));
  // Names at the right, in the order of the lines, apart from each other.
  kinds.forEach((kind, i) => {
    const line = TOP + 12 + 24 * i;
    const ends = [[width - RIGHT + 8, line], [width - RIGHT + 26, line]];
    pen.line(ends, { stroke: shade(kind), width: kind === "elman" ? 3.2 : 2.2, dash: DASHES[kind] });
    pen.text(KINDS[kind], width - RIGHT + 31, line, { size: 12, weight: 600, fill: shade(kind) });
  });
}

function short10(power) {
  if (power === 0) return "1";
  return `10${[...String(power)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;
}
