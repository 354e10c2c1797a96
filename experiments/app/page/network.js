// The network of one step: who supplies whom, who is allied, who knows whom.

import { ink } from "./palette.js";
import { layout, radiusOf } from "./layout.js";

const WIDTHS = [0.5, 1, 2, 3.5];

// Writes a text that can be read above links and units; returns its width.
function backed(pen, paint, colour, text, x, y) {
  const { width } = pen.measureText(text);
  pen.globalAlpha = 0.8;
  pen.fillStyle = paint.page;
  pen.fillRect(x - 2, y - 10, width + 4, 13);
  pen.globalAlpha = 1;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
  return width;
}

export class Network {
  constructor(film, colours, width, height) {
    Object.assign(this, { film, colours });
    this.plan = layout(film, colours, width, height);
    this.colour = film.firms.map((name) => colours.get(name) ?? "");
    this.size = new Float32Array(this.plan.nodes.length);
    this.row = new Int32Array(this.plan.nodes.length);
  }

  // Goes on with another film of the same market; firms that had no place so far are among the others.
  follow(film) {
    const known = this.plan.place.map((places) => new Map([...places].map(([firm, n]) => [this.film.firms[firm], n])));
    this.film = film;
    this.colour = film.firms.map((name) => this.colours.get(name) ?? "");
    this.plan.place = known.map((places) => new Map([...places].filter(([name]) => film.number.has(name)).map(([name, n]) => [film.number.get(name), n])));
    this.plan.place.forEach((places) => places.forEach((n, firm) => (this.plan.nodes[n].firm = firm)));
  }

  // Sizes and rows of all nodes in a step, and which node every slot's unit is.
  look(step) {
    const { film, plan, size, row } = this;
    const a = film.arrays;
    size.fill(0);
    row.fill(-1);
    this.step = step;
    this.counts = new Int32Array(film.layers.length);
    this.node = new Int32Array(film.layers.length * film.slots).fill(-1);
    const [from, to] = film.span(step);
    for (let r = from; r < to; r++) {
      const [k, firm] = [a.row_layer[r], a.row_firm[r]];
      const at = plan.place[k].get(firm) ?? plan.others[k];
      this.node[k * film.slots + a.firm_slot[firm]] = at;
      size[at] += film.share(r, step);
      row[at] = r;
      if (plan.nodes[at].firm < 0) this.counts[k]++;
    }
    this.home = Int32Array.from(a.home, (k, slot) => this.node[k * film.slots + slot]);
    this.pairs = this.flows(step);
  }

  // Client node and supplier node -> units a step between them, as links stood when the step was traded.
  flows(step) {
    const { film, node } = this;
    const { edges, weights, firm_slot } = film.arrays;
    const links = film.links.at(step);
    const volume = new Float32Array(film.layers.length * film.slots);
    const [from, to] = film.span(step);
    for (let r = from; r < to; r++) {
      volume[film.arrays.row_layer[r] * film.slots + firm_slot[film.arrays.row_firm[r]]] = film.book.volume[r];
    }
    const found = new Map();
    for (let e = 0; e < weights.length; e++) {
      const [k, m] = [edges[2 * e], edges[2 * e + 1]];
      for (let i = 0; i < film.slots; i++) {
        const j = links[e * film.slots + i];
        const client = node[k * film.slots + i];
        const supplier = j < 0 ? -1 : node[m * film.slots + j];
        const flow = weights[e] * volume[k * film.slots + i];
        if (client < 0 || supplier < 0 || flow <= 0) continue;
        const key = client * 65536 + supplier;
        found.set(key, (found.get(key) ?? 0) + flow / (film.wholes[step * film.layers.length + m] || 1));
      }
    }
    return found;
  }

  draw(pen, shown, chosen) {
    const paint = ink();
    pen.clearRect(0, 0, this.plan.width, this.plan.height);
    if (shown.contacts) this.contacts(pen, paint, chosen);
    if (shown.supply) this.supply(pen, paint, chosen);
    if (shown.alliances) this.alliances(pen, paint, chosen);
    this.units(pen, paint, chosen);
    this.names(pen, paint, this.rows(pen, paint));
  }

