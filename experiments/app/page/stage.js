// The stage: one network or two beside each other, played step by step.

import { $, make, tip } from "./dom.js";
import { drawnAsSvg, fitted } from "./board.js";
import { Network } from "./network.js";
import { unitTold } from "./told.js";

const LINKS = ["supply", "alliances", "contacts"];
const TYPED = "input:not([type=checkbox], [type=range]), select, textarea";

export class Stage {
  constructor({ onStep, onFirm }) {
    Object.assign(this, { onStep, onFirm, step: 0, chosen: "", views: [], drawn: 0 });
    for (const name of LINKS) $(`show-${name}`).addEventListener("change", () => this.ticked());
    $("play").addEventListener("click", () => this.toggle());
    $("back").addEventListener("click", () => this.go(this.step - 1));
    $("next").addEventListener("click", () => this.go(this.step + 1));
    $("step").addEventListener("input", () => this.go(Number($("step").value)));
    document.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.films && this.refit()).observe($("networks"));
  }

  get playing() {
    return this.clock !== undefined;
  }

  key(event) {
    const own = event.key === " " ? "button, summary, [type=checkbox]" : "[type=range]";
    if (event.target.matches(`${TYPED}, ${own}`)) return;
    const moves = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key === " ") this.toggle();
    else if (event.key in moves) this.go(this.step + moves[event.key]);
    else return;
    event.preventDefault();
  }

  // Puts films on the stage, each with its title, in the size that there is.
  show(films, colours, titles) {
    Object.assign(this, { films, colours, titles });
    $("networks").classList.toggle("two", films.length > 1);
    this.views = films.map((film, n) => {
      const canvas = make("canvas", { role: "img", "aria-label": `network of the market${titles[n] ? `, ${titles[n]}` : ""}` });
      const element = make("div", { class: "network" }, canvas, make("span", { text: titles[n] }));
      canvas.addEventListener("mousemove", (event) => this.hover(event, n));
      canvas.addEventListener("mouseleave", () => tip());
      canvas.addEventListener("click", (event) => this.click(event, n));
      return { film, canvas, element };
    });
    $("networks").replaceChildren(...this.views.map(({ element }) => element));
    $("step").max = films[0].steps - 1;
    this.legend();
    this.step = Math.min(this.step, films[0].steps - 1);
    this.refit();
  }

  fit() {
    for (const view of this.views) {
      const { width, height } = view.element.getBoundingClientRect();
      view.pen = fitted(view.canvas, Math.max(280, Math.floor(width)), Math.max(300, Math.floor(height)));
      view.network = new Network(view.film, this.colours, Math.max(280, Math.floor(width)), Math.max(300, Math.floor(height)));
    }
  }

  refit() {
    this.fit();
    this.go(this.step);
  }

  legend() {
    const present = new Set(this.films.flatMap((film) => film.firms));
    const owners = [...this.colours].filter(([name]) => present.has(name));
    const entry = (colour, name) => {
      const spot = make("i");
      spot.style.background = colour;
      return make("button", { onclick: () => this.onFirm(name === "other firms" ? "" : name) }, spot, name);
    };
    const { supply, alliances, contacts } = this.shown;
    const lines = [supply && "line: supply, in the supplier's colour", alliances && "dashed: alliance", contacts && "thin: contact"];
    const key = ["area: share of the layer", "ringed: open", ...lines].filter(Boolean).join(" · ");
    $("legend").replaceChildren(...owners.map(([name, colour]) => entry(colour, name)), entry("var(--other)", "other firms"), make("small", { text: key }));
  }

  go(step) {
    this.step = Math.max(0, Math.min(step, this.films[0].steps - 1));
    $("step").value = this.step;
    $("when").textContent = this.films[0].dates[this.step];
    for (const { network } of this.views) network.look(this.step);
    this.draw();
    this.onStep(this.step);
  }

  draw() {
    for (const view of this.views) this.drawOn(view.pen, view);
    this.drawn++;
  }

  drawOn(pen, { network, film }) {
    network.draw(pen, this.shown, film.number.get(this.chosen) ?? -1);
  }

  get shown() {
    return Object.fromEntries(LINKS.map((name) => [name, $(`show-${name}`).checked]));
  }

  ticked() {
    this.legend();
    this.draw();
  }

  choose(name) {
    this.chosen = name;
    this.draw();
  }

  toggle() {
    if (this.playing) return this.pause();
    if (this.step === this.films[0].steps - 1) this.go(0);
    $("play").textContent = "❚❚";
    let last = performance.now();
    const tick = (now) => {
      if (now - last >= 1000 / Number($("speed").value)) {
        last = now;
        if (this.step === this.films[0].steps - 1) return void this.pause();
        this.go(this.step + 1);
      }
      this.clock = requestAnimationFrame(tick);
    };
    this.clock = requestAnimationFrame(tick);
  }

  pause() {
    cancelAnimationFrame(this.clock);
    this.clock = undefined;
    $("play").textContent = "▶";
    this.onStep(this.step);
  }

  hover(event, n) {
    const found = this.views[n].network.find(event.offsetX, event.offsetY);
    this.views[n].canvas.style.cursor = found && found.firm >= 0 ? "pointer" : "default";
    tip(event, found && unitTold(this.views[n].network, found));
  }

  click(event, n) {
    const found = this.views[n].network.find(event.offsetX, event.offsetY);
    this.onFirm(found && found.firm >= 0 ? this.views[n].film.firms[found.firm] : "", n);
  }

  svg() {
    const view = this.views.at(-1);
    const { network, film } = view;
    const title = `${film.stack.title || film.stack.name}, ${film.dates[this.step]}`;
    return drawnAsSvg(network.plan.width, network.plan.height, title, (pen) => this.drawOn(pen, view));
  }
}
