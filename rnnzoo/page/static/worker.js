// Runs models beside the page, so that the page stays awake.
//
// It takes {id, open: {name, files}} and {id, run: {name, graph, feeds, wanted}}, and
// answers {id, result} or {id, error}; while it fetches it says {id, loaded}.

import * as ort from "./onnxruntime/ort.wasm.min.js";

const RUNTIME = new URL("./onnxruntime/", import.meta.url);
const WASM = "ort-wasm-simd-threaded.wasm";
const sessions = new Map();
let runtime = null;

ort.env.wasm.numThreads = 1; // more need headers that a host of files may not send
ort.env.wasm.wasmPaths = {
  mjs: new URL("ort-wasm-simd-threaded.js", RUNTIME).href,
  wasm: new URL(WASM, RUNTIME).href,
};

async function fetchBytes(url, size, report) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} is missing (status ${response.status}).`);
  const bytes = new Uint8Array(size);
  let place = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (place + value.length > size) break;
    bytes.set(value, place);
    place += value.length;
    report(value.length);
  }
  if (place !== size) {
    throw new Error(`${url} must have ${size} bytes. Received: ${place}.`);
  }
  return bytes;
}

async function fetchAll({ name, files, runtimeSize }, report) {
  runtime ??= fetchBytes(new URL(WASM, RUNTIME), runtimeSize, report).catch((error) => {
    runtime = null; // the next room may have more luck
    throw error;
  });
  ort.env.wasm.wasmBinary = (await runtime).buffer;
  const base = new URL(`./models/${encodeURIComponent(name)}/`, import.meta.url);
  const fetched = [];
  for (const [file, size] of Object.entries(files)) {
    if (!file.endsWith(".onnx")) continue;
    const bytes = await fetchBytes(new URL(file, base), size, report);
    fetched.push([`${name}/${file.replace(/\.onnx$/, "")}`, bytes]);
  }
  return fetched;
}

async function create(fetched) {
  for (const [key, bytes] of fetched) {
    const options = { executionProviders: ["wasm"] };
    sessions.set(key, await ort.InferenceSession.create(bytes, options));
  }
}

async function run({ name, graph, feeds, wanted }) {
  const session = sessions.get(`${name}/${graph}`);
  const tensors = {};
  for (const [key, { type, data, dims }] of Object.entries(feeds)) {
    tensors[key] = new ort.Tensor(type, data, dims);
  }
  const outputs = await session.run(tensors, wanted);
  const result = {};
  for (const [key, tensor] of Object.entries(outputs)) {
    result[key] = { type: tensor.type, data: tensor.data.slice(), dims: [...tensor.dims] };
    tensor.dispose();
  }
  return result;
}

// What is run goes one after another; what is fetched meanwhile holds nothing up.
let last = Promise.resolve();

function queue(work) {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

self.onmessage = async ({ data }) => {
  const { id } = data;
  try {
    const report = (loaded) => self.postMessage({ id, loaded });
    const fetched = data.open && (await fetchAll(data.open, report));
    const result = await queue(() => (fetched ? create(fetched) : run(data.run)));
    self.postMessage({ id, result });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};
