// A pad to draw on, with a pointer or with keys.

const PEN = 18; // pixels of 280
const STEP = 8; // of an arrow key

export class Pad {
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.onChange = onChange;
    this.at = [140, 60];
    this.isDown = false;
    this.clear();
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.last = this.#place(event);
      this.#stroke(this.last, this.last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const place = this.#place(event);
      this.#stroke(this.last, place);
      this.last = place;
    });
    canvas.addEventListener("keydown", (event) => this.#press(event));
    canvas.addEventListener("blur", () => {
      this.isDown = false;
      this.#mark();
    });
    canvas.addEventListener("focus", () => this.#mark());
  }

  clear() {
    const { context, canvas } = this;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    this.isDown = false;
    this.isEmpty = true;
    this.#mark();
  }

  // Shows an image, as large as it fits.
  show(image) {
    this.clear();
    const { canvas } = this;
    const scale = Math.min(canvas.width / image.width, canvas.height / image.height);
    const width = image.width * scale, height = image.height * scale;
    const left = (canvas.width - width) / 2, top = (canvas.height - height) / 2;
    this.context.drawImage(image, left, top, width, height);
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * this.canvas.width) / box.width,
      ((event.clientY - box.top) * this.canvas.height) / box.height,
    ];
  }

  #stroke(from, to) {
    const { context } = this;
    context.strokeStyle = "#111";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0] + 0.01, to[1]);
    context.stroke();
    this.isEmpty = false;
    this.onChange();
  }

  #press(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (move) {
      const before = this.at;
      const side = this.canvas.width - 10;
      this.at = before.map((value, i) => Math.min(Math.max(value + STEP * move[i], 10), side));
      if (this.isDown) this.#stroke(before, this.at);
    } else if (event.key === " ") {
      this.isDown = !this.isDown;
      if (this.isDown) this.#stroke(this.at, this.at);
    } else if (event.key === "Escape") {
      this.clear();
      this.onChange();
    } else return;
    event.preventDefault();
    this.#mark();
  }

  // Says where the pen of the keys is; a mark on the canvas would be taken for ink.
  #mark() {
    const [x, y] = this.at;
    const place = `pen ${this.isDown ? "down" : "up"} at ${Math.round(x)}, ${Math.round(y)}`;
    this.canvas.setAttribute("aria-label", `Drawing pad, ${place}`);
    const size = this.canvas.clientWidth / this.canvas.width || 1;
    this.canvas.dispatchEvent(
      new CustomEvent("pen", { detail: { x: x * size, y: y * size, isDown: this.isDown } }),
    );
  }
}
