// Strokes → trimap, in whole numbers only: the same rules as annotation/strokes/raster.py, pixel for pixel.
// Every number stays below 2^53, so that floating point is exact.

/** @import { Box, Label, Layer, Paint, Point, Size } from "./stroke.js" */

/** @typedef {(y: number, left: number, right: number) => void} Run paints left ≤ x ≤ right of row y */

const VALUES = { background: 0, unknown: 128, foreground: 255 };
const UNKNOWN = 128;
/** @type {Readonly<Box>} */
export const EMPTY = { left: 0, top: 0, right: 0, bottom: 0 };

/** @param {Box} box */
export const isEmpty = box => box.right <= box.left || box.bottom <= box.top;

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
export const common = (a, b) => ({
  left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
});

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
export const union = (a, b) => isEmpty(a) ? b : isEmpty(b) ? a : {
  left: Math.min(a.left, b.left), top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom),
};

/**
 * @param {Size} size
 * @returns {Box}
 */
export const whole = ({ width, height }) => ({ left: 0, top: 0, right: width, bottom: height });

/**
 * The box around all that a brush or polygon can paint, which may reach beyond the picture.
 * @param {Paint} stroke
 * @returns {Box}
 */
export function bounds(stroke) {
  const reach = stroke.kind === "brush" ? stroke.radius : 0;
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const [x, y] of stroke.points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left: left - reach, top: top - reach, right: right + reach + 1, bottom: bottom + reach + 1 };
}

/**
 * Paint `stroke` into `trimap` within `box`; gives the box it may have changed.
 * @param {Layer} trimap
 * @param {Paint} stroke
 * @param {Uint8Array} base what "automatic" brings back
 * @param {Box} [box]
 * @returns {Box}
 */
export function paint(trimap, stroke, base, box = whole(trimap)) {
  if (stroke.kind === "start") return EMPTY;
  if (stroke.kind === "island") return fillIsland(trimap, stroke, base);
  const touched = common(bounds(stroke), common(box, whole(trimap)));
  if (isEmpty(touched)) return EMPTY;
  const run = painter(trimap, stroke.label, base, touched);
  if (stroke.kind === "polygon") {
    insideRuns(stroke.points, touched, run);
    lineRuns([...stroke.points, stroke.points[0]], 0, run);
  } else {
    lineRuns(stroke.points, stroke.radius, run);
  }
  return touched;
}

/**
 * A function that paints a run with `label`, clipped to `box`.
 * @param {Layer} trimap
 * @param {Label} label
 * @param {Uint8Array} base
 * @param {Box} box
 * @returns {Run}
 */
function painter(trimap, label, base, box) {
  const { pixels, width } = trimap;
  return (y, left, right) => {
    if (y < box.top || y >= box.bottom) return;
    const from = y * width + Math.max(left, box.left), to = y * width + Math.min(right, box.right - 1) + 1;
    if (from >= to) return;
    if (label === "automatic") pixels.set(base.subarray(from, to), from);
    else pixels.fill(VALUES[label], from, to);
  };
}

/**
 * All runs that a round brush paints along `points`.
 * @param {Point[]} points
 * @param {number} radius
 * @param {Run} run
 */
function lineRuns(points, radius, run) {
  const halves = discHalves(radius);
  points.forEach(([x, y], index) => {
    for (let step = -radius; step <= radius; step++) {
      const half = halves[Math.abs(step)];
      run(y + step, x - half, x + half);
    }
    if (index) stripRuns(points[index - 1], points[index], radius, run);
  });
}

/**
 * Half the width of the disc of `radius` in each row away from its middle.
 * @param {number} radius
 */
function discHalves(radius) {
  return Array.from({ length: radius + 1 }, (_, step) => isqrt(radius * radius + radius - step * step));
}

/**
 * The greatest whole number whose square is at most `value`.
 * @param {number} value
 */
function isqrt(value) {
  let root = Math.floor(Math.sqrt(value));
  while (root * root > value) root--;
  while ((root + 1) * (root + 1) <= value) root++;
  return root;
}

/**
 * The runs of the rectangle along a segment: between its ends, and nearer than radius + ½ to its line.
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @param {Run} run
 */
