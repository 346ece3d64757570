// What rooms have in common: messages, examples, steps that play.

export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// An element of the page, with what it holds.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

// Finds the parts of a room by their `data-part`.
export function partsOf(section) {
  const parts = {};
  for (const element of section.querySelectorAll("[data-part]")) {
    parts[element.dataset.part] = element;
  }
  return parts;
}

export function showError(section, error) {
  const place = section.querySelector(".error");
  place.textContent = error ? (error.message ?? String(error)) : "";
  place.hidden = !error;
  if (error) console.warn(error.message);
}

// Shows a bar while something is opened: open(report) with a number from 0 to 1.
export async function withProgress(section, words, open) {
  const place = section.querySelector(".loading");
  const bar = make("progress", { max: 1, value: 0, "aria-label": words });
  place.replaceChildren(make("span", {}, words), bar);
  place.hidden = false;
  try {
    return await open((part) => {
      bar.value = part;
      bar.textContent = `${Math.round(100 * part)} %`;
    });
  } finally {
    place.hidden = true;
  }
}

// Calls work(isStale) when asked, the newest request alone, and shows its errors. What
// is found stale ends early.
export function latest(section, work) {
  let newest = 0;
  return async (...given) => {
    const mine = ++newest;
    const isStale = () => mine !== newest;
    section.setAttribute("aria-busy", "true");
    try {
      showError(section, null);
      await work(isStale, ...given);
    } catch (error) {
      if (!isStale()) showError(section, error);
    } finally {
      if (!isStale()) section.setAttribute("aria-busy", "false");
    }
  };
}

export function debounce(work, wait) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(work, wait, ...given);
  };
}

// Buttons for examples, in a labelled row.
export function showExamples(place, names, choose) {
  place.replaceChildren(
    ...names.map(([name, value]) =>
      make("button", { type: "button", class: "example", onclick: () => choose(value) }, name),
    ),
  );
}

// Steps that play one after another, by a button and a slider.
export class Player {
  constructor(place, name, onStep, interval = 260) {
    this.onStep = onStep;
    this.interval = interval;
    this.count = 0;
    this.timer = null;
    this.button = make("button", { type: "button", onclick: () => this.toggle() }, "Play");
    this.slider = make("input", {
      type: "range", min: 0, max: 0, value: 0, "aria-label": name,
      oninput: () => {
        this.pause();
        this.go(Number(this.slider.value));
      },
    });
    this.output = make("output", { class: "step" });
    place.replaceChildren(this.button, this.slider, this.output);
    place.hidden = true;
    this.place = place;
  }

  // Takes new steps; say(step) puts one in words. Plays them, or shows the last one.
  start(count, say, plays = true) {
    this.pause();
    this.count = count;
    this.say = say;
    this.slider.max = count - 1;
    this.place.hidden = count < 2;
    if (!plays || isStill() || count < 2) this.go(count - 1);
    else {
      this.go(0);
      this.play();
    }
  }

  go(step) {
    this.step = Math.min(Math.max(step, 0), this.count - 1);
    this.slider.value = this.step;
    const words = this.say(this.step);
    this.slider.setAttribute("aria-valuetext", words);
    this.output.textContent = words;
    this.onStep(this.step);
  }

  play() {
    this.pause();
    if (this.step >= this.count - 1) this.go(0);
    this.button.textContent = "Pause";
    // Long inputs do not take longer than a minute to watch.
    const wait = Math.min(this.interval, 40_000 / this.count);
    this.timer = setInterval(() => {
      this.go(this.step + 1);
      if (this.step >= this.count - 1) this.pause();
    }, wait);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = "Play";
  }

  toggle() {
    if (this.timer === null) this.play();
    else this.pause();
  }

  stop() {
    this.pause();
    this.place.hidden = true;
  }
}
