// A photo as a pyramid of bitmaps, each half the one before, so that drawing costs what the screen shows, not what the
// photo holds.

const SMALLEST = 1024;

export class Photo {
  /** `blob` is an image file of width × height. */
  static async load(blob) {
    const levels = [await createImageBitmap(blob)];
    while (Math.max(levels.at(-1).width, levels.at(-1).height) > 2 * SMALLEST) {
      const { width, height } = levels.at(-1);
      levels.push(await createImageBitmap(levels.at(-1), {
        resizeWidth: Math.ceil(width / 2), resizeHeight: Math.ceil(height / 2), resizeQuality: "medium",
      }));
    }
    return new Photo(levels);
  }

  constructor(levels) {
    this.levels = levels;
    this.width = levels[0].width;
    this.height = levels[0].height;
  }

  /** Draw at `scale` device pixels per image pixel, corner at (x, y); the context's clip bounds the work. */
  draw(context, scale, x, y) {
    const level = Math.min(this.levels.length - 1, Math.max(0, Math.floor(Math.log2(1 / scale))));
    context.imageSmoothingEnabled = scale < 2;
    context.imageSmoothingQuality = "low";
    context.drawImage(this.levels[level], x, y, this.width * scale, this.height * scale);
  }

  close() {
    this.levels.forEach(level => level.close());
  }
}
