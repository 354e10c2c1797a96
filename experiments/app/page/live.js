// What Live shows of a market as it is: its network and some measures so far.

import { fitted } from "./board.js";
import { grid, hhiAxes, hhiTop, legend, line, shareAxes, veil } from "./charts.js";
import { tip } from "./dom.js";
import { unpacked } from "./film.js";
import { Network } from "./network.js";
import { OWNERS, ink, owners } from "./palette.js";
import { unitTold } from "./told.js";

const PANELS = [
  ["hhi", "HHI", hhiAxes],
  ["lerner", "Lerner index", shareAxes],
  ["in_house_share", "made in-house", shareAxes],
];
const LEGEND = 74;
const SHOWN = { supply: true, alliances: true, contacts: false };

// Resolves when the colours are there, which both drawings wait for.
function colours() {
  const known = document.querySelector("link[data-live]");
  const sheet = known ?? Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/page/theme.css" });
  sheet.dataset.live = "";
  if (!known) document.head.append(sheet);
  return sheet.sheet ? null : new Promise((done, failed) => {
    sheet.addEventListener("load", done);
    sheet.addEventListener("error", () => failed(new Error("the colours did not come")));
  });
}

export async function live(part, refs) {
  await colours();
  return new Live(part, refs);
}

class Live {
  constructor(part, refs) {
    Object.assign(this, { part, refs });
  }

  // Draws a frame and says when it is.
  show(frame) {
    const film = unpacked(frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.byteLength));
    const width = Math.max(260, this.refs.box.clientWidth);
    this[this.part](film, width);
    return film.step === 0 ? "before the first step" : [film.dates[0], film.beyond].filter(Boolean).join(" · ");
  }

  // Owners keep their colours, and units their places, until someone large is new or a new market begins.
  network(film, width) {
    const height = Math.min(560, Math.max(420, window.innerHeight - 380));
    const large = [...film.weights()].filter(([, weight]) => weight > 0.3).map(([name]) => name);
    const kept = this.view && this.size === width && film.step > 1 && large.every((name) => this.colours.has(name));
    if (!kept) {
      this.colours = owners([film]);
      for (const name of large) if (!this.colours.has(name)) this.colours.set(name, "#8b949e");
      this.view = new Network(film, this.colours, width, height);
      this.size = width;
      this.pen = fitted(this.refs.canvas, width, height + LEGEND);
    } else this.view.follow(film);
    this.view.look(0);
    this.view.draw(this.pen, SHOWN, -1);
    this.legend(width, height);
    this.refs.canvas.onmouseleave = () => tip();
    this.refs.canvas.onmousemove = (event) => {
      const found = this.view.find(event.offsetX, event.offsetY);
      tip(event, found && unitTold(this.view, found));
    };
  }

  legend(width, height) {
    const { other, ally, link } = ink();
    const largest = [...this.colours].filter(([, colour]) => OWNERS.includes(colour)).map(([name, colour]) => [colour, name]);
    this.pen.clearRect(0, height, width, LEGEND);
    const end = legend(this.pen, 8, height + 10, [...largest, [other, "other firms"], [link, "supply", true], [ally, "alliance", [4, 3]]], width);
    this.pen.fillText("area: share of the layer · ringed: open", 8, end + 2);
  }

  measures(film, width) {
    const steps = Math.max(2, film.step);
    const whole = { ...film, steps, dates: ["start", ...Array(steps - 2).fill(""), film.dates[0]] };
    const layers = film.selling;
    const plan = grid(layers.length, width, 64);
    const pen = fitted(this.refs.canvas, width, PANELS.length * (plan.height + 22));
    PANELS.forEach(([name, title, axes], n) => {
      const top = axes === hhiAxes ? hhiTop(layers.flatMap((layer) => film.series[name][layer])) : 1;
      pen.save();
      pen.translate(0, n * (plan.height + 22));
      pen.fillStyle = ink().text;
      pen.font = "600 12px system-ui, sans-serif";
      pen.textAlign = "left";
      pen.fillText(title, 8, 12);
      pen.translate(0, 16);
      layers.forEach((layer, k) => {
        const values = film.series[name][layer].map((value) => value ?? NaN);
        axes(pen, plan.panels[k], whole, layer, top);
        line(pen, plan.panels[k], whole, values, top, ink().text);
        veil(pen, plan.panels[k], whole);
      });
      pen.restore();
    });
  }
}
