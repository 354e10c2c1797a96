// Panels: axes, lines and stacked areas on a canvas or in SVG.

import { percent } from "./dom.js";
import { ink } from "./palette.js";

const FONT = "11px system-ui, sans-serif";

// A grid of panels that fills the width, each at least so wide; every panel is [x, y, w, h] of its plot.
export function grid(count, width, height = 96, least = 165) {
  const most = Math.max(1, Math.min(count, Math.floor(width / least)));
  const rows = Math.ceil(count / most);
  const columns = Math.ceil(count / rows);
  const wide = width / columns;
  const tall = height + 40;
  const panels = Array.from({ length: count }, (_, n) => {
    const [row, column] = [Math.floor(n / columns), n % columns];
    return { x: column * wide + 36, y: row * tall + 20, w: wide - 48, h: height };
  });
  return { panels, width, height: rows * tall };
}

export function scale(panel, film, top, bottom = 0) {
  return {
    x: (t) => panel.x + (panel.w * t) / Math.max(1, film.steps - 1),
    y: (value) => panel.y + panel.h - (panel.h * (Math.min(value, top) - bottom)) / (top - bottom),
  };
}

// Title, grid lines with their values, and first and last date.
export function axes(pen, panel, film, title, top, ticks, written, foot = 0) {
  const paint = ink();
  const { y } = scale(panel, film, top);
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  pen.font = `600 ${FONT}`;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillStyle = paint.text;
  pen.fillText(title, panel.x, panel.y - 7);
  pen.font = FONT;
  pen.fillStyle = paint.faint;
  pen.strokeStyle = paint.grid;
  pen.lineWidth = 1;
  for (const tick of ticks) {
    pen.beginPath();
    pen.moveTo(panel.x, y(tick));
    pen.lineTo(panel.x + panel.w, y(tick));
    pen.stroke();
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillText(written(tick), panel.x - 5, y(tick));
  }
  pen.textBaseline = "top";
  pen.textAlign = "left";
  pen.fillText(short(film.dates[0]), panel.x, panel.y + panel.h + foot + 4);
  pen.textAlign = "right";
  pen.fillText(short(film.dates.at(-1)), panel.x + panel.w, panel.y + panel.h + foot + 4);
}

const short = (date) => date.replace(/-Q\d$/, "").replace("step ", "");

export function line(pen, panel, film, values, top, colour, wide = 1.5, dash = []) {
  const { x, y } = scale(panel, film, top);
  pen.beginPath();
  let drawing = false;
  values.forEach((value, t) => {
    if (Number.isNaN(value)) return void (drawing = false);
    if (drawing) pen.lineTo(x(t), y(value));
    else pen.moveTo(x(t), y(value));
    drawing = true;
  });
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

// Areas on top of each other: [[colour, values], ...], the first at the bottom.
export function stack(pen, panel, film, parts) {
  const { x, y } = scale(panel, film, 1);
  const below = new Float64Array(film.steps);
  for (const [colour, values] of parts) {
    pen.beginPath();
    for (let t = 0; t < film.steps; t++) {
      const value = below[t] + (values[t] || 0);
      if (t === 0) pen.moveTo(x(t), y(value));
      else pen.lineTo(x(t), y(value));
    }
    for (let t = film.steps - 1; t >= 0; t--) {
      pen.lineTo(x(t), y(below[t]));
      below[t] += values[t] || 0;
    }
    pen.closePath();
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = ink().page;
    pen.lineWidth = 0.5;
    pen.stroke();
  }
}

// Axes of a share, from nothing to all.
export function shareAxes(pen, panel, film, title) {
  axes(pen, panel, film, title, 1, [0, 0.5, 1], percent);
}

// How far an axis of the HHI goes.
export const hhiTop = (values) => (values.some((value) => value > 5000) ? 10000 : 5000);

// Axes of the HHI, with the bands of the merger guidelines.
export function hhiAxes(pen, panel, film, title, top, foot = 0) {
  const { y } = scale(panel, film, top);
  pen.fillStyle = ink().mark;
  for (const [from, to, alpha] of [[1000, 1800, 0.1], [1800, top, 0.2]]) {
    pen.globalAlpha = alpha;
    pen.fillRect(panel.x, y(to), panel.w, y(from) - y(to));
  }
  axes(pen, panel, film, title, top, [0, 1800, top], thousands, foot);
}

const thousands = (value) => (value >= 1000 ? `${value / 1000}k` : String(value));

// A thin strip with a colour per step.
export function strip(pen, panel, film, y, height, colourOf) {
  const wide = panel.w / film.steps;
  let from = 0;
  for (let t = 1; t <= film.steps; t++) {
    if (t < film.steps && colourOf(t) === colourOf(from)) continue;
    pen.fillStyle = colourOf(from);
    pen.fillRect(panel.x + from * wide, y, (t - from) * wide, height);
    from = t;
  }
}

// A veil over what lies beyond the stack's horizon.
export function veil(pen, panel, film) {
  if (film.horizon === null || film.horizon >= film.steps) return;
  const from = scale(panel, film, 1).x(film.horizon - 1);
  pen.globalAlpha = 0.12;
  pen.fillStyle = ink().text;
  pen.fillRect(from, panel.y, panel.x + panel.w - from, panel.h);
  pen.globalAlpha = 1;
}

// Vertical marks where interventions begin, and what lies beyond the horizon.
export function marks(pen, panel, film) {
  veil(pen, panel, film);
  const { x } = scale(panel, film, 1);
  pen.strokeStyle = ink().mark;
  pen.lineWidth = 1;
  pen.setLineDash([2, 2]);
  for (const each of film.interventions) {
    if (each.from >= film.steps) continue;
    pen.beginPath();
    pen.moveTo(x(each.from), panel.y);
    pen.lineTo(x(each.from), panel.y + panel.h);
    pen.stroke();
  }
  pen.setLineDash([]);
}

export function legend(pen, x, y, entries, width) {
  const paint = ink();
  pen.font = FONT;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  let at = x;
  for (const [colour, name, dash] of entries) {
    const wide = pen.measureText(name).width + 30;
    if (at + wide > width && at > x) [at, y] = [x, y + 16];
    if (dash) {
      pen.strokeStyle = colour;
      pen.lineWidth = 1.6;
      pen.setLineDash(dash === true ? [] : dash);
      pen.beginPath();
      pen.moveTo(at, y);
      pen.lineTo(at + 14, y);
      pen.stroke();
      pen.setLineDash([]);
    } else {
      pen.fillStyle = colour;
      pen.fillRect(at, y - 5, 12, 10);
    }
    pen.fillStyle = paint.text;
    pen.fillText(name, at + 18, y);
    at += wide;
  }
  return y + 14;
}
