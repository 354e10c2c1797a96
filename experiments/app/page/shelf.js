// The saved runs that the server was started with.

import { $, make } from "./dom.js";

// Lists them by place, and asks for the number of those that have no room in the list.
export function shelve(shelf, onRun) {
  $("shelf-label").hidden = shelf.length === 0;
  const groups = shelf.map(({ path, runs }, n) =>
    make("optgroup", { label: path }, ...runs.map(([number, text]) => make("option", { value: `${n} ${number}`, text }))),
  );
  $("shelf").replaceChildren(make("option", { value: "", text: "choose …" }), ...groups);
  $("shelf").addEventListener("change", () => $("shelf").value !== "" && onRun(...$("shelf").value.split(" ")));
  $("shelf-rest").replaceChildren(...shelf.flatMap((place, n) => (place.count > place.runs.length ? [rest(place, n, onRun)] : [])));
}

function rest({ path, called, runs, count }, n, onRun) {
  const box = make("input", { type: "number", min: 0, step: 1, "aria-label": `${called} of ${path}` });
  box.addEventListener("change", () => box.value !== "" && box.checkValidity() && onRun(n, box.value));
  const told = `${path}: listed are ${runs.length.toLocaleString("en")} of ${count.toLocaleString("en")}; any other by its ${called}: `;
  return make("label", {}, told, box);
}
