// Interventions: chosen from policies or made by hand, placed and moved on the timeline.

import { $, make, words } from "./dom.js";

export class Plan {
  constructor(catalogue, onChange) {
    Object.assign(this, { catalogue, onChange, tables: [] });
    const policies = Object.entries(catalogue.policies);
    const kinds = catalogue.kinds.map(({ kind, meaning }) => make("option", { value: `kind ${kind}`, text: words(kind), title: meaning }));
    $("add").replaceChildren(
      make("option", { value: "", text: "Intervene …" }),
      make("optgroup", { label: "policies" }, ...policies.map(([name, { title }]) => make("option", { value: `policy ${name}`, text: title }))),
      make("optgroup", { label: "one intervention" }, ...kinds),
    );
    $("add").addEventListener("change", () => this.add($("add").value));
    $("form").firstElementChild.addEventListener("submit", (event) => this.submit(event));
  }

  show(stack, tables, steps, dates) {
    Object.assign(this, { stack, tables, steps, dates });
    for (const option of $("add").querySelectorAll("[value^='policy ']")) {
      option.disabled = !stack.policies.includes(option.value.split(" ")[1]);
    }
    this.draw();
  }

  add(chosen) {
    $("add").value = "";
    const [sort, name] = chosen.split(" ");
    if (sort === "policy") this.change([...this.tables, ...this.catalogue.policies[name].tables]);
    if (sort === "kind") this.edit({ kind: name, from: Math.min(8, this.steps - 1) }, -1);
  }

  change(tables) {
    this.tables = tables;
    this.draw();
    this.onChange(tables);
  }

  // The step of a date; that after the last for whatever comes later.
  step(date) {
    if (typeof date === "number") return Math.min(date, this.steps);
    return date > this.dates.at(-1) ? this.steps : Math.max(0, this.dates.indexOf(date));
  }

  draw() {
    const marks = this.tables.map((table, n) => {
      const at = this.step(table.from) / Math.max(1, this.steps - 1);
      const until = table.until === undefined ? 1 : this.step(table.until) / Math.max(1, this.steps - 1);
      const name = table.name || words(table.kind);
      const late = this.step(table.from) >= this.steps;
      const title = `${name} from ${this.dates[this.step(table.from)] ?? table.from}: drag to move, click to change`;
      const mark = make("button", { class: "mark", title, text: late ? `${name}: after the end, without effect` : name });
      mark.classList.toggle("late", late);
      mark.style.left = late ? "auto" : `${100 * at}%`;
      mark.style.maxWidth = late ? "100%" : `${Math.max(8, 100 * (1 - at))}%`;
      const bar = make("div", { class: "bar" });
      Object.assign(bar.style, { left: `${100 * at}%`, width: `${Math.max(0.5, 100 * (until - at))}%` });
      mark.addEventListener("pointerdown", (event) => this.drag(event, mark, n));
      mark.addEventListener("keydown", (event) => this.key(event, n));
      return make("div", { class: "lane" }, bar, mark);
    });
    $("lanes").replaceChildren(...marks);
  }

