// A text is continued: what is expected next, and how surprising each word was.

import { colour, css, signed } from "../colours.js";
import { Figure, orderUnits } from "../figure.js";
import { floats, ints, openModel } from "../models.js";
import { draw, expected, logSoftmax } from "../search.js";
import { END } from "../text.js";
import { isStill, latest, make, showExamples, withProgress } from "../ui.js";

const PRESET = "language_model_imdb_en";
const CHOICES = 12, MOST = 60; // words shown, and written in one go
const KEPT = 48; // words whose states are shown, the last ones
const SHOWN = 48; // units
const WAIT = 90; // milliseconds between words
const LEFT = 74, RIGHT = 14, BITS = 80, HEAT = 190;

export async function enter(section, parts) {
  const { form, text, one, again, examples, temperature, written, answer, choices, words } = parts;
  const model = await withProgress(section, "The model is loading", (tell) => openModel(PRESET, tell));
  const picture = new Figure(parts.canvas, measure, paint);
  const p = model.signature.sampler.p ?? 0.9;
  let course = null; // what has been read and written
  const heat = () => Number(temperature.value);

  function show() {
    showChoices(choices, model, course, heat(), (id) => go(1, id));
    written.replaceChildren(
      make("span", {}, course.start), " ",
      make("span", { class: "own" }, course.own.length ? model.writer.detokenize(course.own) : ""),
    );
    const steps = course.steps.slice(-KEPT);
    if (!steps.length) {
      picture.show(null);
      words.replaceChildren();
      return;
    }
    const value = (unit, i) => steps[i].state[unit];
    const order = orderUnits(steps[0].state.length, steps.length, value, SHOWN);
    picture.show({ steps, order }, `The states after ${steps.length} words, and how surprising each was.`);
    words.replaceChildren(...steps.slice(-20).map(({ token, bits }) =>
      make("li", {}, `“${token}”: ${bits.toFixed(1)} bits`)));
  }

  // Reads the beginning anew if it has changed.
  async function begin(isStale) {
    if (course?.start === text.value) return;
    const next = await read(model, text.value);
    if (!isStale()) course = next;
  }

  const go = latest(section, async (isStale, count, chosen) => {
    await begin(isStale);
    answer.textContent = "";
    for (let i = 0; i < count && !isStale(); i++) {
      const id = chosen ?? draw(course.gains, heat(), p, Math.random());
      if (id === END) {
        answer.textContent = "It ends the text here.";
        break;
      }
      const next = await add(model, course, id, true);
      if (isStale()) break;
      course = next;
      show();
      if (!isStill() && count > 1) await new Promise((done) => setTimeout(done, WAIT));
    }
    if (!isStale()) show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(MOST);
  });
  one.addEventListener("click", () => go(1));
  again.addEventListener("click", () => {
    course = null;
    go(0);
  });
  text.addEventListener("input", () => go(0));
  temperature.addEventListener("input", () => {
    parts["temperature-value"].textContent = heat().toFixed(1);
    if (course) show();
  });
  showExamples(examples, model.examples.map((name) => [name, name]), (name) => {
    text.value = name;
    course = null;
    go(MOST);
  });
  text.value = model.examples[1] ?? "The film";
  await go(0);
}

// Reads a beginning: all but the last words at once, these one by one.
export async function read(model, start) {
  const ids = model.reader.tokenize(start);
  const units = model.signature.signatures.decoder_model.inputs.state.shape[1];
  const few = Math.max(1, ids.length - KEPT);
  let course = { start, own: [], steps: [], state: new Float32Array(units) };
  course = await step(model, course, ids.slice(0, few));
  for (const id of ids.slice(few)) course = await add(model, course, id, false);
  return course;
}

async function step(model, course, ids) {
  const { logits, next_state: after } = await model.run("decoder_model", {
    token_ids: ints(ids, [1, ids.length]),
    state: floats(course.state, [1, course.state.length]),
  });
  return { ...course, state: after.data, gains: logSoftmax(logits.data) };
}

// One word more, with its surprise in bits.
async function add(model, course, id, isOwn) {
  // Unknown words are never written; how surprising they are it does not tell.
  const bits = Math.min(-course.gains[id] / Math.LN2, 20);
  const next = await step(model, course, [id]);
  const token = model.source[id];
  return {
    ...next,
    own: isOwn ? [...course.own, id] : course.own,
    steps: [...course.steps, { token, bits, isOwn, state: next.state }],
  };
}

function showChoices(place, model, { gains }, temperature, choose) {
  const found = expected(gains, temperature, CHOICES);
  const most = found[0][1];
  place.replaceChildren(...found.map(([id, share]) => {
    const token = id === END ? "the end" : model.target[id];
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    bar.style.width = `${(100 * share) / most}%`;
    const percent = `${(100 * share).toFixed(1)} %`;
    const button = make("button", { type: "button", onclick: () => choose(id) },
      make("span", { class: "word" }, token), " ", bar, " ", make("span", { class: "share" }, percent));
    return make("li", {}, button);
  }));
}

function labels(steps) {
  return Math.min(Math.max(...steps.map(({ token }) => token.length)) * 7, 90) * 0.8 + 18;
}

function measure(width, { steps }) {
  return 24 + BITS + labels(steps) + 22 + HEAT + 34;
}

function paint(pen, width, { steps, order }) {
  const wide = Math.min((width - LEFT - RIGHT) / steps.length, 60), x = (i) => LEFT + i * wide;
  const right = x(steps.length), [ink, accent] = [colour("ink"), colour("accent")];
  pen.text("surprise in bits", LEFT, 10, { size: 12, tone: "soft" });
  const y = (bits) => 24 + BITS * (1 - bits / 20);
  for (const bits of [0, 10, 20]) {
    pen.line([[LEFT, y(bits)], [right, y(bits)]], { alpha: bits ? 0.6 : 1 });
    pen.text(String(bits), LEFT - 8, y(bits), { align: "right", size: 11, tone: "soft" });
  }
  const top = 24 + BITS + labels(steps) + 22;
  steps.forEach(({ token, bits, isOwn }, i) => {
    pen.box(x(i) + 1.5, y(bits), Math.max(wide - 3, 1), y(0) - y(bits), { fill: isOwn ? accent : colour("soft"), round: 2 });
    if (wide > 9) pen.text(pen.fit(token, 90, 12), x(i + 0.5) + 4, y(0) + 9, { size: 12, align: "right", turn: -0.95, fill: isOwn ? accent : ink });
  });
  pen.notation("the state S_t after each word", LEFT, top - 12, { size: 12, tone: "soft" });
  pen.heat(LEFT, top, right - LEFT, HEAT, order.length, steps.length, (row, i) => signed(steps[i].state[order[row]]));
  pen.box(LEFT, top, right - LEFT, HEAT, { stroke: colour("line") });
  pen.text(`${order.length} of`, LEFT - 8, top + 8, { align: "right", size: 11, tone: "soft" });
  pen.text(`${steps[0].state.length} units`, LEFT - 8, top + 22, { align: "right", size: 11, tone: "soft" });
  pen.legend(LEFT + 22, top + HEAT + 14, Math.min(140, width / 4), (part) => signed(2 * part - 1), ["−1", "+1"], "state");
}
