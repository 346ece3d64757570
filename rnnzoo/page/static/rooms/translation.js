// A sentence is translated: the beams that compete, and where the decoder looks.

import { amount, colour, css } from "../colours.js";
import { Figure, signedNumber } from "../figure.js";
import { openModel, padded, readContent } from "../models.js";
import { END } from "../text.js";
import { Player, latest, make, showExamples, withProgress } from "../ui.js";
import { readMemory, withoutEnd, write } from "../writing.js";

const LANGUAGES = { translator_en_de: ["German", "de"], translator_en_fr: ["French", "fr"] };
const MOST_SENTENCES = 8; // of one text
const COLUMN = 80, ROW = 32, TOP = 34, NODE = 24;
const LEFT = 112, ABOVE = 84, LEAST_CELL = 22, MOST_CELL = 40;

export async function enter(section, parts) {
  const { form, text, answer, sentences, words, language, choice, examples } = parts;
  const { models } = await readContent();
  const names = Object.keys(LANGUAGES).filter((name) => name in models);
  language.append(...names.map((name) => make("option", { value: name }, LANGUAGES[name][0])));
  choice.hidden = names.length < 2;
  const open = () => withProgress(section, "The translator is loading", (tell) =>
    openModel(language.value, tell));
  const race = new Figure(parts.race, measureRace, paintRace);
  const attention = new Figure(parts.attention, measureAttention, paintAttention);
  let shown = null;
  const player = new Player(parts.player, "Piece", (step) => {
    const data = { ...shown, step };
    widen(parts.race, 24 + COLUMN * (shown.trace.length + 1));
    race.show(data, `Beams after step ${step + 1}: ${shown.trace[step].open.map((one) => shown.say(one.ids)).join("; ")}.`);
    widen(parts.attention, LEFT + 20 + LEAST_CELL * shown.source.length);
    follow(parts.race, (step + 1.5) / (shown.trace.length + 1));
    attention.show(data, `Attention: ${sayLook(shown, step)}`);
  }, 420);

  function play(found) {
    shown = found;
    player.start(shown.target.length, (step) => `“${plain(shown.target[step])}” looks at “${plain(shown.source[most(shown.looks[step])])}”`);
    words.replaceChildren(
      ...shown.target.map((_, i) => make("li", {}, sayLook(shown, i))),
      ...shown.found.map((one, i) => make("li", {}, `${i + 1}: ${shown.say(one.ids)} (${signedNumber(one.score)})`)),
    );
  }

  const translate = latest(section, async (isStale) => {
    const model = await open();
    const all = model.reader.sentences(text.value).filter((one) => one.trim());
    if (!all.length) throw new Error("There is nothing to translate: write a sentence in English.");
    const done = [];
    answer.lang = LANGUAGES[language.value][1];
    for (const sentence of all.slice(0, MOST_SENTENCES)) {
      const found = await translateSentence(model, sentence);
      if (isStale()) return;
      done.push(found);
      const said = done.map((one) => one.text).join(" ").trim() + model.reader.ending(text.value);
      answer.replaceChildren(make("strong", {}, said.trim() || "…"));
      if (done.length === 1) play(found);
    }
    const warning = done.map((one) => one.warning).find(Boolean);
    const notes = [
      warning && `It is unsure: ${warning}.`,
      all.length > MOST_SENTENCES && `The page translates the first ${MOST_SENTENCES} sentences of a text.`,
    ].filter(Boolean);
    if (notes.length) answer.append(make("span", { class: "warning", lang: "en" }, notes.join(" ")));
    showExamples(sentences, done.length > 1 ? done.map((one) => [one.text, one]) : [], play);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    translate();
  });
  language.addEventListener("change", () => translate());
  const model = await open();
  const known = model.examples.slice(0, 4);
  showExamples(examples, known.map((one) => [one, one]), (one) => {
    text.value = one;
    translate();
  });
  text.value = known.at(-1) ?? "";
  await translate();
}

// The translation of a sentence, and how it came about.
export async function translateSentence(model, sentence) {
  const ids = model.reader.tokenize(sentence);
  const source = ids.map((id) => (id === END ? "end" : model.source[id]));
  const memory = await readMemory(model, { source_ids: padded([ids]) });
  const { found, trace } = await write(model, memory);
  const best = found[0];
  const say = (some) => model.writer.detokenize(some);
  // Nothing is made of a text without a known piece.
  const isEmpty = ids.every((id) => id <= END);
  const { warning } = model.judge([...memory.signals, isEmpty ? 0 : best.score, 1], 1);
  return {
    source, found, trace, say, warning, looks: best.looks, ids: best.ids,
    target: best.ids.map((id) => (id === END ? "end" : model.target[id])),
    text: isEmpty ? "" : say(best.ids), score: best.score, name: (id) => model.target[id],
  };
}