  // Prevented, or the same key would also press what the form puts under it.
  key(event, n) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    this.edit(this.tables[n], n);
  }

  drag(event, mark, n) {
    const box = $("lanes").getBoundingClientRect();
    const first = event.clientX;
    let step = null;
    mark.setPointerCapture(event.pointerId);
    mark.onpointermove = (move) => {
      if (Math.abs(move.clientX - first) < 4 && step === null) return;
      const share = Math.max(0, Math.min(1, (move.clientX - box.left) / box.width));
      step = Math.round(share * (this.steps - 1));
      mark.style.left = `${100 * share}%`;
    };
    mark.onpointerup = () => {
      mark.onpointermove = mark.onpointerup = null;
      if (step === null) return void this.edit(this.tables[n], n);
      const moved = { ...this.tables[n], from: this.dated(step) };
      if (moved.until !== undefined) moved.until = this.later(this.tables[n], step);
      this.change(this.tables.map((table, m) => (m === n ? moved : table)));
    };
  }

  dated(step) {
    return this.stack.start ? (this.dates[step] ?? step) : step;
  }

  within(when) {
    return typeof when === "number" ? when < this.steps : this.dates.includes(when);
  }

  later(table, step) {
    return step + this.step(table.until) - this.step(table.from);
  }

  edit(table, n) {
    const form = this.catalogue.kinds.find(({ kind }) => kind === table.kind);
    this.editing = { table, n, form };
    const dates = [
      ["from", table.from ?? 8, "a step, or a quarter such as 2028-Q1"],
      ["until", table.until ?? "", "the first step without it; empty: for good"],
    ].map(([name, value, hint]) => row(name, make("input", { name, value, placeholder: hint })));
    const fields = form.fields.map((field) => row(field.name, this.input(field, table[field.name] ?? field.default)));
    $("form-title").textContent = words(table.kind);
    $("form-meaning").textContent = form.meaning;
    $("form-fields").replaceChildren(row("name", make("input", { name: "name", value: table.name ?? "" })), ...dates, ...fields);
    $("form-remove").hidden = n < 0;
    const from = $("form-fields").querySelector("[name=from]");
    const judge = () => from.setCustomValidity(this.within(date(from.value)) ? "" : `The run goes from ${this.dates[0]} to ${this.dates.at(-1)}`);
    from.addEventListener("input", judge);
    judge();
    $("form-error").hidden = true;
    $("form").showModal();
  }

  input({ name, sort }, value) {
    if (sort === "layer") return choices(name, this.stack.selling, [value ?? this.stack.selling[0]], false);
    if (sort === "layers" || sort === "two layers") return choices(name, this.stack.selling, value ?? this.stack.selling.slice(0, sort === "layers" ? 0 : 2), true);
    if (sort === "set") {
      const text = Object.entries(value ?? { "*.switching_cost": 0 }).map(([key, each]) => `${key} = ${each}`).join("\n"); // prettier-ignore
      return make("textarea", { name, rows: 3, title: "a line each: name = value" }, text);
    }
    return make("input", { name, value: value ?? "", type: sort === "number" ? "number" : "text", step: "any" });
  }

  // What is applied stays open until its run is shown: what is refused is told beside what was typed.
  async submit(event) {
    event.preventDefault();
    const { n } = this.editing;
    const said = event.submitter?.value;
    if (said === "apply") {
      const made = this.made();
      const tables = n < 0 ? [...this.tables, made] : this.tables.map((each, m) => (m === n ? made : each));
      if (!(await this.onChange(tables, (error) => this.refused(error)))) return;
    }
    $("form").close();
    if (said === "remove") this.change(this.tables.filter((_, m) => m !== n));
  }

  refused(error) {
    $("form-error").textContent = error.message;
    $("form-error").hidden = false;
  }

  // The intervention as the form has it.
  made() {
    const { table, form } = this.editing;
    const made = { kind: table.kind, from: date($("form").querySelector("[name=from]").value) };
    const until = $("form").querySelector("[name=until]").value.trim();
    if (until) made.until = date(until);
    const name = $("form").querySelector("[name=name]").value.trim();
    if (name) made.name = name;
    for (const field of form.fields) {
      const value = read($("form-fields").querySelector(`[name="${field.name}"]`), field.sort);
      if (value !== undefined) made[field.name] = value;
    }
    return made;
  }
}

const row = (name, input) => make("label", { class: "row" }, make("span", { text: words(name) }), input);

const date = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim());

function choices(name, names, chosen, multiple) {
  const options = names.map((each) => make("option", { value: each, text: each, selected: chosen.includes(each) }));
  return make("select", { name, multiple }, ...options);
}

function read(input, sort) {
  if (sort === "layers" || sort === "two layers") return [...input.selectedOptions].map((option) => option.value);
  if (sort === "set") return Object.fromEntries(input.value.split("\n").filter((line) => line.trim()).map(setting)); // prettier-ignore
  if (sort === "number") return input.value === "" ? undefined : Number(input.value);
  return input.value === "" ? undefined : input.value;
}

function setting(line) {
  const [name, ...rest] = line.split("=");
  const text = rest.join("=").trim();
  const value = text === "true" ? true : text === "false" ? false : Number.isNaN(Number(text)) ? text : Number(text);
  return [name.trim(), value];
}
