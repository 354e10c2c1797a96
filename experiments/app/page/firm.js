// One firm: its books in the step shown, whom it deals with, what it considered and why it chose, its history.

import { $, make, number, percent, words } from "./dom.js";
import { considered, historyOf } from "./server.js";

const COLUMNS = ["volume", "price", "unit_cost", "markup", "quality", "capability", "capacity"];

export class FirmPanel {
  constructor(onClose) {
    $("firm-close").addEventListener("click", onClose);
    $("firm-history").addEventListener("click", () => this.history());
  }

  // Shows a firm of a film at a step; what it considered is asked for when `rest` is true.
  show(film, asked, firm, step, colour, rest) {
    Object.assign(this, { film, asked, name: film.firms[firm] });
    $("firm").hidden = false;
    $("firm-name").textContent = this.name;
    $("firm-name").style.borderColor = colour || "var(--other)";
    const rows = film.rowsOf(firm, step);
    $("firm-when").textContent = rows.length ? film.dates[step] : `${film.dates[step]}: not in the market`;
    $("firm-books").replaceChildren(...(rows.length ? [books(film, rows, step)] : []));
    $("firm-partners").textContent = partners(film, firm, step);
    $("firm-told").hidden = true;
    if (rest) this.considers(step);
    else $("firm-why").replaceChildren(make("p", { class: "faint", text: "Pause to see what it considers." }));
  }

  async considers(step) {
    const asked = (this.asking = {});
    $("firm-why").replaceChildren(make("p", { class: "faint", text: "asking …" }));
    let shown;
    try {
      shown = explained(await considered(this.asked, this.name, step));
    } catch (error) {
      shown = [make("p", { class: "error", text: error.message })];
    }
    if (this.asking === asked) $("firm-why").replaceChildren(...shown);
  }

  async history() {
    const name = this.name;
    const told = $("firm-told");
    told.hidden = false;
    told.replaceChildren(make("p", { class: "faint", text: "playing the run once more …" }));
    try {
      const { history } = await historyOf(this.asked, name);
      if (name === this.name) told.replaceChildren(...history.split("\n").map((text) => make("p", { text })));
    } catch (error) {
      told.replaceChildren(make("p", { class: "error", text: error.message }));
    }
  }
}

export function books(film, rows, step) {
  const head = make("tr", {}, make("th"), ...rows.map((r) => make("th", { text: film.layers[film.arrays.row_layer[r]] })));
  const line = (name, write) => make("tr", {}, make("td", { text: words(name) }), ...rows.map((r) => make("td", { text: write(r) })));
  const lines = COLUMNS.map((name) => line(name, (r) => (name === "markup" ? percent(film.book[name][r]) : number(film.book[name][r]))));
  const shares = line("share of layer", (r) => percent(film.share(r, step)));
  const cash = make("tr", {}, make("td", { text: "cash" }), make("td", { text: number(film.book.cash[rows[0]]) }));
  return make("table", { class: "books" }, head, shares, ...lines, cash);
}

// Suppliers, clients and allies in one sentence each.
function partners(film, firm, step) {
  const { firm_slot, row_firm, edges, weights } = film.arrays;
  const slot = firm_slot[firm];
  const [from, to] = film.span(step);
  const there = new Map();
  for (let r = from; r < to; r++) there.set(firm_slot[row_firm[r]], film.firms[row_firm[r]]);
  const links = film.links.at(step);
  const [suppliers, clients] = [new Map(), new Map()];
  for (let e = 0; e < weights.length; e++) {
    const layer = film.layers[edges[2 * e + 1]];
    const supplier = links[e * film.slots + slot];
    if (supplier >= 0 && there.has(supplier)) suppliers.set(`${layer} from ${supplier === slot ? "itself" : there.get(supplier)}`, 1);
    for (let i = 0; i < film.slots; i++) {
      if (i !== slot && links[e * film.slots + i] === slot && there.has(i)) clients.set(there.get(i), 1);
    }
  }
  const ties = [...film.ties.at(step).subarray(slot * film.places, (slot + 1) * film.places)].filter((ally) => ally >= 0);
  return [
    suppliers.size ? `Buys ${[...suppliers.keys()].join(", ")}.` : "Buys nothing.",
    clients.size ? `Sells to ${some([...clients.keys()])}.` : "",
    ties.length ? `Allied with ${ties.map((ally) => there.get(ally) ?? "a vacant slot").join(", ")}.` : "No allies.",
  ].join(" ");
}

const some = (names) => names.slice(0, 6).join(", ") + (names.length > 6 ? ` and ${names.length - 6} more` : "");

function explained({ when, decisions }) {
  const shown = decisions.filter(({ questions }) => questions.length);
  if (!shown.length) return [make("p", { class: "faint", text: `Nothing to decide in ${when}.` })];
  return shown.map(({ decision, questions }, n) =>
    make("details", { open: n === 0, "data-decision": decision }, make("summary", { text: decision }), ...questions.map(question)),
  );
}

function question({ about, due, choice, options, more }) {
  const most = Math.max(1e-9, ...options.flatMap(({ terms }) => Object.values(terms).map((term) => Math.abs(term ?? 0))));
  const title = make("p", {}, make("b", { text: about }), `: ${choice}`);
  const lines = options.map(({ name, value, terms, chosen }) =>
    make("tr", { class: chosen ? "chosen" : "" }, make("td", { text: `${chosen ? "✓ " : ""}${name}` }), make("td", { text: number(value) }), make("td", {}, bars(terms, most))),
  );
  const rest = more ? [make("p", { class: "faint", text: `and ${more} more` })] : [];
  return make("div", { class: due ? "question" : "question idle" }, title, make("table", {}, ...lines), ...rest);
}

// Every term as a bar: to the right what speaks for the option, to the left what speaks against it.
function bars(terms, most) {
  const list = Object.entries(terms).map(([name, term]) => {
    const bar = make("i", { class: term < 0 ? "against" : "for" });
    bar.style.width = `${(46 * Math.abs(term ?? 0)) / most}%`;
    return make("span", { class: "term", title: `${words(name)} ${term > 0 ? "+" : ""}${number(term)}` }, bar, make("em", { text: `${words(name)} ${term > 0 ? "+" : ""}${number(term)}` }));
  });
  return make("div", { class: "terms" }, ...list);
}