const plain = (piece) => piece.replaceAll("▁", " ").trim() || "␣";
const most = (values) => values.indexOf(Math.max(...values));

function sayLook({ target, source, looks }, i) {
  const place = most(looks[i]);
  return `“${plain(target[i])}” looks most at “${plain(source[place])}” (${Math.round(100 * looks[i][place])} %).`;
}

function widen(canvas, least) {
  canvas.style.width = `max(100%, ${least}px)`;
}

// Scrolls a wide picture so that a part of its width is seen.
function follow(canvas, part) {
  const place = canvas.parentElement;
  place.scrollLeft = part * place.scrollWidth - place.clientWidth / 2;
}

const startsWith = (whole, start) => start.every((id, i) => whole[i] === id);

function measureRace(width, { trace }) {
  // What ends in the last step takes the place of what goes on.
  const ends = Math.max(0, ...trace.slice(0, -1).map(({ ended }) => ended.length));
  return TOP + (trace[0].open.length + ends) * ROW + 16;
}

function paintRace(pen, width, { trace, ids, step, name, found }) {
  const beams = trace[0].open.length, accent = colour("accent");
  const column = Math.min(COLUMN * 1.35, Math.max(COLUMN, (width - 24) / (trace.length + 1)));
  const x = (t) => 12 + (t + 1) * column, y = (rank) => TOP + (rank + 0.5) * ROW;
  const [wide, own] = [column - 20, withoutEnd(ids)];
  pen.text("start", 12 + column / 2 - 10, y(0), { align: "center", size: 12, tone: "soft" });
  trace.slice(0, step + 1).forEach(({ t, open, ended, all }) => {
    pen.text(String(t + 1), x(t) + wide / 2, 14, { align: "center", size: 11, tone: "soft" });
    const share = (total) => Math.exp((total - open[0].total) / 2);
    const node = (one, row, words, isBest, weight) => {
      const from = t === 0 ? [12 + column - 20, y(0)] : [x(t - 1) + wide, y(one.parent)];
      pen.bend(from, [x(t), y(row)], { stroke: isBest ? accent : colour("soft"), width: isBest ? 3.5 : 1, alpha: isBest ? 1 : 0.25 + 0.4 * weight });
      pen.box(x(t), y(row) - NODE / 2, wide, NODE, {
        fill: isBest ? accent : css(amount(0.04 + 0.34 * weight)), round: 6,
      });
      pen.text(pen.fit(words, wide - 4, 12), x(t) + wide / 2, y(row), {
        align: "center", size: 12, tone: isBest ? "on-accent" : "ink", weight: isBest ? 600 : 400,
      });
    };
    const isOver = t === trace.length - 1 && all.length >= beams;
    open.forEach((one, rank) => {
      if (one.total < -1e8 || isOver) return;
      node(one, rank, plain(name(one.id)), startsWith(own, one.ids), share(one.total));
    });
    ended.forEach((one, i) => {
      const isBest = one.ids.length === found[0].ids.length && startsWith(found[0].ids, one.ids);
      node(one, isOver ? i : beams + i, `■ ${signedNumber(one.score)}`, isBest, 0.3);
    });
  });
}

function cellSize(width, { source }) {
  return Math.min(MOST_CELL, Math.max(LEAST_CELL, (width - LEFT - 20) / source.length));
}

function measureAttention(width, data) {
  return ABOVE + data.target.length * Math.min(cellSize(width, data), 30) + 34;
}

function paintAttention(pen, width, { source, target, looks, step }) {
  const cell = cellSize(width, { source }), high = Math.min(cell, 30);
  const wide = cell * source.length;
  source.forEach((piece, i) => pen.text(pen.fit(plain(piece), 90), LEFT + (i + 0.5) * cell, ABOVE - 8, { turn: -0.9, size: 12 }));
  target.forEach((piece, i) => pen.text(pen.fit(plain(piece), LEFT - 16), LEFT - 8, ABOVE + (i + 0.5) * high, {
    align: "right", size: 13, weight: i === step ? 700 : 400, tone: i <= step ? "ink" : "soft",
  }));
  pen.heat(LEFT, ABOVE, wide, high * target.length, target.length, source.length, (row, i) => amount(row <= step ? looks[row][i] : 0));
  pen.box(LEFT, ABOVE, wide, high * target.length, { stroke: colour("line") });
  pen.box(LEFT, ABOVE + step * high, wide, high, { stroke: colour("accent"), width: 2 });
  pen.legend(LEFT + 18, ABOVE + high * target.length + 16, Math.min(130, wide / 2), amount, ["0", "1"], "attention");
}
