// The figures of a run: what each shows, as drawings on any pen.

import { axes, grid, hhiAxes, hhiTop, legend, line, marks, shareAxes, stack, strip } from "./charts.js";
import { number, percent } from "./dom.js";
import { OWNERS, REGIMES, ink, layerColour } from "./palette.js";

const BEFORE = [3, 3];
const FOOT = 5; // of a strip of regimes

// A figure has a name, a title, and `draw(pen, films, colours, width)`, which returns its panels and height.
// Of two films the second is the changed one; `pair` figures are drawn for each of them.
export const FIGURES = [
  { name: "shares", title: "Shares of volume per layer", pair: true, draw: shares },
  { name: "hhi", title: "Concentration: Herfindahl-Hirschman index and regime", draw: concentration },
  { name: "lerner", title: "Lerner index: margin over price", draw: margins },
  { name: "profit", title: "Where value accrues: share of all margins", pair: true, draw: profits },
  { name: "integration", title: "Integration and alliances", draw: integration },
];

function shares(pen, [film], colours, width) {
  const paint = ink();
  const seen = new Set();
  const plan = grid(film.selling.length, width);
  film.selling.forEach((layer, n) => {
    const panel = plan.panels[n];
    shareAxes(pen, panel, film, layer);
    const found = [...film.sharesIn(layer)].map(([firm, values]) => [film.firms[firm], values]);
    const [known, unknown] = [[], []];
    for (const [name, values] of found) (colours.has(name) ? known : unknown).push([name, values]);
    known.sort((a, b) => OWNERS.indexOf(colours.get(a[0])) - OWNERS.indexOf(colours.get(b[0])));
    known.forEach(([name]) => seen.add(name));
    unknown.sort((a, b) => total(b[1]) - total(a[1]));
    const shown = unknown.slice(0, 3).map(([, values], i) => [[paint.other, paint.second, paint.third][i], values]);
    const rest = new Float32Array(film.steps);
    for (const [, values] of unknown.slice(3)) values.forEach((value, t) => (rest[t] += value));
    panel.told = (t) => largest(found, t);
    stack(pen, panel, film, [...known.map(([name, values]) => [colours.get(name), values]), ...shown, [paint.rest, rest]]);
    marks(pen, panel, film);
  });
  const named = [...colours].filter(([name]) => seen.has(name)).map(([name, colour]) => [colour, name]);
  const end = legend(pen, 8, plan.height + 8, [...named, [paint.other, "next three"], [paint.rest, "all others"]], width);
  return { ...plan, height: end };
}

// The largest shares of a step, in words.
function largest(named, t, most = 5) {
  const first = [...named].sort((a, b) => (b[1][t] || 0) - (a[1][t] || 0)).slice(0, most);
  return first.filter(([, values]) => values[t] > 0).map(([name, values]) => `${name} ${percent(values[t])}`);
}

// What films say of a step: their values, and which is which.
function both(films, read, written) {
  const values = films.map(read);
  return (t) => values.map((each, i) => `${films.length > 1 ? ["baseline", "changed"][i] : ""} ${Number.isNaN(each[t]) ? "–" : written(each[t])}`);
}

const total = (values) => values.reduce((a, b) => a + (b || 0), 0);

function concentration(pen, films, colours, width) {
  const film = films.at(-1);
  const paint = ink();
  const plan = grid(film.selling.length, width);
  const read = (layer) => (each) => each.measure("hhi", layer);
  const top = hhiTop(film.selling.flatMap((layer) => films.flatMap((each) => [...read(layer)(each)])));
  film.selling.forEach((layer, n) => {
    const panel = plan.panels[n];
    hhiAxes(pen, panel, film, layer, top, FOOT * films.length);
    overlaid(pen, panel, films, read(layer), top, paint, number);
    films.forEach((each, i) => {
      strip(pen, panel, each, panel.y + panel.h + 1 + FOOT * i, 4, (t) => REGIMES[each.regimeOf(layer, t)] ?? paint.grid);
    });
  });
  const met = new Set(films.flatMap((each) => each.selling.flatMap((layer) => each.dates.map((_, t) => each.regimeOf(layer, t)))));
  const entries = Object.entries(REGIMES).filter(([name]) => met.has(name)).map(([name, colour]) => [colour, name]); // prettier-ignore
  return { ...plan, height: legend(pen, 8, plan.height + 8 + FOOT * films.length, [...lines(films, paint), ...entries], width) };
}

function lines(films, paint) {
  return films.length > 1 ? [[paint.text, "baseline", BEFORE], [newer(films, paint), "changed", true]] : []; // prettier-ignore
}

// Beside a baseline the changed run stands out.
const newer = (films, paint) => (films.length > 1 ? paint.accent : paint.text);

function margins(pen, films, colours, width) {
  const film = films.at(-1);
  const paint = ink();
  const plan = grid(film.selling.length, width);
  film.selling.forEach((layer, n) => {
    const panel = plan.panels[n];
    shareAxes(pen, panel, film, layer);
    overlaid(pen, panel, films, (each) => each.measure("lerner", layer), 1, paint, percent);
  });
  const named = lines(films, paint);
  return { ...plan, height: named.length ? legend(pen, 8, plan.height + 8, named, width) : plan.height };
}

function profits(pen, [film], colours, width) {
  const plan = grid(1, width, 150);
  const panel = plan.panels[0];
  shareAxes(pen, panel, film, "share of all margins, before fixed cost");
  const parts = film.selling.map((layer, n) => [layerColour(n, film.selling.length), film.measure("profit_share", layer)]);
  panel.told = (t) => largest(film.selling.map((layer, n) => [layer, parts[n][1]]), t, parts.length);
  stack(pen, panel, film, parts);
  marks(pen, panel, film);
  const entries = film.selling.map((layer, n) => [parts[n][0], layer]);
  return { ...plan, height: legend(pen, 8, plan.height + 8, entries, width) };
}

const WHOLE = [
  ["alliances", "allied pairs"],
  ["many_layer_firms", "sellers in three layers or more"],
  ["two_layer_firms", "sellers in two layers"],
];

function integration(pen, films, colours, width) {
  const film = films.at(-1);
  const paint = ink();
  const plan = grid(film.selling.length + WHOLE.length, width, 96, 225);
  film.selling.forEach((layer, n) => {
    shareAxes(pen, plan.panels[n], film, `${layer}: made in-house`);
    overlaid(pen, plan.panels[n], films, (each) => each.measure("in_house_share", layer), 1, paint, percent);
  });
  WHOLE.forEach(([name, title], n) => {
    const panel = plan.panels[film.selling.length + n];
    const most = Math.max(1, ...films.flatMap((each) => [...each.whole(name)]));
    const top = most > 20 ? 20 * Math.ceil(most / 20) : 4 * Math.ceil(most / 4);
    axes(pen, panel, film, title, top, [0, top / 2, top], String);
    overlaid(pen, panel, films, (each) => each.whole(name), top, paint, String);
  });
  const named = lines(films, paint);
  return { ...plan, height: named.length ? legend(pen, 8, plan.height + 8, named, width) : plan.height };
}

function overlaid(pen, panel, films, read, top, paint, written) {
  const film = films.at(-1);
  panel.told = both(films, read, written);
  if (films.length > 1) line(pen, panel, film, read(films[0]), top, paint.text, 1.2, BEFORE);
  line(pen, panel, film, read(film), top, newer(films, paint));
  marks(pen, panel, film);
}

