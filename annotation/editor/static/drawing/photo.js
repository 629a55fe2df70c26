// A photo as a pyramid of bitmaps, each half the one before, so that the cost of drawing depends on the
// screen, not on the photo.

const SMALLEST = 1024;

export class Photo {
  /**
   * @param {Blob} blob an image file
   */
  static async load(blob) {
    let smallest = await createImageBitmap(blob);
    const levels = [smallest];
    while (Math.max(smallest.width, smallest.height) > 2 * SMALLEST) {
      const resizeWidth = Math.ceil(smallest.width / 2), resizeHeight = Math.ceil(smallest.height / 2);
      smallest = await createImageBitmap(smallest, { resizeWidth, resizeHeight, resizeQuality: "medium" });
      levels.push(smallest);
    }
    return new Photo(levels);
  }

  /** @param {ImageBitmap[]} levels the largest first */
  constructor(levels) {
    this.levels = levels;
    this.width = levels[0].width;
    this.height = levels[0].height;
  }

  /**
   * Draw at `scale` device pixels per image pixel, corner at (x, y); the context's clip bounds the work.
   * @param {CanvasRenderingContext2D} context
   * @param {number} scale
   * @param {number} x
   * @param {number} y
   */
  draw(context, scale, x, y) {
    const level = Math.min(this.levels.length - 1, Math.max(0, Math.floor(Math.log2(1 / scale))));
    context.imageSmoothingEnabled = scale < 2;
    context.imageSmoothingQuality = "low";
    context.drawImage(this.levels[level], x, y, this.width * scale, this.height * scale);
  }

  close() {
    for (const level of this.levels) level.close();
  }
}
