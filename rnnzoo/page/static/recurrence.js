// Three recurrent cells and the gradient through their states. Matrices are arrays of
// rows, states are rows: x · kernel + s · recurrent, gates side by side as in Keras.

const TURNS = 100; // of the power method, at most
export const GATES = { elman: 1, gru: 3, lstm: 4 };

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
// Each activation, and its slope where it has the value y.
export const ACTIVATIONS = {
  tanh: [Math.tanh, (y) => 1 - y * y],
  relu: [(x) => Math.max(x, 0), (y) => (y > 0 ? 1 : 0)],
  sigmoid: [sigmoid, (y) => y * (1 - y)],
  linear: [(x) => x, () => 1],
};

// Numbers of a normal distribution, the same for the same seed.
export function normals(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (((z ^ (z >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function table(rows, columns, value) {
  return Array.from({ length: rows }, (_, i) => {
    const row = new Float64Array(columns);
    for (let j = 0; j < columns; j++) row[j] = value(i, j);
    return row;
  });
}

export function multiply(a, b) {
  const width = b[0].length;
  return a.map((row) => {
    const sum = new Float64Array(width);
    for (let k = 0; k < row.length; k++) {
      const factor = row[k], other = b[k];
      for (let j = 0; j < width; j++) sum[j] += factor * other[j];
    }
    return sum;
  });
}

// A square matrix that starts as is asked and has a spectral radius.
export function recurrentStart(start, units, radius, normal) {
  let matrix = table(units, units, () => normal() / Math.sqrt(units));
  let size = 1;
  if (start === "identity") matrix = table(units, units, (i, j) => (i === j ? 1 : 0));
  else if (start === "orthogonal") matrix = orthogonal(matrix);
  else size = spectralRadius(matrix);
  return matrix.map((row) => row.map((value) => (value * radius) / size));
}

// Gram and Schmidt's rows.
function orthogonal(matrix) {
  const rows = [];
  for (const given of matrix) {
    let row = given;
    for (const done of rows) {
      const along = row.reduce((sum, value, i) => sum + value * done[i], 0);
      row = row.map((value, i) => value - along * done[i]);
    }
    const size = Math.hypot(...row);
    rows.push(row.map((value) => value / size));
  }
  return rows;
}

// The size of the largest eigenvalue: of A squared again and again, by Gelfand.
export function spectralRadius(matrix) {
  let power = matrix, logarithm = 0;
  const times = 9;
  for (let i = 0; i < times; i++) {
    power = multiply(power, power);
    const size = Math.hypot(...power.map((row) => Math.hypot(...row)));
    logarithm = 2 * logarithm + Math.log(size);
    power = power.map((row) => row.map((value) => value / size));
  }
  return Math.exp(logarithm / 2 ** times);
}

// The largest factor by which a matrix stretches a vector, by the power method. guess
// is a vector to begin with, which is changed to the one that is stretched most.
export function spectralNorm(matrix, guess) {
  const rows = matrix.length, columns = matrix[0].length;
  let most = 0;
  for (const row of matrix) for (const value of row) most = Math.max(most, Math.abs(value));
  if (!(most > 0) || !Number.isFinite(most)) return most;
  const back = new Float64Array(columns);
  let size = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    back.fill(0);
    for (let i = 0; i < rows; i++) {
      const row = matrix[i];
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (row[j] / most) * guess[j];
      for (let j = 0; j < columns; j++) back[j] += (row[j] / most) * sum;
    }
    const length = Math.hypot(...back);
    if (!(length > 0)) return 0;
    for (let j = 0; j < columns; j++) guess[j] = back[j] / length;
    const norm = Math.sqrt(length);
    if (turn > 1 && Math.abs(norm - size) < 1e-8 * norm) return norm * most;
    size = norm;
  }
  return size * most;
}

// A cell's weights. Each gate starts with a recurrent matrix of its own.
export function makeCell(kind, { units, inputs, radius, start, activation, seed }) {
  const normal = normals(seed);
  const gates = GATES[kind];
  const kernel = table(inputs, gates * units, () => normal() / Math.sqrt(inputs));
  const blocks = Array.from({ length: gates }, () => recurrentStart(start, units, radius, normal));
  const recurrent = table(units, gates * units, (i, j) => blocks[Math.floor(j / units)][i][j % units]);
  // Keras opens the forget gate of an LSTM at the start.
  const bias = Float64Array.from({ length: gates * units }, (_, j) =>
    kind === "lstm" && Math.floor(j / units) === 1 ? 1 : 0);
  return { kind, units, kernel, recurrent, bias, activation: kind === "elman" ? activation : "tanh" };
}

// The state after a step, and its derivative by the state before: row of what comes
// out, column of what goes in. An LSTM's state is its output, then its memory.
export function step(cell, x, state) {
  const { units, kernel, recurrent, bias } = cell;
  const [fromInput] = multiply([x], kernel);
  const [fromState] = multiply([state.slice(0, units)], recurrent);
  fromInput.forEach((_, j) => (fromInput[j] += bias[j]));
  return { elman, gru, lstm }[cell.kind](cell, fromInput, fromState, state);
}

function elman({ units, recurrent, activation }, fromInput, fromState) {
  const [act, slope] = ACTIVATIONS[activation];
  const next = fromInput.map((value, j) => act(value + fromState[j]));
  const jacobian = table(units, units, (j, i) => slope(next[j]) * recurrent[i][j]);
  return { next, jacobian };
}

function gru({ units, recurrent: u }, fromInput, fromState, state) {
  const gate = (k) => (j) => sigmoid(fromInput[k * units + j] + fromState[k * units + j]);
  const keep = Float64Array.from({ length: units }, (_, j) => gate(0)(j));
  const reset = Float64Array.from({ length: units }, (_, j) => gate(1)(j));
  const last = 2 * units;
  const candidate = keep.map((_, j) => Math.tanh(fromInput[last + j] + reset[j] * fromState[last + j]));
  const next = keep.map((z, j) => z * state[j] + (1 - z) * candidate[j]);
  const jacobian = table(units, units, (j, i) => {
    const z = keep[j], r = reset[j], a = candidate[j];
    const inner = r * u[i][last + j] + fromState[last + j] * r * (1 - r) * u[i][units + j];
    const own = i === j ? z : 0;
    return own + (state[j] - a) * z * (1 - z) * u[i][j] + (1 - z) * (1 - a * a) * inner;
  });
  return { next, jacobian };
}

function lstm({ units, recurrent: u }, fromInput, fromState, state) {
  const at = (k, act) => Float64Array.from({ length: units }, (_, j) =>
    act(fromInput[k * units + j] + fromState[k * units + j]));
  const input = at(0, sigmoid), forget = at(1, sigmoid), new_ = at(2, Math.tanh), output = at(3, sigmoid);
  const memory = state.slice(units);
  const after = memory.map((c, j) => forget[j] * c + input[j] * new_[j]);
  const shown = after.map(Math.tanh);
  const next = Float64Array.from([...shown.map((value, j) => output[j] * value), ...after]);
  // Of the memory after the step, by the output and by the memory before it.
  const byOutput = (j, i) =>
    memory[j] * forget[j] * (1 - forget[j]) * u[i][units + j] +
    new_[j] * input[j] * (1 - input[j]) * u[i][j] +
    input[j] * (1 - new_[j] ** 2) * u[i][2 * units + j];
  const byMemory = (j, i) => (i === j ? forget[j] : 0);
  const jacobian = table(2 * units, 2 * units, (row, column) => {
    const j = row % units, i = column % units;
    const inner = column < units ? byOutput(j, i) : byMemory(j, i);
    if (row >= units) return inner;
    const slope = output[j] * (1 - shown[j] ** 2);
    const gate = column < units ? shown[j] * output[j] * (1 - output[j]) * u[i][3 * units + j] : 0;
    return gate + slope * inner;
  });
  return { next, jacobian };
}

// The norms of d S_T / d S_k for k from 0 to T, of inputs of T steps.
export function gradientNorms(cell, sequence) {
  const size = cell.units * (cell.kind === "lstm" ? 2 : 1);
  let state = new Float64Array(size);
  const jacobians = sequence.map((x) => {
    const { next, jacobian } = step(cell, x, state);
    state = next;
    return jacobian;
  });
  let product = table(cell.units, size, (i, j) => (i === j ? 1 : 0));
  // What one step stretches most is a good guess for the next, but not the only one.
  const other = Float64Array.from({ length: size }, (_, i) => Math.sin(2.3 * i + 1));
  const guess = Float64Array.from(other);
  const norms = [1];
  for (const jacobian of jacobians.reverse()) {
    product = multiply(product, jacobian);
    other.forEach((value, i) => (guess[i] += 0.1 * value));
    norms.unshift(spectralNorm(product, guess));
  }
  return norms;
}
