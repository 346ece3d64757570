// A review is read: states, score and evidence, word by word.

import { colour, css, signed } from "../colours.js";
import { Figure, orderUnits, signedNumber } from "../figure.js";
import { openModel, padded } from "../models.js";
import { END } from "../text.js";
import { Player, debounce, latest, make, showExamples, withProgress } from "../ui.js";

const PRESET = "sentiment_en";
const STEPS = 8_000; // that the whole course may take, so that it comes soon
const LEAST_ROWS = 12, ROWS = 16; // of a course, and at once
const SHOWN = 48; // units of each direction
const LEFT = 74, RIGHT = 14, COURSE = 120, EVIDENCE = 84, HEAT = 168, GAP = 30;

export async function enter(section, parts) {
  const { form, text, examples, answer, reading, words } = parts;
  const model = await withProgress(section, "The model is loading", (tell) => openModel(PRESET, tell));
  const picture = new Figure(parts.canvas, measure, paint);
  let shown = null, marks = [];
  const player = new Player(parts.player, "Word", (step) => {
    marks.forEach((mark, i) => mark.classList.toggle("now", i === step));
    const { probability } = shown.course[shown.groupOf[step]];
    picture.show({ ...shown, step }, `Read up to “${shown.tokens[step]}”: positive ${percent(probability)}.`);
  });

  const read = latest(section, async (isStale) => {
    const ids = model.reader.tokenize(text.value);
    const first = await judge(model, ids);
    if (isStale()) return;
    showAnswer(answer, first);
    const found = await follow(model, ids, first, isStale);
    if (isStale()) return;
    shown = found;
    marks = showReading(reading, shown);
    showWords(words, shown);
    player.start(shown.tokens.length, (step) => {
      const { probability } = shown.course[shown.groupOf[step]];
      return `“${shown.tokens[step]}”: positive ${percent(probability)}`;
    });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read();
  });
  text.addEventListener("input", debounce(() => read(), 500));
  showExamples(examples, model.examples.map((one) => [shorten(one), one]), (one) => {
    text.value = one;
    read();
  });
  text.value = model.examples[3] ?? model.examples[0] ?? "";
  await read();
}

const shorten = (words) => (words.length > 34 ? `${words.slice(0, 32)}…` : words);
const percent = (value) => `${(100 * value).toFixed(1)} %`;
const logOdds = (probability) => Math.log(probability / (1 - probability));

// What the model says of ids, with its states.
async function judge(model, ids) {
  const { probabilities, signals, states } = await model.run("model", { token_ids: padded([ids]) });
  const positive = probabilities.data[1];
  const label = model.signature.labels[positive >= 0.5 ? 1 : 0];
  const score = Math.max(positive, 1 - positive);
  return { positive, label, score, states, ...model.judge(signals.data, score) };
}

// The scores of rows of ids, a few rows at once.
async function scores(model, rows, isStale) {
  const found = [];
  for (let i = 0; i < rows.length && !isStale(); i += ROWS) {
    const feeds = { token_ids: padded(rows.slice(i, i + ROWS)) };
    const { probabilities } = await model.run("model", feeds, ["probabilities"]);
    for (let k = 1; k < probabilities.data.length; k += 2) found.push(probabilities.data[k]);
  }
  return found;
}

// The course of the score, the evidence of each word and the states. Of a long text
// several words count as one.
export async function follow(model, ids, { positive, states }, isStale = () => false) {
  const time = ids.length, count = Math.max(time - 1, 1);
  const rows = Math.min(count, Math.max(LEAST_ROWS, Math.floor(STEPS / time)));
  const size = Math.ceil(count / rows);
  const groups = [];
  for (let from = 0; from < time - 1; from += size) groups.push([from, Math.min(from + size, time - 1)]);
  const prefixes = groups.map(([, to]) => [...ids.slice(0, to), END]);
  const without = groups.map(([from, to]) => [...ids.slice(0, from), ...ids.slice(to)]);
  const course = await scores(model, prefixes, isStale);
  const others = await scores(model, without, isStale);
  const units = states.dims[2] / 2;
  const value = (unit, step) => states.data[step * 2 * units + unit];
  const tokens = ids.slice(0, -1).map((id) => model.source[id]);
  const spread = (first) => orderUnits(units, time, (unit, step) => value(first + unit, step), SHOWN).map((unit) => first + unit);
  return {
    tokens: tokens.length ? tokens : ["the end"], time, size, units, value, positive,
    groupOf: Array.from({ length: count }, (_, i) => Math.floor(i / size)),
    course: groups.length ? course.map((probability) => ({ probability })) : [{ probability: positive }],
    evidence: others.map((other) => logOdds(positive) - logOdds(other)),
    forwards: spread(0), backwards: spread(units),
  };
}

function showAnswer(place, { label, score, warning }) {
  place.replaceChildren("This is ", make("strong", {}, label), `, with a probability of ${percent(score)}.`);
  if (warning) place.append(make("span", { class: "warning" }, `It is unsure: ${warning}.`));
}

// The words on the colour of their evidence.
function showReading(place, { tokens, evidence, groupOf }) {
  const most = Math.max(1, ...evidence.map(Math.abs));
  const marks = tokens.map((token, i) => {
    const mark = make("span", {}, token);
    mark.style.backgroundColor = css(signed((0.4 * (evidence[groupOf[i]] ?? 0)) / most));
    return mark;
  });
  place.replaceChildren(...marks.flatMap((mark) => [mark, " "]));
  return marks;
}

