// Colours of Okabe & Ito (2008) for owners, a scale that grows lighter for layers and regimes; both themes.

export const OWNERS = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442"];

const LAYERS = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725", "#fff5b1"];

// Hues that people with any colour vision tell apart, and ordered in lightness too.
export const REGIMES = {
  consolidated: "#8c2d04",
  oligopoly: "#e69f00",
  differentiated: "#56b4e9",
  commoditised: "#009e73",
  unserved: "#999999",
  "no market": "#cccccc",
};

export function layerColour(n, count) {
  return LAYERS[Math.round((n * (LAYERS.length - 2)) / Math.max(1, count - 1))];
}

export function ink() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read("--text"),
    faint: read("--faint"),
    line: read("--line"),
    grid: read("--grid"),
    page: read("--page"),
    other: read("--other"),
    second: read("--second"),
    third: read("--third"),
    rest: read("--rest"),
    link: read("--link"),
    ally: read("--ally"),
    mark: read("--mark"),
    accent: read("--accent"),
  };
}

// The largest firms of the films together get a colour each; everyone else is grey.
export function owners(films) {
  const weights = new Map();
  for (const film of films) {
    for (const [name, weight] of film.weights()) weights.set(name, (weights.get(name) ?? 0) + weight);
  }
  const first = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, OWNERS.length);
  return new Map(first.map(([name], n) => [name, OWNERS[n]]));
}
