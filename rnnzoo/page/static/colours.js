// Colours of pictures. Equal steps of a value look equally large: they are mixed in
// OKLab (Björn Ottosson, 2020). Blue is negative, orange positive, teal an amount.

const STEPS = 127; // of a colour scale, from nothing to the most

// What was looked up for the present theme.
let dark = null;
const known = new Map();

document.addEventListener("themechange", () => {
  dark = null;
  known.clear();
});

export function isDark() {
  const { theme } = document.documentElement.dataset;
  const isWanted = () => matchMedia("(prefers-color-scheme: dark)").matches;
  dark ??= theme ? theme === "dark" : isWanted();
  return dark;
}

// The colour of the page's custom property, such as "ink".
export function colour(name) {
  if (!known.has(name)) {
    const style = getComputedStyle(document.documentElement);
    known.set(name, style.getPropertyValue(`--${name}`).trim());
  }
  return known.get(name);
}

// Red, green and blue, 0 to 255, of a lightness, a chroma and a hue in degrees.
export function oklch(lightness, chroma, hue) {
  const angle = (hue * Math.PI) / 180;
  const a = chroma * Math.cos(angle), b = chroma * Math.sin(angle);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((linear) => {
    const value = Math.min(Math.max(linear, 0), 1);
    const bent = value > 0.0031308 ? 1.055 * value ** (1 / 2.4) - 0.055 : 12.92 * value;
    return Math.round(255 * bent);
  });
}

function scale(hue, dark) {
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const part = i / STEPS;
    const from = dark ? 0.26 : 0.97, to = dark ? 0.8 : 0.55;
    return oklch(from + (to - from) * part, 0.14 * part, hue);
  });
}

const scales = new Map();

function shades(hue) {
  const key = `${hue} ${isDark()}`;
  if (!scales.has(key)) scales.set(key, scale(hue, isDark()));
  return scales.get(key);
}

// The colour of a value from -1 to 1, as bytes.
export function signed(value) {
  const place = Math.round(Math.min(Math.abs(value), 1) * STEPS);
  return shades(value < 0 ? 255 : 50)[place];
}

// The colour of an amount from 0 to 1, as bytes.
export function amount(value) {
  return shades(190)[Math.round(Math.min(Math.max(value, 0), 1) * STEPS)];
}

export function css([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}
