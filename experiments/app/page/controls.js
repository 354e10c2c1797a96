// Parameters, grouped by layer: value, unit, range, what it means, and which ones are changed.

import { $, make, words } from "./dom.js";

export class Controls {
  constructor(onChange) {
    this.onChange = onChange;
    this.fields = new Map();
    $("search").addEventListener("input", () => this.search($("search").value.trim().toLowerCase()));
    $("reset").addEventListener("click", () => this.assign({}, true));
  }

  // Shows the parameters of a stack, as the server describes it.
  show(stack, set) {
    this.fields.clear();
    this.groups = stack.groups.map((group) => this.group(group));
    $("parameters").replaceChildren(...this.groups.map((group) => group.element));
    this.assign(set, false);
  }

  group({ name, parameters }) {
    const count = make("span", { class: "count" });
    const body = make("div", { class: "group" });
    const element = make("details", {}, make("summary", { text: name }, count), body);
    const fields = parameters.map((declared) => this.field(declared));
    body.append(...fields.map((field) => field.element));
    return { element, count, fields };
  }

  field(declared) {
    const { name, short, kind, value } = declared;
    const hover = `${declared.meaning}\n${declared.range} ${declared.unit}; here ${value}\n${name}\nSource: ${declared.source}`;
    const input = this.input(declared);
    const back = make("button", { class: "back", title: `Back to ${value}`, text: "↺", onclick: () => this.change(name, value) });
    const label = make("label", { title: hover, for: `p-${name}` }, words(short.replace(/^\w+\./, "")));
    const unit = declared.unit === "-" ? "" : declared.unit;
    const element = make("div", { class: "field", title: hover, "data-name": name }, label, make("small", { text: unit }), back, ...input.parts);
    const field = { declared, element, ...input };
    this.fields.set(name, field);
    return field;
  }

  input(declared) {
    const { name, kind, choices, low, high } = declared;
    const id = `p-${name}`;
    if (kind === "choice" || kind === "bool") {
      const options = kind === "bool" ? ["true", "false"] : choices;
      const select = make("select", { id }, ...options.map((text) => make("option", { value: text, text })));
      const read = () => (kind === "bool" ? select.value === "true" : select.value);
      select.addEventListener("change", () => this.change(name, read()));
      return { parts: [select], write: (value) => (select.value = String(value)) };
    }
    const step = kind === "int" ? 1 : "any";
    const box = make("input", { id, type: "number", step });
    const slider = make("input", { type: "range", min: low, max: high, step: kind === "int" ? 1 : (high - low) / 200, "aria-label": `${name}, slider` });
    slider.addEventListener("input", () => (box.value = tidy(slider.value)));
    slider.addEventListener("change", () => this.change(name, tidy(slider.value)));
    box.addEventListener("change", () => box.value !== "" && this.change(name, Number(box.value)));
    const write = (value) => ([box.value, slider.value] = [value, value]);
    return { parts: [slider, box], write };
  }

  change(name, value) {
    const set = { ...this.set };
    if (value === this.fields.get(name).declared.value) delete set[name];
    else set[name] = value;
    this.assign(set, true);
  }

  // Puts settings in force; names with a star or of buyers in general stay as they are.
  assign(set, tell) {
    this.set = set;
    for (const group of this.groups ?? []) {
      let changed = 0;
      for (const field of group.fields) {
        const own = field.declared.name in set;
        field.element.classList.toggle("changed", own);
        field.write(own ? set[field.declared.name] : field.declared.value);
        changed += own;
      }
      group.count.textContent = changed || "";
    }
    const wide = Object.entries(set).filter(([name]) => !this.fields.has(name));
    $("wide").textContent = wide.map(([name, value]) => `${name} = ${value}`).join(", ");
    $("reset").disabled = Object.keys(set).length === 0;
    if (tell) this.onChange(set);
  }

  search(text) {
    for (const group of this.groups ?? []) {
      let found = 0;
      for (const { element, declared } of group.fields) {
        const fits = `${declared.name} ${words(declared.name)} ${declared.meaning}`.toLowerCase().includes(text);
        element.hidden = !fits;
        found += fits;
      }
      group.element.hidden = found === 0;
      group.element.open = text !== "" && found > 0;
    }
  }
}

const tidy = (text) => Number(Number(text).toPrecision(4));
