// Where the picture is on the screen: `zoom` screen pixels (CSS) per image pixel, its corner at (x, y). No canvas here.

/**
 * @import { Point } from "../strokes/stroke.js"
 * @typedef {readonly [x: number, y: number]} Place a position on the screen, in CSS pixels from a pane's corner
 */

const LARGEST_ZOOM = 40;

export class View {
  /**
   * @param {number} width of the picture
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
    this.screen = { width: 1, height: 1 };
    this.fitted = true;
  }

  /** The whole picture in the middle of the screen. */
  fit() {
    this.zoom = this.fitZoom();
    this.x = (this.screen.width - this.width * this.zoom) / 2;
    this.y = (this.screen.height - this.height * this.zoom) / 2;
    this.fitted = true;
  }

  fitZoom() {
    return Math.min(LARGEST_ZOOM, this.screen.width / this.width, this.screen.height / this.height);
  }

  /**
   * The screen has a new size; the same image pixel stays in the middle, or the picture fitted.
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    const middle = this.toImage(this.screen.width / 2, this.screen.height / 2);
    this.screen = { width, height };
    if (this.fitted) this.fit();
    else this.centre(middle.x, middle.y);
  }

  /**
   * Zoom; the image pixel at a screen position stays there.
   * @param {number} factor
   * @param {number} screenX
   * @param {number} screenY
   */
  zoomAt(factor, screenX, screenY) {
    const at = this.toImage(screenX, screenY);
    this.zoom = Math.min(LARGEST_ZOOM, Math.max(Math.min(this.fitZoom() / 2, 0.5), this.zoom * factor));
    this.x = screenX - at.x * this.zoom;
    this.y = screenY - at.y * this.zoom;
    this.fitted = false;
    this.keepInSight();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.keepInSight();
  }

  /**
   * Bring a place of the picture to the middle of the screen.
   * @param {number} imageX
   * @param {number} imageY
   */
  centre(imageX, imageY) {
    this.x = this.screen.width / 2 - imageX * this.zoom;
    this.y = this.screen.height / 2 - imageY * this.zoom;
    this.keepInSight();
  }

  /** At least a strip of the picture stays on the screen. */
  keepInSight() {
    const strip = 48;
    this.x = Math.min(this.screen.width - strip, Math.max(strip - this.width * this.zoom, this.x));
    this.y = Math.min(this.screen.height - strip, Math.max(strip - this.height * this.zoom, this.y));
  }

  /**
   * @param {number} screenX
   * @param {number} screenY
   */
  toImage(screenX, screenY) {
    return { x: (screenX - this.x) / this.zoom, y: (screenY - this.y) / this.zoom };
  }

  /**
   * The image pixel under a screen position.
   * @param {number} screenX
   * @param {number} screenY
   * @returns {Point}
   */
  pixelAt(screenX, screenY) {
    const { x, y } = this.toImage(screenX, screenY);
    return [Math.floor(x), Math.floor(y)];
  }
}
