const TILE = 4, REACH = 2, LOW = 5, HIGH = 250;

/** Triangles, in shares of the picture, over all tiles where the small alpha is or may become soft. */
export function edgeTriangles(alpha, width, height) {
  const columns = Math.ceil(width / TILE), rows = Math.ceil(height / TILE);
  const isEdge = new Uint8Array(columns * rows);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) {
    const value = alpha[i];
    const isFlat = (value < LOW || value > HIGH)
      && (x + 1 === width || Math.abs(value - alpha[i + 1]) < HIGH) && (y + 1 === height || Math.abs(value - alpha[i + width]) < HIGH);
    if (isFlat) continue;
    const left = Math.max(0, x - REACH) / TILE | 0, right = Math.min(width - 1, x + REACH) / TILE | 0;
    const top = Math.max(0, y - REACH) / TILE | 0, bottom = Math.min(height - 1, y + REACH) / TILE | 0;
    for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) isEdge[row * columns + column] = 1;
  }
  const corners = [];
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    if (!isEdge[row * columns + column]) continue;
    const start = column;
    while (column + 1 < columns && isEdge[row * columns + column + 1]) column++;
    const left = start * TILE / width, right = Math.min(1, (column + 1) * TILE / width);
    const top = row * TILE / height, bottom = Math.min(1, (row + 1) * TILE / height);
    corners.push(left, top, right, top, left, bottom, left, bottom, right, top, right, bottom);
  }
  return new Float32Array(corners);
}