function stripRuns([x0, y0], [x1, y1], radius, run) {
  if (x0 === x1 && y0 === y1) return;
  if (y1 < y0 || (y1 === y0 && x1 < x0)) [x0, y0, x1, y1] = [x1, y1, x0, y0];
  const dx = x1 - x0, dy = y1 - y0, squared = dx * dx + dy * dy;
  const across = isqrt((2 * radius + 1) ** 2 * squared - 1);
  for (let row = -radius; row <= dy + radius; row++) {
    const [left, right] = between(2 * dx * row - across, 2 * dx * row + across, 2 * dy);
    const [first, last] = between(-row * dy, squared - row * dy, dx);
    run(y0 + row, x0 + Math.max(left, first), x0 + Math.min(right, last));
  }
}

/**
 * The least and greatest whole x with low ≤ factor · x ≤ high; [1, 0] if there is none.
 * @param {number} low
 * @param {number} high
 * @param {number} factor
 */
function between(low, high, factor) {
  if (factor < 0) [low, high, factor] = [-high, -low, -factor];
  if (factor === 0) return low <= 0 && high >= 0 ? [-(1 << 20), 1 << 20] : [1, 0];
  return [Math.ceil(low / factor), Math.floor(high / factor)];
}

/**
 * The runs inside the closed outline through `points`, by the even-odd rule.
 * @param {Point[]} points
 * @param {Box} box
 * @param {Run} run
 */
function insideRuns(points, box, run) {
  const crossings = Array.from({ length: box.bottom - box.top }, () => /** @type {number[]} */ ([]));
  points.forEach((point, index) => {
    let [x0, y0] = point, [x1, y1] = points[(index + 1) % points.length];
    if (y0 > y1) [x0, y0, x1, y1] = [x1, y1, x0, y0];
    for (let y = Math.max(y0, box.top); y < Math.min(y1, box.bottom); y++)
      crossings[y - box.top].push(x0 + Math.ceil((y - y0) * (x1 - x0) / (y1 - y0)));
  });
  crossings.forEach((row, index) => {
    row.sort((a, b) => a - b);
    for (let i = 0; i + 1 < row.length; i += 2) run(box.top + index, row[i], row[i + 1] - 1);
  });
}

/**
 * Give the unknown pixels connected with the stroke's point through their sides its label.
 * @param {Layer} trimap
 * @param {Paint} stroke
 * @param {Uint8Array} base
 * @returns {Box}
 */
function fillIsland(trimap, stroke, base) {
  const [x, y] = stroke.points[0], { width, height, pixels } = trimap;
  if (x < 0 || y < 0 || x >= width || y >= height || pixels[y * width + x] !== UNKNOWN) return EMPTY;
  const runs = islandRuns(trimap, x, y);
  const run = painter(trimap, stroke.label, base, whole(trimap));
  /** @type {Box} */
  let box = EMPTY;
  for (const [row, left, right] of runs) {
    run(row, left, right);
    box = union(box, { left, top: row, right: right + 1, bottom: row + 1 });
  }
  return box;
}

/**
 * [row, left, right], … of the unknown island around (x, y): a scanline fill that marks what it has seen.
 * @param {Layer} trimap
 * @param {number} x
 * @param {number} y
 */
function islandRuns({ width, height, pixels }, x, y) {
  /** @type {[row: number, left: number, right: number][]} */
  const runs = [];
  const seen = new Uint8Array(width * height), waiting = [[x, y]];
  /** @param {number} at */
  const isOpen = at => pixels[at] === UNKNOWN && !seen[at];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [startX, row] = next, line = row * width;
    if (!isOpen(line + startX)) continue;
    let left = startX, right = startX;
    while (left > 0 && isOpen(line + left - 1)) left--;
    while (right < width - 1 && isOpen(line + right + 1)) right++;
    seen.fill(1, line + left, line + right + 1);
    runs.push([row, left, right]);
    for (const beside of [row - 1, row + 1]) {
      if (beside < 0 || beside >= height) continue;
      for (let at = left; at <= right; at++)
        if (isOpen(beside * width + at) && (at === left || !isOpen(beside * width + at - 1))) waiting.push([at, beside]);
    }
  }
  return runs;
}
