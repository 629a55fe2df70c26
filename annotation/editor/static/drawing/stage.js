// What is on the screen besides the toolbar: one or two panes with one view, the brush's ring and the outline.

/**
 * @import { Box, Label, Point } from "../strokes/stroke.js"
 * @import { Preferences } from "./preferences.js"
 * @import { Source, ViewName } from "./pane.js"
 * @import { Place } from "./view.js"
 *
 * @typedef {{ point: Point, label: Label, isPending: boolean }} Dot a click of a selection; pending while unanswered
 */

import { find, findAll } from "../elements.js";
import { Pane, VIEWS } from "./pane.js";
import { View } from "./view.js";

const SVG = "http://www.w3.org/2000/svg";

export class Stage {
  /**
   * @param {HTMLElement} element holds two .pane elements with a canvas and an svg each
   * @param {Source} source
   * @param {Preferences} preferences
   */
  constructor(element, source, preferences) {
    this.view = new View(1, 1);
    this.frames = findAll(element, ".pane", HTMLElement);
    this.panes = this.frames.map(frame => new Pane(find(frame, "canvas", HTMLCanvasElement), this.view, source, preferences));
    this.marks = this.frames.map(frame => marksIn(find(frame, "svg", SVGSVGElement)));
    /** @type {ViewName} */
    this.kind = "trimap";
    /** @type {"alpha" | "cutout"} */
    this.result = "cutout";
    this.isSplit = false;
    /** @type {Point[]} */
    this.outline = [];
    /** @type {Dot[]} */
    this.dots = [];
    new ResizeObserver(() => this.resize()).observe(element);
    this.watchRatio();
    this.show();
  }

  /** A window dragged to another screen, or the browser's own zoom, changes how many device pixels there are. */
  watchRatio() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => {
      for (const pane of this.panes) pane.pattern = null;
      this.resize();
      this.watchRatio();
    }, { once: true });
  }

  get shown() { return this.isSplit ? this.panes : this.panes.slice(0, 1); }

  /**
   * Another picture.
   * @param {number} width
   * @param {number} height
   */
  open(width, height) {
    Object.assign(this.view, { width, height, fitted: true });
    this.resize();
  }

  resize() {
    const { width, height } = this.frames[0].getBoundingClientRect();
    if (!width || !height) return;
    this.view.resize(width, height);
    this.draw();
  }

  /** @param {Box | null} box what changed, in image pixels; null for all of it */
  draw(box = null) {
    for (const pane of this.shown) pane.draw(box);
    if (box) return;
    this.redrawOutline(this.outline);
    this.redrawDots(this.dots);
  }

  /**
   * Show `kind`; in a split, the trimap on one side and `kind` (or the last result) on the other.
   * @param {ViewName} [kind]
   * @param {{ isSplit?: boolean, isComparing?: boolean }} [how]
   */
  show(kind = this.kind, { isSplit = this.isSplit, isComparing = false } = {}) {
    this.kind = kind;
    if (kind === "alpha" || kind === "cutout") this.result = kind;
    const changed = isSplit !== this.isSplit;
    this.isSplit = isSplit;
    this.frames[1].hidden = !isSplit;
    this.panes[0].kind = isComparing ? "photo" : isSplit ? "trimap" : kind;
    this.panes[1].kind = isComparing ? "photo" : this.result;
    if (changed) this.resize();
    this.draw();
  }

  nextView() {
    /** @type {ViewName[]} */
    const views = this.isSplit ? ["alpha", "cutout"] : VIEWS;
    this.show(views[(views.indexOf(this.kind) + 1) % views.length]);
  }

  /**
   * The brush's ring at a screen position, in every pane; null hides it.
   * @param {Place | null} at
   * @param {number} radius
   * @param {Label} label
   */
  ring(at, radius, label) {
    for (const { circle } of this.marks) {
      circle.setAttribute("visibility", at ? "visible" : "hidden");
      if (!at) continue;
      const [x, y] = this.view.pixelAt(...at);
      move(circle, (x + 0.5) * this.view.zoom + this.view.x, (y + 0.5) * this.view.zoom + this.view.y);
      circle.setAttribute("r", String(Math.max(2, (radius + 0.5) * this.view.zoom)));
      circle.dataset.label = label;
    }
  }

  /** @param {Point[]} points the corners of a lasso, in image pixels */
  redrawOutline(points) {
    this.outline = points;
    const { zoom, x, y } = this.view;
    const text = points.map(point => `${(point[0] + 0.5) * zoom + x},${(point[1] + 0.5) * zoom + y}`).join(" ");
    for (const { line } of this.marks) line.setAttribute("points", text);
  }

  /** @param {Dot[]} dots */
  redrawDots(dots) {
    this.dots = dots;
    const { zoom, x, y } = this.view;
    for (const { group } of this.marks) {
      group.replaceChildren(...dots.map(({ point, label, isPending }) => {
        const dot = document.createElementNS(SVG, "circle");
        move(dot, (point[0] + 0.5) * zoom + x, (point[1] + 0.5) * zoom + y);
        dot.dataset.label = label;
        dot.classList.toggle("is-pending", isPending);
        return dot;
      }));
    }
  }

  /**
   * A ring that draws the eye to an image pixel.
   * @param {number} imageX
   * @param {number} imageY
   */
  pulse(imageX, imageY) {
    for (const { pulse } of this.marks) {
      move(pulse, imageX * this.view.zoom + this.view.x, imageY * this.view.zoom + this.view.y);
      for (const animation of pulse.getAnimations()) animation.cancel();
      pulse.animate([{ r: "40px", opacity: 0 }, { r: "26px", opacity: 1 }, { r: "14px", opacity: 0 }],
        { duration: 900, iterations: 2, easing: "ease-in-out" });
    }
  }
}

/**
 * @param {SVGCircleElement} circle
 * @param {number} x
 * @param {number} y
 */
function move(circle, x, y) {
  circle.setAttribute("cx", String(x));
  circle.setAttribute("cy", String(y));
}

/** @param {SVGSVGElement} svg */
function marksIn(svg) {
  /**
   * @template {"polygon" | "circle" | "g"} T
   * @param {T} name
   * @param {string} className
   */
  const make = (name, className) => {
    const mark = svg.appendChild(document.createElementNS(SVG, name));
    mark.setAttribute("class", className);
    return mark;
  };
  return { line: make("polygon", "outline"), circle: make("circle", "ring"), pulse: make("circle", "pulse"), group: make("g", "points") };
}