function showWords(place, { tokens, evidence, size, course, groupOf }) {
  const group = (i) => tokens.slice(i * size, (i + 1) * size).join(" ");
  const order = [...evidence.keys()].sort((a, b) => Math.abs(evidence[b]) - Math.abs(evidence[a]));
  place.replaceChildren(
    ...order.slice(0, 10).map((i) => make("li", {},
      `“${group(i)}” says ${evidence[i] < 0 ? "negative" : "positive"}: ${signedNumber(evidence[i])} nats. After it the score was ${percent(course[i].probability)}.`)),
    make("li", {}, `All of ${groupOf.length} words: positive ${percent(course.at(-1).probability)}.`),
  );
}

function labelHeight(pen, tokens, wide) {
  if (wide < 11) return 0;
  const most = Math.min(Math.max(...tokens.map((token) => pen.width(token, 12))), 90);
  return wide > most + 4 ? 22 : most * 0.75 + 14;
}

function measure(width, { tokens }) {
  const wide = (width - LEFT - RIGHT) / tokens.length;
  const longest = Math.min(Math.max(...tokens.map((token) => token.length)) * 7, 90);
  const labels = wide < 11 ? 0 : wide > longest + 4 ? 24 : longest * 0.75 + 16;
  return 24 + COURSE + GAP + EVIDENCE + labels + 2 * (HEAT + GAP) + 34;
}

function paint(pen, width, { units, tokens, course, evidence, size, value, forwards, backwards, groupOf, step }) {
  const wide = (width - LEFT - RIGHT) / tokens.length;
  const right = width - RIGHT, x = (i) => LEFT + i * wide;
  const [ink, soft, accent] = ["ink", "soft", "accent"].map(colour);
  const title = (words, y) => pen.text(pen.fit(words, right - LEFT, 12), LEFT, y, { size: 12, tone: "soft" });
  // The score after each word.
  let top = 24;
  title("score: how positive, if the text ended there", 10);
  const y = (probability) => top + COURSE * (1 - probability);
  for (const [part, name] of [[0, "negative"], [0.5, "50 %"], [1, "positive"]]) {
    pen.line([[LEFT, y(part)], [right, y(part)]], { dash: part === 0.5 ? [2, 4] : [] });
    pen.text(name, LEFT - 8, y(part), { align: "right", size: 11, tone: "soft" });
  }
  const last = groupOf[step];
  const points = course.slice(0, last + 1).map(({ probability }, i) =>
    [x(Math.min((i + 0.5) * size, tokens.length)), y(probability)]);
  pen.line(points, { stroke: accent, width: 2.5 });
  if (tokens.length <= 80) for (const [u, v] of points) pen.dot(u, v, 3, accent);
  pen.dot(...points.at(-1), 5.5, accent);
  // The evidence of each word, and the words.
  top += COURSE + GAP;
  title("evidence of each word", top - 12);
  const most = Math.max(1, ...evidence.map(Math.abs)), middle = top + EVIDENCE / 2;
  pen.line([[LEFT, middle], [right, middle]]);
  for (const sign of [1, -1]) {
    pen.text(`${sign < 0 ? "−" : "+"}${most.toFixed(1)} nats`, LEFT - 8, middle - (sign * EVIDENCE) / 2 + 6 * sign, { align: "right", size: 11, tone: "soft" });
  }
  evidence.forEach((amount, i) => {
    const high = (Math.abs(amount) / most) * (EVIDENCE / 2);
    const from = x(i * size), to = x(Math.min((i + 1) * size, tokens.length));
    const inset = Math.min(2, (to - from) / 6);
    pen.box(from + inset, amount < 0 ? middle : middle - high, to - from - 2 * inset, Math.max(high, 1), {
      fill: css(signed(Math.sign(amount) * 0.85)), alpha: i <= last ? 1 : 0.22, round: 2,
    });
  });
  top += EVIDENCE;
  const labels = labelHeight(pen, tokens, wide);
  const isTurned = labels > 24;
  if (labels) tokens.forEach((token, i) => {
    const words = pen.fit(token, 90, 12);
    const options = { size: 12, fill: i <= step ? ink : soft, weight: i === step ? 700 : 400 };
    if (isTurned) pen.text(words, x(i + 0.5) + 4, top + 8, { ...options, align: "right", turn: -0.85 });
    else pen.text(words, x(i + 0.5), top + 12, { ...options, align: "center" });
  });
  top += labels + GAP;
  // The states, as far as each direction has read.
  const end = tokens.length - 1;
  for (const [name, order, isRead] of [
    ["states of the cells that read forwards →", forwards, (i) => i <= step],
    ["states of the cells that read backwards ←", backwards, (i) => i >= end - step],
  ]) {
    title(name, top - 12);
    pen.heat(LEFT, top, right - LEFT, HEAT, order.length, tokens.length, (row, i) => signed(isRead(i) ? value(order[row], i) : 0));
    pen.box(LEFT, top, right - LEFT, HEAT, { stroke: colour("line") });
    pen.text(`${order.length} of`, LEFT - 8, top + 8, { align: "right", size: 11, tone: "soft" });
    pen.text(`${units} units`, LEFT - 8, top + 22, { align: "right", size: 11, tone: "soft" });
    top += HEAT + GAP;
  }
  const low = top - 2 * (HEAT + GAP);
  pen.box(x(step), low, wide, HEAT, { stroke: accent, width: 2 });
  pen.box(x(end - step), low + HEAT + GAP, wide, HEAT, { stroke: accent, width: 2 });
  pen.legend(LEFT + 22, top - 14, Math.min(140, width / 4), (part) => signed(2 * part - 1), ["−1", "+1"], "state");
}