  // Titles of the layers; returns where they stand.
  rows(pen, paint) {
    const { plan, film } = this;
    const written = [];
    film.layers.forEach((layer, k) => {
      const y = plan.nodes[plan.others[k]].y;
      const top = y - plan.pitch * (plan.narrow ? 0.4 : 0.06);
      pen.textAlign = "left";
      pen.textBaseline = "alphabetic";
      pen.font = "600 12px system-ui, sans-serif";
      const wide = backed(pen, paint, paint.text, layer, 8, top);
      pen.font = "11px system-ui, sans-serif";
      const what = film.demand.has(layer) ? "buyers" : film.regimeOf(layer, this.step);
      const next = plan.narrow ? backed(pen, paint, paint.faint, what, 14 + wide, top) : backed(pen, paint, paint.faint, what, 8, top + 14);
      const half = (plan.narrow ? wide + next + 6 : Math.max(wide, next)) / 2 + 2;
      written.push({ x: 8 + half, y: top - 4, half });
      if (this.counts[k] > 0) {
        const others = `+${this.counts[k]}`;
        const { x } = plan.nodes[plan.others[k]];
        const wide = backed(pen, paint, paint.faint, others, x - pen.measureText(others).width / 2, y + 4);
        written.push({ x, y, half: wide / 2 + 2 });
      }
    });
    return written;
  }

