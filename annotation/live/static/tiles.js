const TILE = 4, REACH = 2, LOW = 5, HIGH = 250;
const BACK = 0, FRONT = 1, EDGE = 2;

/**
 * Triangles, in shares of the picture, over all its tiles by the small alpha: surely front, surely back, or an edge,
 * where alpha is or may become soft.
 * @param {Uint8Array} alpha
 * @param {number} width
 * @param {number} height
 */
export function tiles(alpha, width, height) {
  const columns = Math.ceil(width / TILE), rows = Math.ceil(height / TILE);
  const kinds = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    kinds[row * columns + column] = alpha[row * TILE * width + column * TILE] > HIGH ? FRONT : BACK;
  }
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) {
    const value = alpha[i];
    const isFlat = (value < LOW || value > HIGH)
      && (x + 1 === width || Math.abs(value - alpha[i + 1]) < LOW) && (y + 1 === height || Math.abs(value - alpha[i + width]) < LOW);
    if (isFlat) continue;
    const left = Math.max(0, x - REACH) / TILE | 0, right = Math.min(width - 1, x + REACH) / TILE | 0;
    const top = Math.max(0, y - REACH) / TILE | 0, bottom = Math.min(height - 1, y + REACH) / TILE | 0;
    for (let row = top; row <= bottom; row++) kinds.fill(EDGE, row * columns + left, row * columns + right + 1);
  }
  /** @type {number[][]} by the kind */
  const corners = [[], [], []];
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    const start = column, kind = kinds[row * columns + start];
    while (column + 1 < columns && kinds[row * columns + column + 1] === kind) column++;
    const left = start * TILE / width, right = Math.min(1, (column + 1) * TILE / width);
    const top = row * TILE / height, bottom = Math.min(1, (row + 1) * TILE / height);
    corners[kind].push(left, top, right, top, left, bottom, left, bottom, right, top, right, bottom);
  }
  const [back, front, edge] = corners.map((some) => new Float32Array(some));
  return { back, front, edge };
}
