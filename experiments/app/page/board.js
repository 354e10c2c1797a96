// Canvases that carry figures: sharp on any screen, with a cursor at the step shown, to be saved as SVG or PNG.

import { scale } from "./charts.js";
import { make, tip } from "./dom.js";
import { ink } from "./palette.js";
import { SvgContext } from "./svg.js";

export function fitted(canvas, width, height) {
  const dense = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  return pen;
}

// One figure of one or two films, in an element of its own.
export class Board {
  constructor(figure, onStep) {
    Object.assign(this, { figure, onStep });
    this.element = document.createElement("div");
    this.element.className = "board";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.cursor = document.createElement("canvas");
    this.cursor.className = "cursor";
    this.element.append(this.canvas, this.cursor);
    this.cursor.addEventListener("click", (event) => this.jump(event));
    this.cursor.addEventListener("mousemove", (event) => this.hover(event));
    this.cursor.addEventListener("mouseleave", () => tip());
  }

  draw(films, colours, width, step) {
    Object.assign(this, { films, colours, width });
    const trial = this.figure.draw(fitted(this.canvas, 1, 1), films, colours, width); // how tall it is
    const pen = fitted(this.canvas, width, trial.height);
    this.canvas.setAttribute("aria-label", this.figure.title);
    this.plan = this.figure.draw(pen, films, colours, width);
    this.over = fitted(this.cursor, width, trial.height);
    this.show(step);
  }

  show(step) {
    const film = this.films.at(-1);
    this.over.clearRect(0, 0, this.width, this.plan.height);
    this.over.strokeStyle = ink().text;
    this.over.lineWidth = 1;
    this.over.globalAlpha = 0.6;
    this.over.beginPath();
    for (const panel of this.plan.panels) {
      const x = Math.round(scale(panel, film, 1).x(step)) + 0.5;
      this.over.moveTo(x, panel.y);
      this.over.lineTo(x, panel.y + panel.h);
    }
    this.over.stroke();
  }

  // The panel and the step under the pointer, if there is one.
  under(event) {
    const [x, y] = [event.offsetX, event.offsetY];
    const panel = this.plan.panels.find((p) => x >= p.x - 6 && x <= p.x + p.w + 6 && y >= p.y - 20 && y <= p.y + p.h + 20);
    if (!panel) return {};
    const last = this.films.at(-1).steps - 1;
    return { panel, step: Math.round(Math.max(0, Math.min(1, (x - panel.x) / panel.w)) * last) };
  }

  jump(event) {
    const { panel, step } = this.under(event);
    if (panel) this.onStep(step);
  }

  hover(event) {
    const { panel, step } = this.under(event);
    if (!panel?.told) return void tip();
    tip(event, [make("b", { text: this.films.at(-1).dates[step] }), ...panel.told(step).map((text) => make("div", { text }))]);
  }

  svg() {
    return drawnAsSvg(this.width, this.plan.height, this.figure.title, (pen) =>
      this.figure.draw(pen, this.films, this.colours, this.width),
    );
  }
}

export function drawnAsSvg(width, height, title, draw) {
  const pen = new SvgContext(Math.round(width), Math.round(height));
  draw(pen);
  return pen.text(title, ink().page);
}

export function saved(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The canvas with the page's colour behind it.
export function savedAsPng(canvas, name) {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pen = copy.getContext("2d");
  pen.fillStyle = ink().page;
  pen.fillRect(0, 0, copy.width, copy.height);
  pen.drawImage(canvas, 0, 0);
  copy.toBlob((content) => saved(name, content, "image/png"));
}
