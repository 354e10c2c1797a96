// What the tooltip says of a unit: its books.

import { make, number, percent } from "./dom.js";

export function unitTold(network, { firm, k, row, share }) {
  const { film } = network;
  const layer = film.layers[k];
  if (firm < 0) return [make("b", { text: `${network.counts[k]} others in ${layer}` }), make("div", { text: `${percent(share)} of its volume` })];
  const book = Object.fromEntries(film.books.map((name) => [name, film.book[name][row]]));
  const lines = [
    `${percent(share)} of ${layer}: ${number(book.volume)} units a step`,
    film.demand.has(layer)
      ? `unit cost ${number(book.unit_cost)}, quality ${number(book.quality)}`
      : `price ${number(book.price)}, unit cost ${number(book.unit_cost)}, mark-up ${percent(book.markup)}`,
    `capability ${number(book.capability)}, capacity ${number(book.capacity)}`,
    `cash ${number(book.cash)}${book.open > 0 ? ", open" : ""}`,
  ];
  return [make("b", { text: film.firms[firm] }), ...lines.map((text) => make("div", { text }))];
}
