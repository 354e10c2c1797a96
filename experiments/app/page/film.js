// A run as the server packs it (experiments/app/pack.py): names, typed arrays, and questions about them.

const TYPES = { f4: Float32Array, i4: Int32Array, i1: Int8Array, u1: Uint8Array };

export function unpacked(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const arrays = {};
  for (const [name, [type, shape, place]] of Object.entries(header.arrays)) {
    arrays[name] = new TYPES[type](buffer, 4 + size + place, shape.reduce((a, b) => a * b, 1));
  }
  return new Film(header, arrays);
}

// A table of whole numbers at any step, from its first state and its changes; it remembers where it is.
class History {
  constructor(first, changes, steps) {
    this.first = first;
    this.changes = changes;
    this.start = new Int32Array(steps + 1);
    for (let n = 0; n < changes.length; n += 3) this.start[changes[n] + 1]++;
    for (let t = 0; t < steps; t++) this.start[t + 1] += this.start[t];
    this.rewind();
  }

  rewind() {
    this.table = this.first.slice();
    this.step = 0;
    this.apply(0);
  }

  apply(step) {
    for (let n = this.start[step]; n < this.start[step + 1]; n++) {
      this.table[this.changes[3 * n + 1]] = this.changes[3 * n + 2];
    }
  }

  at(step) {
    if (step < this.step) this.rewind();
    while (this.step < step) this.apply(++this.step);
    return this.table;
  }
}

export class Film {
  constructor(header, arrays) {
    Object.assign(this, header);
    this.arrays = arrays;
    this.layers = header.stack.layers;
    this.demand = new Set(header.stack.demand);
    this.selling = this.layers.filter((name) => !this.demand.has(name));
    this.slots = arrays.suppliers.length / Math.max(1, arrays.weights.length);
    this.places = arrays.allies.length / this.slots;
    this.rows = arrays.row_firm.length;
    this.book = Object.fromEntries(
      header.books.map((name, n) => [name, arrays.books.subarray(n * this.rows, (n + 1) * this.rows)]),
    );
    this.links = new History(arrays.suppliers, arrays.suppliers_changes, this.steps);
    this.ties = new History(arrays.allies, arrays.allies_changes, this.steps);
    this.number = new Map(this.firms.map((name, n) => [name, n]));
    this.wholes = this.volumes();
  }

  // Rows of the books in a step: [first, beyond the last).
  span(step) {
    return [this.arrays.row_start[step], this.arrays.row_start[step + 1]];
  }

  // Volume of every step and layer.
  volumes() {
    const whole = new Float64Array(this.steps * this.layers.length);
    for (let t = 0; t < this.steps; t++) {
      const [from, to] = this.span(t);
      for (let r = from; r < to; r++) whole[t * this.layers.length + this.arrays.row_layer[r]] += this.book.volume[r];
    }
    return whole;
  }

  share(row, step) {
    const whole = this.wholes[step * this.layers.length + this.arrays.row_layer[row]];
    return whole > 0 ? this.book.volume[row] / whole : 0;
  }

  // The row of a firm's unit in a step, or -1.
  row(firm, layer, step) {
    const [from, to] = this.span(step);
    for (let r = from; r < to; r++) {
      if (this.arrays.row_firm[r] === firm && this.arrays.row_layer[r] === layer) return r;
    }
    return -1;
  }

  rowsOf(firm, step) {
    const [from, to] = this.span(step);
    const found = [];
    for (let r = from; r < to; r++) if (this.arrays.row_firm[r] === firm) found.push(r);
    return found;
  }

  measure(name, layer) {
    const [k, m] = [this.layers.indexOf(layer), this.measures.indexOf(name)];
    const [count, wide] = [this.layers.length, this.measures.length];
    return Float32Array.from({ length: this.steps }, (_, t) => this.arrays.measures[(t * count + k) * wide + m]);
  }

  whole(name) {
    const m = this.overall.indexOf(name);
    return Float32Array.from({ length: this.steps }, (_, t) => this.arrays.overall[t * this.overall.length + m]);
  }

  regimeOf(layer, step) {
    return this.regimes[this.arrays.regime[step * this.layers.length + this.layers.indexOf(layer)]] ?? "";
  }

  // Share of a layer's volume, of every step, of each firm that is ever in it: firm -> Float32Array.
  sharesIn(layer) {
    const k = this.layers.indexOf(layer);
    const found = new Map();
    for (let t = 0; t < this.steps; t++) {
      const [from, to] = this.span(t);
      for (let r = from; r < to; r++) {
        if (this.arrays.row_layer[r] !== k) continue;
        const firm = this.arrays.row_firm[r];
        if (!found.has(firm)) found.set(firm, new Float32Array(this.steps));
        found.get(firm)[t] = this.share(r, t);
      }
    }
    return found;
  }

  // How much of all selling layers a firm has had, for every firm by name.
  weights() {
    const found = new Map();
    const selling = this.layers.map((name) => !this.demand.has(name));
    for (let t = 0; t < this.steps; t++) {
      const [from, to] = this.span(t);
      for (let r = from; r < to; r++) {
        if (!selling[this.arrays.row_layer[r]]) continue;
        const name = this.firms[this.arrays.row_firm[r]];
        found.set(name, (found.get(name) ?? 0) + this.share(r, t));
      }
    }
    return found;
  }

  eventsOf(step) {
    const a = this.arrays;
    const found = [];
    for (let n = a.event_start[step]; n < a.event_start[step + 1]; n++) {
      found.push({
        step,
        kind: this.kinds[a.event_kind[n]],
        layer: this.layers[a.event_layer[n]],
        firm: this.firms[a.event_firm[n]],
        counterparty: this.firms[a.event_counterparty[n]],
        former: this.firms[a.event_former[n]],
        volume: a.event_volume[n],
        gain: a.event_gain[n],
      });
    }
    return found;
  }
}
