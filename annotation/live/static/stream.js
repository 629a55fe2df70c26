import { Link } from "./link.js";

const MOST_IN_FLIGHT = 2, SLOTS = 4, LOST = 2500, QUALITY = 0.85, COUNTED = 2000;

async function inflate(bytes) {
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** From camera frame to composite: a frame is kept, its small copy sent, and both meet again when the alpha comes. */
export class Stream {
  constructor(address, video, compositor, told) {
    this.video = video;
    this.compositor = compositor;
    this.told = told;
    this.slots = Array.from({ length: SLOTS }, () => compositor.slot());
    this.small = new OffscreenCanvas(352, 256);
    this.pen = this.small.getContext("2d", { willReadFrequently: true });
    this.pen.imageSmoothingQuality = "medium";
    this.size = null;
    this.number = 0;
    this.flying = new Map();
    this.shown = [];
    this.runs = [];
    this.isSeen = true;
    this.link = new Link(address, {
      alpha: (answer) => this.take(answer).catch(() => this.link.puzzled()),
      size: (size) => { this.size = size; },
      dropped: (number) => this.flying.delete(number),
      plate: () => told.plate(),
      state: (name, text) => { if (name !== "refused") this.forget(); told.state(name, text); },
    });
  }

  /** Frames on their way are lost, and what is shown next counts as the first. */
  forget() {
    this.flying.clear();
    this.shown = [];
    this.runs = [];
  }

  start() {
    this.isRunning = true;
    this.forget();
    this.link.open();
    this.next();
    this.watch = setInterval(() => { this.link.check(this.flying.size); this.told.figures(this.figures()); }, 500);
  }

  stop() {
    this.isRunning = false;
    clearInterval(this.watch);
    this.link.close();
    this.forget();
  }

  next() {
    if (!this.isRunning) return;
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(() => this.tick());
    else requestAnimationFrame(() => this.tick());
  }

  tick() {
    this.next();
    const now = performance.now();
    for (const [number, frame] of this.flying) if (now - frame.time > LOST) this.flying.delete(number);
    if (document.hidden || !this.isSeen || !this.link.isOpen || this.flying.size >= MOST_IN_FLIGHT || !this.video.videoWidth) return;
    const taken = new Set([...this.flying.values()].map((frame) => frame.slot)).add(this.compositor.last);
    const slot = this.slots.find((one) => !taken.has(one));
    if (!slot) return;
    const number = ++this.number;
    this.flying.set(number, { slot, time: now });
    this.shrink();
    this.compositor.keep(slot, this.video, this.pen.getImageData(0, 0, this.small.width, this.small.height));
    this.jpeg().then((jpeg) => this.link.frame(number, jpeg));
  }

  /** Draw the camera's picture on the small canvas, at the size the server asked for. */
  shrink() {
    const { videoWidth, videoHeight } = this.video;
    const size = this.size ?? { width: Math.round(256 * videoWidth / videoHeight), height: 256 };
    if (this.small.width !== size.width || this.small.height !== size.height) {
      [this.small.width, this.small.height] = [size.width, size.height];
      this.pen.imageSmoothingQuality = "medium";
    }
    this.pen.drawImage(this.video, 0, 0, size.width, size.height);
  }

  async jpeg() {
    const blob = await this.small.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    return blob.arrayBuffer();
  }

  async take(answer) {
    const frame = this.flying.get(answer.number);
    if (!frame) return;
    if (!answer.deflated) { this.flying.delete(answer.number); return; }
    const alpha = await inflate(answer.deflated);
    this.flying.delete(answer.number);
    const { width, height } = frame.slot.small;
    if (this.isRunning && answer.number > (this.drawn ?? 0) && answer.width === width && answer.height === height) {
      this.drawn = answer.number;
      this.compositor.draw(frame.slot, alpha);
      const now = performance.now();
      this.shown.push({ now, late: now - frame.time });
      this.runs.push({ now, runs: answer.runs, milliseconds: answer.milliseconds, viewers: answer.viewers });
      if (this.shown.length === 1) this.told.state("live");
    }
  }

  /** What the last two seconds were like. */
  figures() {
    const since = performance.now() - COUNTED;
    this.shown = this.shown.filter((one) => one.now > since);
    this.runs = this.runs.filter((one) => one.now > since);
    if (this.shown.length < 2) return null;
    const rate = (list, count) => 1000 * count / (list.at(-1).now - list[0].now);
    const late = this.shown.map((one) => one.late).sort((a, b) => a - b);
    return {
      fps: rate(this.shown, this.shown.length - 1), late: late[late.length >> 1], worst: late[Math.floor(late.length * 0.95)],
      model: rate(this.runs, Math.max(0, this.runs.at(-1).runs - this.runs[0].runs)),
      milliseconds: this.runs.at(-1).milliseconds, viewers: this.runs.at(-1).viewers, small: this.size,
    };
  }

  /** Make what the camera shows now the empty background, or forget it. */
  async plate(isWanted) {
    if (isWanted) this.shrink();
    this.link.plate(isWanted ? await this.jpeg() : null);
  }
}
