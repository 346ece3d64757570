// What captioner and translator share: a decoder that looks at a memory, and beams.

import { ints } from "./models.js";
import { searchBeams } from "./search.js";
import { END } from "./text.js";

// Reads inputs once: what the decoder looks at, and the first states.
export async function readMemory(model, feeds) {
  const seen = await model.run("encoder_model", feeds);
  const { signals, ...rest } = seen;
  const states = Object.keys(rest).filter((name) => name.startsWith("state_"));
  const fixed = Object.keys(rest).filter((name) => !name.startsWith("state_"));
  return {
    signals: signals.data,
    fixed: Object.fromEntries(fixed.map((name) => [name, rest[name]])),
    states: Object.fromEntries(states.map((name) => [name, rest[name].data])),
  };
}

// Writes with beams. Gives the hypotheses, the best first, with where each looked, and
// the steps of the search.
export async function write(model, memory, onStep = () => {}) {
  const {
    num_beams: beams = 5, length_penalty: penalty = 1, open_penalty: openPenalty,
  } = model.signature.sampler;
  const length = model.signature.writes.max_length;
  let states = memory.states;
  const trace = [];
  const wanted = ["logits", "attention", ...Object.keys(states).map((name) => `next_${name}`)];
  const step = async (lastIds, parents) => {
    const count = lastIds.length;
    const given = { token_ids: ints(lastIds, [count]), ...memory.fixed };
    for (const [name, data] of Object.entries(states)) {
      const size = trace.length ? data.length / count : data.length;
      const rows = new Float32Array(count * size);
      parents.forEach((parent, i) => rows.set(data.subarray(parent * size, (parent + 1) * size), i * size));
      given[name] = { type: "float32", data: rows, dims: [count, size] };
    }
    const after = await model.run("decoder_model", given, wanted);
    states = Object.fromEntries(Object.keys(states).map((name) => [name, after[`next_${name}`].data]));
    const split = ({ data }) => {
      const size = data.length / count;
      return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
    };
    return { rows: split(after.logits), looks: split(after.attention) };
  };
  const found = await searchBeams(step, { beams, length, penalty, openPenalty }, (now) => {
    trace.push(now);
    onStep(now);
  });
  return { found, trace };
}

// The ids of a hypothesis without the end.
export function withoutEnd(ids) {
  return ids.at(-1) === END ? ids.slice(0, -1) : ids;
}