  supply(pen, paint, chosen) {
    const batches = new Map();
    for (const [key, flow] of this.pairs) {
      const [client, supplier] = [this.plan.nodes[Math.floor(key / 65536)], this.plan.nodes[key % 65536]];
      const touches = chosen < 0 || client.firm === chosen || supplier.firm === chosen;
      const rest = client.firm < 0 || supplier.firm < 0;
      const wide = rest ? 0 : flow > 0.05 ? 3 : flow > 0.015 ? 2 : flow > 0.004 ? 1 : 0;
      const colour = (supplier.firm >= 0 && this.colour[supplier.firm]) || paint.link;
      const style = `${touches ? 1 : 0} ${wide} ${colour}`;
      if (!batches.has(style)) batches.set(style, []);
      batches.get(style).push([supplier, client]);
    }
    const alphas = chosen < 0 ? [0.16, 0.32, 0.5, 0.62] : [0.5, 0.6, 0.75, 0.85];
    for (const style of [...batches.keys()].sort()) {
      const [touches, wide, colour] = style.split(" ");
      pen.strokeStyle = colour;
      pen.lineWidth = WIDTHS[wide];
      pen.globalAlpha = touches === "1" ? alphas[wide] : 0.05;
      pen.beginPath();
      for (const [from, to] of batches.get(style)) {
        const bend = (to.y - from.y) * 0.5;
        pen.moveTo(from.x, from.y);
        pen.bezierCurveTo(from.x, from.y + bend, to.x, to.y - bend, to.x, to.y);
      }
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  // Lines between the homes of two slots.
  between(pen, pairs, chosen, bow) {
    pen.beginPath();
    for (const [one, other] of pairs) {
      const [a, b] = [this.plan.nodes[this.home[one]], this.plan.nodes[this.home[other]]];
      if (!a || !b || a.firm < 0 || b.firm < 0 || (chosen >= 0 && a.firm !== chosen && b.firm !== chosen)) continue;
      pen.moveTo(a.x, a.y);
      const lift = a.y === b.y ? Math.min(bow * Math.abs(a.x - b.x), this.plan.pitch * 0.8) : 0;
      pen.quadraticCurveTo((a.x + b.x) / 2, (a.y + b.y) / 2 - lift, b.x, b.y);
    }
    pen.stroke();
  }

  alliances(pen, paint, chosen) {
    const ties = this.film.ties.at(this.step);
    const pairs = [];
    for (let n = 0; n < ties.length; n++) {
      const slot = Math.floor(n / this.film.places);
      if (ties[n] > slot) pairs.push([slot, ties[n]]);
    }
    pen.strokeStyle = paint.ally;
    pen.lineWidth = chosen < 0 ? 1 : 1.6;
    pen.globalAlpha = chosen < 0 ? 0.45 : 0.9;
    pen.setLineDash([4, 3]);
    this.between(pen, pairs, chosen, 0.3);
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  contacts(pen, paint, chosen) {
    const { contacts } = this.film.arrays;
    const pairs = Array.from({ length: contacts.length / 2 }, (_, n) => [contacts[2 * n], contacts[2 * n + 1]]);
    pen.strokeStyle = paint.faint;
    pen.lineWidth = 0.5;
    pen.globalAlpha = chosen < 0 ? 0.14 : 0.7;
    this.between(pen, pairs, chosen, 0.2);
    pen.globalAlpha = 1;
  }

  units(pen, paint, chosen) {
    const { plan, size } = this;
    const order = plan.nodes.map((_, n) => n).sort((a, b) => size[b] - size[a]);
    order.forEach((n) => {
      const node = plan.nodes[n];
      if (this.row[n] < 0) return;
      const mine = node.firm >= 0 && this.colour[node.firm];
      pen.globalAlpha = chosen >= 0 && node.firm !== chosen ? 0.35 : 1;
      if (node.firm < 0) return void this.rest(pen, paint, node, size[n]);
      pen.beginPath();
      pen.arc(node.x, node.y, radiusOf(plan.largest, size[n]), 0, 2 * Math.PI);
      pen.fillStyle = mine || paint.other;
      pen.fill();
      const open = this.film.book.open[this.row[n]] > 0;
      pen.lineWidth = node.firm === chosen ? 3 : open ? 1.6 : 0.7;
      pen.strokeStyle = node.firm === chosen || open ? paint.text : paint.page;
      pen.stroke();
    });
    pen.globalAlpha = 1;
  }

  // The others of a layer: a bar as long as their share.
  rest(pen, paint, node, share) {
    pen.fillStyle = paint.other;
    pen.globalAlpha *= 0.5;
    pen.fillRect(node.x - 24, node.y + 8, 48, 3);
    pen.globalAlpha *= 2;
    pen.fillRect(node.x - 24, node.y + 8, 48 * Math.min(1, share), 3);
  }

  // Names of the largest owners' units, below or beside them, where nothing is `written`.
  names(pen, paint, written) {
    pen.font = "600 10px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const free = (x, y, half) => !written.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 13);
    const order = this.plan.nodes.map((_, n) => n).sort((a, b) => this.size[b] - this.size[a]);
    for (const n of order) {
      const node = this.plan.nodes[n];
      const radius = radiusOf(this.plan.largest, this.size[n]);
      if (radius < this.plan.largest * 0.26) break;
      if (node.firm < 0 || this.row[n] < 0 || !this.colour[node.firm]) continue;
      const half = pen.measureText(node.name).width / 2 + 2;
      const within = (x) => Math.max(half, Math.min(this.plan.width - half, x));
      const places = [[within(node.x), node.y + radius + 7], ...[1, -1].map((side) => [within(node.x + side * (radius + half)), node.y])]; // prettier-ignore
      const [x, y] = places.find(([x, y]) => free(x, y, half)) ?? [];
      if (x === undefined) continue;
      written.push({ x, y, half });
      pen.globalAlpha = 0.8;
      pen.fillStyle = paint.page;
      pen.fillRect(x - half, y - 6, 2 * half, 12);
      pen.globalAlpha = 1;
      pen.fillStyle = paint.text;
      pen.fillText(node.name, x, y);
    }
  }

  // The node under a point, or null.
  find(x, y) {
    let best = null;
    let nearest = 9;
    this.plan.nodes.forEach((node, n) => {
      if (this.row[n] < 0) return;
      const radius = node.firm < 0 ? 16 : radiusOf(this.plan.largest, this.size[n]);
      const away = Math.hypot(node.x - x, node.y - y) - radius;
      if (away < nearest) [best, nearest] = [n, away];
    });
    return best === null ? null : { ...this.plan.nodes[best], n: best, row: this.row[best], share: this.size[best] };
  }
}
