// Explore: what is asked for, the runs that come back, and everything that shows them.

import { $, make } from "./dom.js";
import { Board, saved, savedAsPng } from "./board.js";
import { Controls } from "./controls.js";
import { FIGURES } from "./figures.js";
import { Feed, difference } from "./feed.js";
import { FirmPanel } from "./firm.js";
import { Plan } from "./plan.js";
import { shelve } from "./shelf.js";
import { Stage } from "./stage.js";
import { owners } from "./palette.js";
import * as server from "./server.js";

// `asked` is the run that is shown, `wanted` the one that was asked for last.
const page = { asked: null, wanted: null, films: [], boards: [], firm: "", side: 0 };
const WAIT = 60;

const stage = new Stage({ onStep: stepped, onFirm: chosen });
const controls = new Controls((set) => ask({ ...page.wanted, set }));
const panel = new FirmPanel(() => chosen(""));
let feed;
let plan;

async function start() {
  theme(localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  try {
    page.catalogue = await server.catalogue();
  } catch (error) {
    return fail(error);
  }
  const { stacks, events, shelf, live, most_steps: most } = page.catalogue;
  $("stack").replaceChildren(...Object.entries(stacks).map(([name, title]) => make("option", { value: name, text: name, title })));
  $("steps").max = most;
  $("live").hidden = !live;
  shelve(shelf, (place, number) => load(() => server.shelved(place, number)));
  feed = new Feed(Object.keys(events), events, chosen);
  plan = new Plan(page.catalogue, (interventions, tell) => ask({ ...page.wanted, interventions }, tell));
  await visit();
  if (page.film || $("error").hidden) return;
  const told = $("error-text").textContent;
  await ask(page.catalogue.asked);
  fail(new Error(told));
}

// Shows what the address asks for.
async function visit() {
  const { compare = false, ...asked } = fromAddress();
  $("compare").checked = compare;
  const steps = page.catalogue.steps[asked.stack];
  await ask({ ...page.catalogue.asked, ...(steps && { steps }), ...asked });
}

function fromAddress() {
  try {
    return JSON.parse(decodeURIComponent(location.hash.slice(1))) ?? {};
  } catch {
    return {};
  }
}

// Asks for a run and says whether it is shown; of several in a row only the last one is, and what fails is told and
// leaves the last good one.
async function ask(asked, tell = fail) {
  page.wanted = asked;
  page.request?.abort();
  const request = (page.request = new AbortController());
  clearTimeout(page.waiting);
  await new Promise((done) => (page.waiting = setTimeout(done, page.asked ? WAIT : 0)));
  if (request.signal.aborted) return false;
  $("state").textContent = "computing …";
  const began = performance.now();
  try {
    const known = page.asked && JSON.stringify(asked.stack) === JSON.stringify(page.asked.stack);
    const stack = known ? page.stack : await server.stackOf({ stack: asked.stack }, request.signal);
    const film = await server.filmOf(asked, request.signal);
    const before = await baseline(asked, film, request.signal);
    if (request.signal.aborted) return false;
    Object.assign(page, { asked, stack, film, before });
    reflect();
    show();
    page.took = performance.now() - began;
    $("state").textContent = `${asked.steps} steps in ${(page.took / 1000).toFixed(1)} s`;
    $("error").hidden = true;
    return true;
  } catch (error) {
    if (request.signal.aborted) return false;
    page.wanted = page.asked;
    tell(error);
    $("state").textContent = "";
    reflect();
    return false;
  }
}

// The same market without any change, if it is to be shown.
async function baseline(asked, film, signal) {
  if (!$("compare").checked) return null;
  const key = JSON.stringify(plain(asked));
  if (JSON.stringify(asked) === key) return film;
  if (page.baseline?.key !== key) page.baseline = { key, film: await server.filmOf(plain(asked), signal) };
  return page.baseline.film;
}

const plain = (asked) => ({ ...asked, set: {}, interventions: [] });

function fail(error) {
  $("error-text").textContent = error.message;
  $("error").hidden = false;
}

// The controls as the run that is shown has them.
function reflect() {
  const { asked, stack, film } = page;
  if (!asked) return;
  const name = typeof asked.stack === "string" ? asked.stack : "";
  if (!name) $("stack").querySelector("[value='']")?.remove();
  if (!name) $("stack").append(make("option", { value: "", text: `${stack.name} (loaded)` }));
  $("stack").value = name;
  $("seed").value = asked.seed;
  $("steps").value = asked.steps;
  $("beyond").textContent = film.beyond;
  $("compare").checked = Boolean(page.before);
  if (controls.shown !== stack) controls.show(stack, asked.set);
  else controls.assign(asked.set, false);
  controls.shown = stack;
  plan.show(stack, asked.interventions, asked.steps, film.dates);
  const address = encodeURIComponent(JSON.stringify({ ...asked, compare: page.before ? true : undefined }));
  history.replaceState(null, "", address.length < 6000 ? `#${address}` : location.pathname);
}

function show() {
  page.films = page.before ? [page.before, page.film] : [page.film];
  page.colours = owners(page.films);
  stage.show(page.films, page.colours, page.before ? ["baseline", "changed"] : [""]);
  figures();
  $("changes").hidden = !page.before;
  $("onward").hidden = Object.keys(page.asked.set).length === 0;
  $("firms").replaceChildren(...[...page.film.firms].sort().map((value) => make("option", { value })));
  if (page.before) $("difference").replaceChildren(difference(page.films));
  $("window").textContent = page.film.window;
  if (page.firm) chosen(page.firm, page.side);
}

function figures() {
  const width = $("figures").clientWidth - 28;
  page.boards = [];
  const made = FIGURES.map((figure) => {
    const pairs = figure.pair ? page.films.map((film) => [film]) : [page.films];
    const half = pairs.length > 1 && width > 900 ? Math.floor((width - 14) / 2) : width;
    const boards = pairs.map((films) => {
      const board = new Board(figure, (step) => stage.go(step));
      board.draw(films, page.colours, half, stage.step);
      return board;
    });
    page.boards.push(...boards);
    return make("figure", { id: `figure-${figure.name}` }, caption(figure, boards), make("div", { class: "pair" }, ...boards.map(({ element }) => element)));
  });
  $("figures").replaceChildren(...made);
}

function caption(figure, boards) {
  const name = `${page.stack.name}-${figure.name}`;
  const board = boards.at(-1);
  const svg = make("button", { text: "SVG", onclick: () => saved(`${name}.svg`, board.svg(), "image/svg+xml") });
  const png = make("button", { text: "PNG", onclick: () => savedAsPng(board.canvas, `${name}.png`) });
  return make("figcaption", {}, figure.title, svg, png);
}

function stepped(step) {
  for (const board of page.boards) board.show(step);
  feed.show(page.film, step);
  if (page.firm) firm();
}

// A firm was chosen by name, in the baseline's network (0 of two) or the other.
function chosen(name, side = page.films.length - 1) {
  Object.assign(page, { firm: name, side });
  stage.choose(name);
  $("firm").hidden = !name;
  if (name) firm();
}

function firm() {
  const film = page.films[Math.min(page.side, page.films.length - 1)];
  const number = film.number.get(page.firm);
  if (number === undefined) return void ($("firm").hidden = true);
  const asked = film === page.film ? page.asked : plain(page.asked);
  panel.show(film, asked, number, stage.step, page.colours.get(page.firm), !stage.playing);
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("theme", name);
}

function redraw() {
  if (!page.film) return;
  stage.refit();
  figures();
}

async function take(table) {
  $("state").textContent = "packing …";
  try {
    saved(`${page.stack.name}-seed-${page.asked.seed}.zip`, await server.archiveOf(page.asked, table));
    $("state").textContent = "";
  } catch (error) {
    fail(error);
  }
}

async function load(getting) {
  try {
    const found = await getting();
    const policy = found.interventions.length && JSON.stringify({ ...page.catalogue.asked, interventions: found.interventions }) === JSON.stringify(found);
    $("load").open = false;
    await ask(policy ? { ...page.wanted, interventions: found.interventions } : found);
  } catch (error) {
    fail(error);
  }
}

const whole = (id) => Math.max(Number($(id).min), Math.round(Number($(id).value)) || 0);
$("stack").addEventListener("change", () => {
  const stack = $("stack").value;
  ask({ ...page.wanted, stack, steps: page.catalogue.steps[stack], set: {}, interventions: [] });
});
$("seed").addEventListener("change", () => ask({ ...page.wanted, seed: whole("seed") }));
$("steps").addEventListener("change", () => ask({ ...page.wanted, steps: whole("steps") }));
$("compare").addEventListener("change", () => ask(page.wanted));
$("theme").addEventListener("click", () => {
  theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  redraw();
});
$("take").addEventListener("toggle", async () => {
  if ($("take").open) $("command").textContent = (await server.commandOf(page.asked)).command;
});
for (const button of $("take").querySelectorAll("[data-table]")) button.addEventListener("click", () => take(button.dataset.table));
$("take-toml").addEventListener("click", async () => {
  for (const [name, text] of Object.entries((await server.commandOf(page.asked)).files)) saved(name, text, "application/toml");
});
$("take-network-svg").addEventListener("click", () => saved("network.svg", stage.svg(), "image/svg+xml"));
$("take-network-png").addEventListener("click", () => savedAsPng(stage.views.at(-1).canvas, "network.png"));
$("upload").addEventListener("change", () => {
  const file = $("upload").files[0];
  $("upload").value = "";
  if (!file) return;
  const most = page.catalogue.largest_upload;
  if (file.size > most) return void fail(new Error(`${file.name} has more than ${most / 1000} kB: give a stack, a policy or a run.json`));
  load(async () => server.uploaded(await file.arrayBuffer()));
});
$("find").addEventListener("change", () => {
  if (page.film.number.has($("find").value)) chosen($("find").value);
});
$("onward").addEventListener("click", () => {
  const later = { kind: "set", name: Object.keys(page.wanted.set).join(", "), from: plan.dated(stage.step), set: page.wanted.set };
  ask({ ...page.wanted, set: {}, interventions: [...page.wanted.interventions, later] });
});
$("error-close").addEventListener("click", () => ($("error").hidden = true));
const menus = document.querySelectorAll(".menu");
const close = (but) => menus.forEach((menu) => menu.contains(but) || (menu.open = false));
document.addEventListener("click", (event) => close(event.target));
document.addEventListener("keydown", (event) => event.key === "Escape" && close(null));
window.addEventListener("hashchange", visit);
window.addEventListener("error", (event) => fail(event.error ?? new Error(event.message)));
window.addEventListener("unhandledrejection", (event) => fail(event.reason));
let resizing;
window.addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(redraw, 150);
});
window.explore = { page, stage };
start();
