// Choosing ids step by step, as rnnzoo.onnx.search does.

import { END, PAD, START, UNKNOWN } from "./text.js";

const NEVER = -1e9; // a log-probability that no sum of others reaches

// The places of the largest values, the best first; of equal ones the first.
export function best(values, count) {
  const kept = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (kept.length === count && !(value > values[kept[count - 1]])) continue;
    let place = kept.length;
    while (place > 0 && value > values[kept[place - 1]]) place--;
    kept.splice(place, 0, i);
    if (kept.length > count) kept.pop();
  }
  return kept;
}

// Log-probabilities of all ids but those that are never written, of a row of logits.
export function logSoftmax(logits) {
  const gains = Float32Array.from(logits);
  for (const id of [PAD, UNKNOWN, START]) gains[id] = NEVER;
  let most = -Infinity, total = 0;
  for (const value of gains) most = Math.max(most, value);
  for (const value of gains) total += Math.exp(value - most);
  const shift = most + Math.log(total);
  for (let i = 0; i < gains.length; i++) gains[i] -= shift;
  return gains;
}

// The best of several hypotheses followed side by side, for one example.
//
// step(lastIds, states, parents) gives {rows: logits of each, …}; states are its own
// business: parents says of which row before each row goes on. onStep is told of each
// step: what was followed, what ended, and what each made of. Gives {ids, score} of all
// hypotheses, the best first.
export async function searchBeams(step, settings, onStep = () => {}) {
  const { beams, length, penalty, openPenalty } = settings;
  let open = Array.from({ length: beams }, (_, i) => ({
    ids: [], total: i ? NEVER : 0, looks: [],
  }));
  let parents = open.map(() => 0);
  let ended = [];
  for (let t = 0; t < length; t++) {
    const last = open.map((one) => one.ids.at(-1) ?? START);
    const { rows, looks } = await step(last, parents);
    // Twice as many as beams: at most one continuation of each ends.
    const found = [];
    rows.forEach((row, i) => {
      const gains = logSoftmax(row);
      for (const id of best(gains, 2 * beams)) {
        found.push({ parent: i, id, sum: open[i].total + gains[id], gain: gains[id] });
      }
    });
    const sums = found.map((one) => one.sum);
    const chosen = best(sums, 2 * beams).map((i) => ({
      ...found[i],
      ids: [...open[found[i].parent].ids, found[i].id],
      looks: [...open[found[i].parent].looks, looks?.[found[i].parent]],
    }));
    const before = ended.length;
    chosen.slice(0, beams).forEach((one) => {
      if (one.id !== END || one.sum <= NEVER / 2 || before >= beams) return;
      ended.push({ ...one, step: t, score: one.sum / (t + 1) ** penalty });
    });
    const order = best(ended.map((one) => one.score), ended.length);
    ended = order.map((i) => ended[i]);
    const next = chosen.filter((one) => one.id !== END).slice(0, beams);
    while (next.length < beams) next.push({ ...next[0], sum: NEVER });
    open = next.map((one) => ({ ...one, total: one.sum }));
    parents = open.map((one) => one.parent);
    onStep({ t, open, ended: ended.filter((one) => one.step === t), all: ended });
    if (ended.length >= beams) break;
  }
  ended = ended.slice(0, beams);
  // Open hypotheses fill up what is missing, behind all that ended.
  const rest = open
    .filter((one) => ended.length < beams && one.total > NEVER / 2)
    .map((one) => ({ ...one, score: one.total / length ** penalty, isOpen: true }));
  const all = [...ended, ...rest];
  const ranks = all.map((one) => one.score - (one.isOpen ? openPenalty : 0));
  return best(ranks, beams).map((i) => all[i]);
}

// What the temperature makes of log-probabilities, for the likeliest `count` of them:
// pairs of id and probability among all.
export function expected(gains, temperature, count) {
  const order = best(gains, count);
  const most = gains[order[0]];
  let total = 0;
  for (const gain of gains) total += Math.exp((gain - most) / temperature);
  return order.map((id) => [id, Math.exp((gains[id] - most) / temperature) / total]);
}

// An id among the fewest that together have the probability p; chance is from 0 to 1.
export function draw(gains, temperature, p, chance) {
  const order = [...gains.keys()].filter((id) => gains[id] > NEVER / 2);
  order.sort((a, b) => gains[b] - gains[a] || a - b);
  const most = gains[order[0]];
  const shares = order.map((id) => Math.exp((gains[id] - most) / temperature));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let within = 0, count = 0;
  while (count < order.length && within < p) within += shares[count++] / total;
  let left = chance * within;
  for (let i = 0; i < count; i++) {
    left -= shares[i] / total;
    if (left <= 0) return order[i];
  }
  return order[count - 1];
}
