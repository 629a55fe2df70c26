/**
 * @import { Compositor, Slot } from "./compositor.js"
 * @import { Answer, State } from "./messages.js"
 *
 * @typedef {object} Figures what the last two seconds were like
 * @property {number} fps composites a second
 * @property {number} late milliseconds from camera to screen, the median
 * @property {number} worst the 95th percentile
 * @property {number} model runs of the model a second
 * @property {number} milliseconds of its last run
 * @property {number} viewers
 *
 * @typedef {object} Told who hears how it goes
 * @property {(name: State, text?: string) => void} state
 * @property {(figures: Figures | null) => void} figures null while nothing is shown
 * @property {() => void} plate the empty background is known
 */

import { inflated } from "../../correct/static/connection/requests.js";
import { given } from "../../correct/static/elements.js";
import { Link } from "./link.js";

const MOST_IN_FLIGHT = 2, SLOTS = 4, QUALITY = 0.85;
const LOST = 2500, COUNTED = 2000; // milliseconds: a frame is given up after, figures are of the last

/** From camera frame to composite: keeps each frame, sends its small copy, and composites when the alpha comes. */
export class Stream {
  /**
   * @param {string} address of the socket
   * @param {HTMLVideoElement} video
   * @param {Compositor} compositor
   * @param {Told} told
   */
  constructor(address, video, compositor, told) {
    this.video = video;
    this.compositor = compositor;
    this.told = told;
    this.slots = Array.from({ length: SLOTS }, () => compositor.slot());
    this.small = new OffscreenCanvas(352, 256);
    this.pen = given(this.small.getContext("2d", { willReadFrequently: true }));
    this.pen.imageSmoothingQuality = "medium";
    /** Of the small copy, as the server asked. @type {{ width: number, height: number } | null} */
    this.size = null;
    this.number = 0;
    /** The newest frame that was shown. */
    this.drawn = 0;
    /** Frames on their way, by their number. @type {Map<number, { slot: Slot, time: number }>} */
    this.flying = new Map();
    /** @type {{ now: number, late: number }[]} */
    this.shown = [];
    /** @type {{ now: number, runs: number, milliseconds: number, viewers: number }[]} */
    this.runs = [];
    this.isSeen = true;
    this.isRunning = false;
    /** @type {number | undefined} */
    this.watch = undefined;
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
    if ("requestVideoFrameCallback" in this.video) this.video.requestVideoFrameCallback(() => this.tick());
    else requestAnimationFrame(() => this.tick());
  }

  tick() {
    this.next();
    const now = performance.now();
    for (const [number, frame] of this.flying) if (now - frame.time > LOST) this.flying.delete(number);
    if (document.hidden || !this.isSeen || !this.link.isOpen || this.flying.size >= MOST_IN_FLIGHT || !this.video.videoWidth) return;
    const taken = new Set([...this.flying.values()].map((frame) => frame.slot));
    const slot = this.slots.find((one) => one !== this.compositor.shown?.slot && !taken.has(one));
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

  /** @param {Answer} answer */
  async take(answer) {
    const frame = this.flying.get(answer.number);
    if (!frame) return;
    if (!answer.deflated) { this.flying.delete(answer.number); return; }
    const alpha = await inflated(new Uint8Array(answer.deflated));
    this.flying.delete(answer.number);
    const { slot, time } = frame;
    if (!this.isRunning || answer.number <= this.drawn) return;
    if (answer.width !== slot.small?.width || answer.height !== slot.small.height) return;
    this.drawn = answer.number;
    this.compositor.draw(slot, alpha);
    const now = performance.now();
    this.shown.push({ now, late: now - time });
    this.runs.push({ now, runs: answer.runs, milliseconds: answer.milliseconds, viewers: answer.viewers });
    if (this.shown.length === 1) this.told.state("live");
  }

  /**
   * The figures of the last two seconds; null while nothing is shown.
   * @returns {Figures | null}
   */
  figures() {
    const since = performance.now() - COUNTED;
    this.shown = this.shown.filter((one) => one.now > since);
    this.runs = this.runs.filter((one) => one.now > since);
    const [first] = this.runs, last = this.runs.at(-1);
    if (this.shown.length < 2 || !last) return null;
    const seconds = (last.now - first.now) / 1000;
    const late = this.shown.map((one) => one.late).sort((a, b) => a - b);
    return {
      fps: (this.shown.length - 1) / seconds, late: late[late.length >> 1], worst: late[Math.floor(late.length * 0.95)],
      model: Math.max(0, last.runs - first.runs) / seconds, milliseconds: last.milliseconds, viewers: last.viewers,
    };
  }

  /**
   * Make what the camera shows now the empty background, or forget it.
   * @param {boolean} isWanted
   */
  async plate(isWanted) {
    if (isWanted) this.shrink();
    this.link.plate(isWanted ? await this.jpeg() : null);
  }
}
