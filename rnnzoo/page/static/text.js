// Texts as ids and back, as rnnzoo.onnx.texts does. What is done to a text, such as the
// patterns that are replaced, stands in the signature.json of a model.

export const PAD = 0, UNKNOWN = 1, START = 2, END = 3;
const WORD = "[0-9A-Za-z_]";
const BOUNDARY = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
// What RE2 takes for the same letter when case does not count, beyond ASCII.
const FOLDED = { k: "\u212a", s: "\u017f" };

export class TextReader {
  // rules: what signature.json says of reading; tokens: the vocabulary.
  constructor(rules, tokens) {
    this.rules = rules;
    this.ids = new Map(tokens.map((token, i) => [token, i]).slice(END + 1));
    this.longest = 1;
    for (const token of this.ids.keys()) {
      this.longest = Math.max(this.longest, [...token].length);
    }
  }

  // The sentences of a text, one unless the model takes texts apart.
  sentences(text) {
    const { sentences } = this.rules;
    if (!sentences) return [text.toWellFormed()];
    const marked = replacePatterns(text.toWellFormed(), sentences.replacements);
    return marked.split(sentences.cut).slice(0, sentences.most);
  }

  // What stays at the end of what is written: emoji, with the space before them.
  ending(text) {
    const patterns = this.rules.sentences?.last_emoji;
    return patterns ? replacePatterns(text.toWellFormed(), patterns) : "";
  }

  tokenize(text) {
    const rules = this.rules;
    let plain = replacePatterns(text.toWellFormed(), rules.replacements);
    if (rules.lowercase) plain = plain.toLowerCase();
    const words = plain.split(/[ \t\n\v\f\r]+/).filter(Boolean);
    const most = rules.max_length - 1;
    if (rules.pieces === "subwords") {
      const ids = [];
      for (const word of words) {
        if (ids.length >= most) break;
        ids.push(...this.#cut(word));
      }
      return [...ids.slice(0, most), END];
    }
    const known = (word) => this.ids.get(word) ?? UNKNOWN;
    if (rules.opens) return [END, ...words.slice(-most).map(known)];
    const head = Math.floor(most / 3);
    const rest = words.slice(head);
    const kept = [...words.slice(0, head), ...rest.slice(Math.min(head - most, 0))];
    return [...kept.map(known), END];
  }

  // The ids of a word's pieces, each the longest that there is.
  #cut(whole) {
    const word = [...whole].slice(0, this.rules.max_word_length);
    const ids = [];
    let wasUnknown = false;
    for (let place = 0; place < word.length; ) {
      let end = Math.min(place + this.longest, word.length);
      let id;
      for (; end > place; end--) {
        id = this.ids.get(word.slice(place, end).join(""));
        if (id !== undefined) break;
      }
      const isUnknown = id === undefined;
      if (!isUnknown) ids.push(id);
      else if (!wasUnknown) ids.push(UNKNOWN); // one id for a run of unknown letters
      place = Math.max(end, place + 1);
      wasUnknown = isUnknown;
    }
    return this.rules.spelled ? this.#spell(word, ids) : ids;
  }

  // The ids of a word's pieces, or of its letters if the pieces are small.
  #spell(word, ids) {
    const [pieces, letters] = this.rules.spelled;
    const size = word.filter((letter) => letter !== this.rules.space).length;
    if (ids.length < pieces || 3 * size > letters * ids.length) return ids;
    const spelled = word.map((letter) => this.ids.get(letter) ?? UNKNOWN);
    return spelled.includes(UNKNOWN) ? ids : spelled;
  }
}

export class TextWriter {
  constructor(rules, tokens) {
    this.rules = rules;
    this.tokens = tokens;
  }

  // The text of ids; special tokens are passed over, and all that follows the end.
  detokenize(tokenIds) {
    let ids = [...tokenIds];
    if (ids.includes(END)) ids = ids.slice(0, ids.indexOf(END));
    const tokens = ids.filter((id) => id > END).map((id) => this.tokens[id]);
    const rules = this.rules;
    if (rules.pieces === "subwords") {
      return tokens.join("").replaceAll(rules.space, " ").replace(/^ +| +$/g, "");
    }
    if (rules.pieces === "captions") return tokens.join(" ").replaceAll(" '", "'");
    let text = "", isClose = true, isOpenQuote = false;
    for (const token of tokens) {
      const isQuote = token === rules.quote;
      const closes =
        rules.close_before.includes(token) || (isQuote && isOpenQuote);
      text += isClose || closes ? token : ` ${token}`;
      if (isQuote) isOpenQuote = !isOpenQuote; // every second one closes
      isClose = rules.close_after.includes(token) || (isQuote && isOpenQuote);
    }
    return text;
  }
}

// The tokens of a vocabulary's file, one a line.
export function readVocabulary(content) {
  return content.split("\n").slice(0, -1);
}

// Replaces patterns in the syntax of RE2, one after another.
export function replacePatterns(text, replacements) {
  for (const [pattern, replacement] of replacements) {
    const by = replacement.replaceAll("$", "$$$$").replace(/\\(\d)/g, "$$$1");
    text = text.replace(compilePattern(pattern), by);
  }
  return text;
}

const compiled = new Map();

// A pattern of RE2 as JavaScript has it. Words and white space are those of ASCII.
export function compilePattern(pattern) {
  if (!compiled.has(pattern)) compiled.set(pattern, translate(pattern));
  return compiled.get(pattern);
}

function translate(pattern) {
  const ignoresCase = pattern.startsWith("(?i)");
  const source = ignoresCase ? pattern.slice(4) : pattern;
  let inClass = false;
  const parts = [];
  for (const [part] of source.matchAll(/\\p\{\w+\}|\\.|\(\?:|./gsu)) {
    if (part === "[") inClass = true;
    else if (part === "]") inClass = false;
    if (part === "\\s") parts.push(inClass ? " \\t\\n\\f\\r" : "[ \\t\\n\\f\\r]");
    else if (part === "\\b") parts.push(BOUNDARY);
    else if (part === "." && !inClass) parts.push("[^\\n]");
    else if (ignoresCase && /^[a-z]$/i.test(part)) {
      const small = part.toLowerCase();
      const both = small + small.toUpperCase() + (FOLDED[small] ?? "");
      parts.push(inClass ? both : `[${both}]`);
    } else parts.push(part);
  }
  return new RegExp(parts.join(""), "gu");
}
