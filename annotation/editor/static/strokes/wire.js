// A stroke as it travels: points flat, each after the first as a difference. The same form as annotation/strokes/stroke.py.

/** @import { Point, Stroke, WireStroke } from "./stroke.js" */

export const LOWEST = -8191, HIGHEST = 24575, MAX_POINTS = 20000;

/**
 * Of a number, the whole one within the bounds of coordinates.
 * @param {number} value
 */
export const clampCoordinate = value => Math.min(HIGHEST, Math.max(LOWEST, Math.floor(value)));

/**
 * @param {Stroke} stroke
 * @returns {WireStroke}
 */
export function toWire(stroke) {
  const points = [];
  let x = 0, y = 0;
  for (const [nextX, nextY] of stroke.points) {
    points.push(nextX - x, nextY - y);
    [x, y] = [nextX, nextY];
  }
  return { ...stroke, points };
}

/**
 * @param {WireStroke} wire
 * @returns {Stroke}
 */
export function fromWire(wire) {
  /** @type {Point[]} */
  const points = [];
  let x = 0, y = 0;
  for (let at = 0; at < wire.points.length; at += 2) {
    x += wire.points[at];
    y += wire.points[at + 1];
    points.push([x, y]);
  }
  return { ...wire, points };
}

/** `count` random bytes as text: ids of strokes, and the secret that a browser's draft belongs to. */
export function randomName(count = 12) {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
