// The size of the brush: its radius at first, the largest one, and the steps of the slider and the keys.

export const FIRST_RADIUS = 0.02; // as a share of the photo's long side: the robot annotator's median on generated photos
export const LARGEST_RADIUS = 500; // image pixels
const SLIDER_END = 300; // image pixels; larger brushes are reached with the keys

/**
 * A brush's radius, larger by a pixel at least, or smaller.
 * @param {number} radius
 * @param {number} factor
 */
export const scaled = (radius, factor) => factor > 1 ? Math.ceil(radius * factor + 0.01) : Math.floor(radius * factor);

/**
 * The radius at a position of the slider, 0 … 100: their square root, so that it is finer for small brushes.
 * @param {number} position
 */
export const radiusAt = position => Math.round(SLIDER_END * (position / 100) ** 2);

/** @param {number} radius */
export const positionOf = radius => Math.round(100 * Math.sqrt(Math.min(radius, SLIDER_END) / SLIDER_END));
