// A drawing context that writes SVG: as much of a canvas's as our figures use.

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const n = (value) => Number(value.toFixed(2));

export class SvgContext {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [], path: "", dash: [], shift: [0, 0], kept: [] });
    Object.assign(this, { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1 });
    Object.assign(this, { font: "12px sans-serif", textAlign: "left", textBaseline: "alphabetic" });
    this.measure = document.createElement("canvas").getContext("2d");
  }

  save() {
    const { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline, dash, shift } = this;
    this.kept.push({ fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline, dash, shift });
  }

  restore() {
    Object.assign(this, this.kept.pop());
  }

  translate(x, y) {
    this.shift = [this.shift[0] + x, this.shift[1] + y];
  }

  at(x, y) {
    return `${n(x + this.shift[0])} ${n(y + this.shift[1])}`;
  }

  setLineDash(dash) {
    this.dash = dash;
  }

  beginPath() {
    this.path = "";
  }

  closePath() {
    this.path += "Z";
  }

  moveTo(x, y) {
    this.path += `M${this.at(x, y)}`;
  }

  lineTo(x, y) {
    this.path += `L${this.at(x, y)}`;
  }

  bezierCurveTo(a, b, c, d, x, y) {
    this.path += `C${this.at(a, b)} ${this.at(c, d)} ${this.at(x, y)}`;
  }

  quadraticCurveTo(a, b, x, y) {
    this.path += `Q${this.at(a, b)} ${this.at(x, y)}`;
  }

  arc(x, y, r) {
    this.path += `M${this.at(x - r, y)}A${n(r)} ${n(r)} 0 1 0 ${this.at(x + r, y)}`;
    this.path += `A${n(r)} ${n(r)} 0 1 0 ${this.at(x - r, y)}Z`;
  }

  rect(x, y, w, h) {
    this.path += `M${this.at(x, y)}h${n(w)}v${n(h)}h${n(-w)}Z`;
  }

  fill() {
    this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}"${this.alpha()}/>`);
  }

  stroke() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    const style = `fill="none" stroke="${this.strokeStyle}" stroke-width="${n(this.lineWidth)}"${dash}${this.alpha()}`;
    this.parts.push(`<path d="${this.path}" ${style}/>`);
  }

  alpha() {
    return this.globalAlpha < 1 ? ` opacity="${n(this.globalAlpha)}"` : "";
  }

  fillRect(x, y, w, h) {
    const [dx, dy] = this.shift;
    const box = `x="${n(x + dx)}" y="${n(y + dy)}" width="${n(w)}" height="${n(h)}"`;
    this.parts.push(`<rect ${box} fill="${this.fillStyle}"${this.alpha()}/>`);
  }

  clearRect() {}

  measureText(text) {
    this.measure.font = this.font;
    return this.measure.measureText(text);
  }

  fillText(text, x, y) {
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign];
    const shift = { middle: 0.35, top: 0.8, alphabetic: 0 }[this.textBaseline] ?? 0;
    const size = Number(/(\d+(\.\d+)?)px/.exec(this.font)[1]);
    const weight = /\b[56]00\b/.exec(this.font)?.[0] ?? "400";
    const [dx, dy] = this.shift;
    const place = `x="${n(x + dx)}" y="${n(y + dy + shift * size)}" text-anchor="${anchor}"`;
    this.parts.push(
      `<text ${place} font-size="${size}" font-weight="${weight}" fill="${this.fillStyle}"${this.alpha()}>` +
        `${escaped(text)}</text>`,
    );
  }

  text(title, background) {
    const size = `width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}"`;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, sans-serif"><title>${escaped(title)}` +
      `</title><rect width="100%" height="100%" fill="${background}"/>${this.parts.join("\n")}</svg>\n`
    );
  }
}
