// Where the picture is on the screen: `zoom` screen pixels (CSS) per image pixel, its corner at (x, y). No canvas here.

const MOST = 40;

export class View {
  constructor(width, height) {
    Object.assign(this, { width, height, zoom: 1, x: 0, y: 0, screen: { width: 1, height: 1 }, fitted: true });
  }

  /** The whole picture in the middle of the screen. */
  fit() {
    this.zoom = this.fitZoom();
    this.x = (this.screen.width - this.width * this.zoom) / 2;
    this.y = (this.screen.height - this.height * this.zoom) / 2;
    this.fitted = true;
  }

  fitZoom() {
    return Math.min(MOST, this.screen.width / this.width, this.screen.height / this.height);
  }

  /** The screen has a new size; the same image pixel stays in the middle, or the picture fitted. */
  resize(width, height) {
    const middle = this.toImage(this.screen.width / 2, this.screen.height / 2);
    this.screen = { width, height };
    if (this.fitted) this.fit();
    else this.centre(middle.x, middle.y);
  }

  zoomAt(factor, screenX, screenY) {
    const at = this.toImage(screenX, screenY);
    this.zoom = Math.min(MOST, Math.max(Math.min(this.fitZoom() / 2, 0.5), this.zoom * factor));
    this.x = screenX - at.x * this.zoom;
    this.y = screenY - at.y * this.zoom;
    this.fitted = false;
    this.keepInSight();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.keepInSight();
  }

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

  toImage(screenX, screenY) {
    return { x: (screenX - this.x) / this.zoom, y: (screenY - this.y) / this.zoom };
  }

  /** The whole-numbered image pixel under a screen position. */
  pixelAt(screenX, screenY) {
    const { x, y } = this.toImage(screenX, screenY);
    return [Math.floor(x), Math.floor(y)];
  }
}
