// Which room is open. A room's module is loaded, and its model, when it is entered.

import { isDark } from "./colours.js";
import { readContent } from "./models.js";
import { make, partsOf, showError } from "./ui.js";

const ROOMS = {
  review: ["A review is read", "many → one", "State, score and evidence, word by word."],
  digit: ["A digit is drawn", "one → one", "At once, and row by row, side by side."],
  image: ["An image is described", "one → many", "Where it looks as the words come."],
  translation: ["A sentence is translated", "many → many", "Attention, and beams that compete."],
  text: ["A text is continued", "one → many, from a start", "What it expects next, and how boldly it writes."],
  gradient: ["The gradient through time", "why plain cells forget", "See it vanish, see it explode."],
};
const MODELS = {
  review: ["sentiment_en"],
  digit: ["image_classifier_mnist", "image_classifier_mnist_rows"],
  image: ["captioner_flickr8k_en"],
  translation: ["translator_en_de"],
  text: ["language_model_imdb_en"],
  gradient: [],
};
const opened = new Set();

async function show() {
  const wanted = location.hash.slice(1);
  const name = wanted in ROOMS ? wanted : "home";
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = section.id !== name;
  }
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.hash === `#${name}`;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const section = document.getElementById(name);
  const title = section.querySelector("h2");
  document.title = name === "home" ? "rnnzoo" : `${title.textContent} – rnnzoo`;
  if (name in ROOMS && !opened.has(name)) {
    opened.add(name);
    try {
      const room = await import(`./rooms/${name}.js`);
      await room.enter(section, partsOf(section));
    } catch (error) {
      opened.delete(name);
      showError(section, error);
    }
  }
}

async function showCards() {
  const { models } = await readContent();
  const size = (name) => {
    const files = MODELS[name].flatMap((model) => Object.values(models[model].files));
    return files.reduce((sum, bytes) => sum + bytes, 0) / 1e6;
  };
  const cards = Object.entries(ROOMS).map(([name, [title, shape, about]]) => {
    const weight = MODELS[name].length ? `${size(name).toFixed(1)} MB` : "no model";
    const link = make("a", { href: `#${name}` }, make("strong", {}, title), about, " ");
    link.append(make("em", {}, `${shape} · ${weight}`));
    return make("li", {}, link);
  });
  document.querySelector("[data-part=cards]").replaceChildren(...cards);
}

function nameTheme() {
  document.getElementById("theme").textContent = isDark() ? "Light" : "Dark";
}

function changeTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  announceTheme();
}

function announceTheme() {
  document.dispatchEvent(new Event("themechange"));
  nameTheme();
}

document.getElementById("theme").addEventListener("click", changeTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announceTheme);
addEventListener("hashchange", async () => {
  await show();
  document.querySelector("main > section:not([hidden]) h2").focus();
});
nameTheme();
show();
showCards().catch((error) => {
  document.querySelector("[data-part=cards]").replaceWith(
    make("p", { class: "error", role: "alert" }, error.message),
  );
});
