// Images as the pixels that a network takes, as rnnzoo.onnx.images does. An image is
// {data, height, width, channels}, floats from 0 to 1, the channels of a pixel together.

const SHOWN = 20; // letters of a file's name in messages

// Decodes a file. Transparent places are white, photographs are turned upright.
export async function readImage(file, maxPixels) {
  const name = file.name ? `“${shorten(file.name)}”` : "The file";
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, {
      imageOrientation: "from-image", colorSpaceConversion: "none",
    });
  } catch {
    throw new Error(
      `${name} is no image that this browser can read. Take a PNG or JPEG file.`,
    );
  }
  if (bitmap.width * bitmap.height > maxPixels) {
    throw new Error(
      `${name} has ${bitmap.width} × ${bitmap.height} pixels. An image may have ` +
        `${maxPixels / 1e6} million at most.`,
    );
  }
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}

function shorten(name) {
  const letters = [...name];
  return letters.length > SHOWN ? `${letters.slice(0, SHOWN).join("")}…` : name;
}

// The pixels of a canvas, in grey or in colour; luminance weighs red, green and blue.
export function toPixels(canvas, channels, luminance) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return pixelsOf(data, height, width, channels, luminance);
}

// The same of bytes of red, green, blue and opacity.
export function pixelsOf(bytes, height, width, channels, luminance) {
  const data = new Float32Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    if (channels === 3) {
      for (let c = 0; c < 3; c++) data[3 * i + c] = bytes[4 * i + c] / 255;
    } else {
      let grey = 0;
      for (let c = 0; c < 3; c++) grey += (bytes[4 * i + c] / 255) * luminance[c];
      data[i] = grey;
    }
  }
  return { data, height, width, channels };
}

// Resizes, smoothing what is made smaller; kind is "bilinear" or "bicubic".
export function resize(image, height, width, kind) {
  const { channels } = image;
  const down = interpolate(image.height, height, kind);
  const across = interpolate(image.width, width, kind);
  const narrow = new Float32Array(image.height * width * channels);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [from, weight] of across[x]) {
        const source = (y * image.width + from) * channels;
        const target = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) {
          narrow[target + c] += weight * image.data[source + c];
        }
      }
    }
  }
  const data = new Float32Array(height * width * channels);
  const size = width * channels;
  for (let y = 0; y < height; y++) {
    for (const [from, weight] of down[y]) {
      for (let i = 0; i < size; i++) data[y * size + i] += weight * narrow[from * size + i];
    }
  }
  return { data, height, width, channels };
}

// For each of `wanted` places the places of `size` that count, with their weights.
export function interpolate(size, wanted, kind) {
  if (size === wanted) return Array.from({ length: size }, (_, i) => [[i, 1]]);
  const stretch = Math.max(size / wanted, 1);
  const reach = (kind === "bilinear" ? 1 : 2) * stretch;
  return Array.from({ length: wanted }, (_, i) => {
    const center = ((i + 0.5) * size) / wanted;
    const first = Math.max(Math.floor(center - reach - 0.5), 0);
    const last = Math.min(Math.ceil(center + reach - 0.5), size - 1);
    const pairs = [];
    let total = 0;
    for (let from = first; from <= last; from++) {
      const weight = weigh(Math.abs(from + 0.5 - center) / stretch, kind);
      if (weight === 0) continue;
      pairs.push([from, weight]);
      total += weight;
    }
    return pairs.map(([from, weight]) => [from, weight / total]);
  });
}

function weigh(x, kind) {
  if (kind === "bilinear") return Math.max(1 - x, 0);
  // Of Keys, 1981.
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

export function clip(image) {
  const data = image.data.map((value) => Math.min(Math.max(value, 0), 1));
  return { ...image, data };
}
