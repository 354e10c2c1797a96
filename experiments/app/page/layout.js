// Where units stand in the network: a row per layer, buyers on top; places stay the same through a run.

const GAP = 3;
const LEAST = 1.7;
const OTHERS = 58;
const ORDER = [3, 1, 5, 0, 4, 2, 6]; // the largest in the middle

// A number in [0, 1) that depends on a name alone.
function scattered(name) {
  let h = 2166136261;
  for (const c of name) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

export function layout(film, colours, width, height) {
  const narrow = width < 560;
  const left = narrow ? 8 : Math.max(112, 24 + 7 * Math.max(...film.layers.map((name) => name.length)));
  const rows = film.layers.map((_, n) => film.layers.length - 1 - n);
  const pitch = (height - 10) / film.layers.length;
  const largest = Math.min(pitch * 0.44, 34);
  const rank = new Map([...colours.keys()].map((name, n) => [name, (ORDER[n] + 0.5) / ORDER.length]));
  const made = { width, height, left, narrow, pitch, largest, nodes: [], place: [], others: [] };
  film.layers.forEach((layer, k) => {
    const y = rows[k] * pitch + pitch * (narrow ? 0.62 : 0.5);
    made.place.push(placed(film, k, layer, y, left, width - 10, largest, rank, made));
  });
  return made;
}

// Nodes of one layer: the largest as far as there is room, the others together at the right end.
function placed(film, k, layer, y, left, right, largest, rank, made) {
  const radius = (share) => Math.max(LEAST, largest * Math.sqrt(share));
  const firms = [...film.sharesIn(layer)].map(([firm, shares]) => ({ firm, k, y, name: film.firms[firm], mean: mean(shares) }));
  firms.sort((a, b) => b.mean - a.mean);
  for (const node of firms) node.half = radius(node.mean);
  const whole = firms.reduce((sum, node) => sum + 2 * node.half + GAP, 0);
  const all = whole <= right - left;
  let room = right - left - (all ? 0 : OTHERS);
  const shown = [];
  for (const node of firms) {
    if (room < 2 * node.half + GAP) break;
    room -= 2 * node.half + GAP;
    shown.push(node);
  }
  shown.sort((a, b) => (rank.get(a.name) ?? scattered(a.name)) - (rank.get(b.name) ?? scattered(b.name)));
  const spare = Math.min(30, room / Math.max(1, shown.length));
  let x = left + Math.max(0, (room - spare * shown.length) / 2);
  const place = new Map();
  for (const node of shown) {
    node.x = x + node.half + (GAP + spare) / 2;
    x += 2 * node.half + GAP + spare;
    place.set(node.firm, made.nodes.length);
    made.nodes.push(node);
  }
  made.others.push(made.nodes.length);
  made.nodes.push({ firm: -1, k, y, x: right - OTHERS / 2 + 8, half: 10, name: "others" });
  return place;
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

export const radiusOf = (largest, share) => Math.max(LEAST, largest * Math.sqrt(share));
