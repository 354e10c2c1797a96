// Elements, and numbers as people read them.

export const $ = (id) => document.getElementById(id);

// An element with properties (class, text, on...: listeners, anything else an attribute) and children.
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

export function percent(value) {
  if (Number.isNaN(value)) return "–";
  return `${(100 * value).toFixed(value !== 0 && Math.abs(value) < 0.1 ? 1 : 0)}%`;
}

export const words = (name) => name.replaceAll("_", " ");

// Shows lines beside the pointer, or nothing.
export function tip(event, lines) {
  const box = $("tip") ?? document.body.appendChild(make("div", { id: "tip" }));
  box.hidden = !lines;
  if (!lines) return;
  box.replaceChildren(...lines);
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.min(event.clientX + 14, window.innerWidth - width - 8)}px`;
  box.style.top = `${Math.min(event.clientY + 14, window.innerHeight - height - 8)}px`;
}
