// Pictures of what a model answers.

// The scale of a map and its colours are those of hqvit explain (train/report/chart/colourscale.go).
const cold = [0x1d, 0x5f, 0xd6], warm = [0xff, 0x7a, 0x00];

function limitOf(shares) {
  let limit = 1.25;
  for (const v of shares) limit = Math.max(limit, v, 1 / Math.max(v, 1 / 8));
  return Math.min(limit, 8);
}

// at returns the value of a map at a place in [0,1]², bilinear between the middles of patches.
function at(shares, side, x, y) {
  const between = (v) => {
    const p = Math.min(Math.max(v * side - 0.5, 0), side - 1), low = Math.min(Math.floor(p), Math.max(side - 2, 0));
    return [low, Math.min(low + 1, side - 1), p - low];
  };
  const [x0, x1, fx] = between(x), [y0, y1, fy] = between(y);
  const row = (r) => (1 - fx) * shares[r * side + x0] + fx * shares[r * side + x1];
  return (1 - fy) * row(y0) + fy * row(y1);
}

// drawMap draws a picture in grey with a map over it; without a map, the picture itself.
export function drawMap(canvas, bitmap, shares, side) {
  const factor = Math.ceil(128 / bitmap.width), width = bitmap.width * factor;
  canvas.width = canvas.height = width;
  const c = canvas.getContext('2d', { willReadFrequently: true });
  c.imageSmoothingEnabled = false;
  c.drawImage(bitmap, 0, 0, width, width);
  if (!shares) return;
  const image = c.getImageData(0, 0, width, width), p = image.data;
  const limit = limitOf(shares), log = Math.log(limit);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x), grey = 0.299 * p[i] + 0.587 * p[i + 1] + 0.114 * p[i + 2];
      const v = at(shares, side, (x + 0.5) / width, (y + 0.5) / width);
      const away = Math.min(Math.max(Math.log(Math.max(v, 1 / limit)) / log, -1), 1), heat = away < 0 ? cold : warm;
      const weight = Math.abs(away) < 1e-3 ? 0 : 0.85 * Math.abs(away) ** 0.75;
      for (let k = 0; k < 3; k++) p[i + k] = (1 - weight) * grey + weight * heat[k];
    }
  }
  c.putImageData(image, 0, 0);
}

// range says between which shares a map lies.
export const range = (shares) => `${Math.min(...shares).toFixed(2)}–${Math.max(...shares).toFixed(2)}`;

// peak says in words where a map is largest.
export function peak(shares, side) {
  const best = shares.indexOf(Math.max(...shares));
  return `most attention in row ${Math.floor(best / side) + 1}, column ${best % side + 1}, ` +
    `${shares[best].toFixed(2)} times an even share`;
}

// drawState draws probabilities [index][data], the darker the larger, by their square roots.
export function drawState(canvas, state) {
  const most = Math.sqrt(Math.max(...state.flat()) || 1);
  canvas.width = state[0].length;
  canvas.height = state.length;
  canvas.style.aspectRatio = `${Math.max(state[0].length, 1)} / ${Math.max(state.length, 1)}`;
  const c = canvas.getContext('2d'), image = c.createImageData(canvas.width, canvas.height);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const [low, high] = dark ? [[20, 23, 27], [109, 182, 239]] : [[255, 255, 255], [10, 70, 130]];
  state.flat().forEach((p, i) => {
    const w = Math.sqrt(p) / most;
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = (1 - w) * low[k] + w * high[k];
    image.data[4 * i + 3] = 255;
  });
  c.putImageData(image, 0, 0);
}

// largest returns the most probable basis states as rows of a table.
export function largest(state, n) {
  const columns = state[0].length, bits = (v, count) => v.toString(2).padStart(Math.log2(count), '0');
  return state.flat().map((p, i) => [p, i]).sort((a, b) => b[0] - a[0]).slice(0, n).map(([p, i]) =>
    [`|${bits(Math.floor(i / columns), state.length)}⟩|${bits(i % columns, columns)}⟩`, `${(100 * p).toFixed(2)} %`]);
}
