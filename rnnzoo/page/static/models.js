// Models as the rooms use them: opened once, run in the worker.

import { TextReader, TextWriter, readVocabulary } from "./text.js";

let worker = null;
let content = null;
let number = 0;
let isRuntimeHere = false;
const waiting = new Map();
const opened = new Map();

// What page.json says.
export function readContent() {
  content ??= fetch("page.json").then((response) => {
    if (!response.ok) throw new Error("The page is not whole: page.json is missing.");
    return response.json();
  });
  return content;
}

function ask(message, onLoaded = () => {}) {
  worker ??= startWorker();
  const id = ++number;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, onLoaded });
    worker.postMessage({ id, ...message });
  });
}

function startWorker() {
  const started = new Worker("worker.js", { type: "module" });
  started.onmessage = ({ data: { id, loaded, result, error } }) => {
    const one = waiting.get(id);
    if (loaded !== undefined) {
      one.onLoaded(loaded);
      return;
    }
    waiting.delete(id);
    if (error === undefined) one.resolve(result);
    else one.reject(new Error(error));
  };
  started.onerror = () => {
    for (const { reject } of waiting.values()) {
      reject(new Error("ONNX Runtime could not be started in this browser."));
    }
    waiting.clear();
    worker = null;
  };
  return started;
}

// Opens a model; onProgress is called with a number from 0 to 1.
export function openModel(name, onProgress = () => {}) {
  if (!opened.has(name)) {
    const opening = load(name, onProgress);
    opening.catch(() => opened.delete(name)); // it may work the next time
    opened.set(name, opening);
  }
  return opened.get(name);
}

async function load(name, onProgress) {
  const { models, onnxruntime } = await readContent();
  const known = models[name];
  if (!known) throw new Error(`The model ${name} is not on this page.`);
  const read = async (file) => {
    const response = await fetch(`models/${name}/${file}`);
    if (!response.ok) throw new Error(`${name}/${file} is missing.`);
    return response.text();
  };
  const signature = JSON.parse(await read("signature.json"));
  const tokens = async (rules) =>
    rules?.vocabulary ? readVocabulary(await read(rules.vocabulary)) : null;
  const { reads, writes } = signature;
  const source = await tokens(reads), target = await tokens(writes);
  const runtimeSize = onnxruntime["ort-wasm-simd-threaded.wasm"];
  const sizes = Object.entries(known.files).filter(([file]) => file.endsWith(".onnx"));
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  let loaded = 0;
  const whole = total + (isRuntimeHere ? 0 : runtimeSize);
  await ask({ open: { name, files: known.files, runtimeSize } }, (more) => {
    loaded += more;
    onProgress(Math.min(loaded / whole, 1));
  });
  isRuntimeHere = true;
  return new Model(name, known, signature, source, target);
}

export class Model {
  constructor(name, known, signature, source, target) {
    this.name = name;
    this.activation = known.activation;
    this.examples = known.examples;
    this.signature = signature;
    this.reader = source && new TextReader(signature.reads, source);
    this.writer = target && new TextWriter(signature.writes, target);
    this.source = source;
    this.target = target;
  }

  // The outputs of a graph by name: {data, dims}.
  run(graph, feeds, wanted) {
    return ask({ run: { name: this.name, graph, feeds, wanted } });
  }

  inputs(graph) {
    return Object.keys(this.signature.signatures[graph].inputs);
  }

  // The confidence, and a warning if it is low. signals are pairs of a value and its weight.
  judge(signals, otherwise) {
    const rules = this.signature.confidence;
    if (!rules) return { confidence: otherwise };
    const names = Object.keys(rules.ranges);
    const distances = names.map((key, i) => {
      const { typical, below, above } = rules.ranges[key];
      const off = (signals[2 * i] - typical) * signals[2 * i + 1];
      return Math.max(above === null ? 0 : off / above, below === null ? 0 : -off / below);
    });
    const far = Math.max(...distances);
    const confidence = 1 / (1 + Math.exp(rules.steepness * (far - 1)));
    if (confidence >= rules.unsure_below) return { confidence };
    const first = names[distances.findIndex((distance) => distance > 1)];
    return { confidence, warning: rules.warnings[first] };
  }
}

export function ints(data, dims) {
  return { type: "int32", data: Int32Array.from(data), dims };
}

export function floats(data, dims) {
  return { type: "float32", data, dims };
}

// Rows of ids as one tensor, 0 as right padding.
export function padded(rows) {
  const time = Math.max(...rows.map((row) => row.length));
  const data = new Int32Array(rows.length * time);
  rows.forEach((row, i) => data.set(row, i * time));
  return { type: "int32", data, dims: [rows.length, time] };
}
