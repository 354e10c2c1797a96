// What happened, as sentences; and what differs between two runs, as a table.

import { $, make, number, percent, words } from "./dom.js";

const TOLD = {
  switched: (e) => [`moves its ${e.layer} from ${e.former} to `, whom(e)],
  built: (e) => [e.counterparty ? `makes its own ${e.layer}, instead of buying from ${e.counterparty}` : `enters ${e.layer}`],
  closed: (e) => [`closes its unit in ${e.layer}`],
  allied: (e) => ["allies with ", e.counterparty],
  parted: (e) => ["parts from ", e.counterparty ?? "an ally that is gone"],
  entered: (e) => [`is founded in ${e.layer}`],
  left: (e) => [`fails in ${e.layer}, and nobody takes it over`],
  acquired: (e) => ["takes over ", e.counterparty],
  adopted: () => ["adopts"],
};
const whom = (e) => (e.counterparty === e.firm ? "its own unit" : e.counterparty);
const MOST = 60;
const LOOK = 12;

export class Feed {
  constructor(kinds, meanings, onFirm) {
    Object.assign(this, { onFirm, hidden: new Set(["adopted"]) });
    const boxes = kinds.map((kind) => {
      const box = make("input", { type: "checkbox", checked: !this.hidden.has(kind) });
      box.addEventListener("change", () => {
        this.hidden[box.checked ? "delete" : "add"](kind);
        this.show(this.film, this.step);
      });
      return make("label", { title: meanings[kind]?.meaning }, box, kind);
    });
    $("feed-kinds").replaceChildren(...boxes);
  }

  // The step's events and those of some steps before, the largest first.
  show(film, step) {
    Object.assign(this, { film, step });
    const shown = [];
    for (let t = step; t > Math.max(-1, step - LOOK) && shown.length < MOST; t--) {
      const events = film.eventsOf(t).filter(({ kind }) => !this.hidden.has(kind));
      if (!events.length) continue;
      events.sort((a, b) => weight(b) - weight(a));
      shown.push(make("h4", { text: film.dates[t] }), ...events.slice(0, t === step ? 25 : 6).map((event) => this.line(event)));
    }
    $("feed-list").replaceChildren(...(shown.length ? shown : [make("p", { class: "faint", text: "nothing yet" })]));
  }

  line(event) {
    const volume = event.volume > 0 ? make("small", { text: ` ${number(event.volume)}` }) : null;
    const name = make("button", { class: "link", text: event.firm, onclick: () => this.onFirm(event.firm) });
    return make("p", { class: `event ${event.kind}` }, name, " ", ...TOLD[event.kind](event), volume);
  }
}

const RARE = new Set(["acquired", "left", "entered", "allied", "built"]);
const weight = (event) => event.volume + (RARE.has(event.kind) ? 1000 : 0);

const points = (value) => `${(100 * value).toFixed(1)} points`;
const COMPARED = [
  ["hhi", "HHI", number, number],
  ["lerner", "Lerner", percent, points],
  ["in_house_share", "in-house", percent, points],
  ["profit_share", "margins", percent, points],
];

// Means over the last steps of both runs, layer by layer, and the change.
export function difference([baseline, changed]) {
  const head = make("tr", {}, make("th", { text: "layer" }), make("th", { text: "regime" }), ...COMPARED.map(([, title]) => make("th", { text: title })));
  const rows = changed.selling.filter((layer) => baseline.selling.includes(layer)).map((layer) => {
    const regimes = [baseline, changed].map((film) => film.regimeOf(layer, film.steps - 1));
    const told = regimes[0] === regimes[1] ? regimes[0] : regimes.join(" → ");
    const cells = COMPARED.map(([name, , write, apart]) => {
      const [before, after] = [baseline, changed].map((film) => late(film, name, layer));
      const change = after - before;
      const sign = Number.isNaN(change) || Math.abs(change) < 1e-12 ? "=" : change > 0 ? `+${apart(change)}` : `−${apart(-change)}`;
      return make("td", { title: `${words(name)}: ${write(before)} → ${write(after)}` }, `${write(after)} `, make("b", { text: sign }));
    });
    return make("tr", {}, make("td", { text: layer }), make("td", { text: told }), ...cells);
  });
  return make("table", { class: "difference" }, head, ...rows);
}

function late(film, name, layer) {
  const values = [...film.measure(name, layer).slice(-film.window)].filter((value) => !Number.isNaN(value));
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : NaN;
}
