// What is on the screen besides the toolbar: one or two panes with one view, the brush's ring and the outline.

import { Pane, VIEWS } from "./pane.js";
import { View } from "./view.js";

const SVG = "http://www.w3.org/2000/svg";

export class Stage {
  /** `element` holds .pane elements with a canvas and an svg each; `source` and `look` as in Pane. */
  constructor(element, source, look) {
    this.element = element;
    this.view = new View(1, 1);
    this.source = source;
    this.frames = [...element.querySelectorAll(".pane")];
    this.panes = this.frames.map(frame => new Pane(frame.querySelector("canvas"), this.view, source, look));
    this.marks = this.frames.map(frame => marksIn(frame.querySelector("svg")));
    this.kind = "trimap";
    this.result = "cutout";
    this.isSplit = false;
    new ResizeObserver(() => this.resize()).observe(element);
    this.watchRatio();
    this.show();
  }

  /** A window dragged to another screen, or the browser's own zoom, changes how many device pixels there are. */
  watchRatio() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => {
      this.panes.forEach(pane => { pane.pattern = null; });
      this.resize();
      this.watchRatio();
    }, { once: true });
  }

  get shown() { return this.isSplit ? this.panes : this.panes.slice(0, 1); }

  /** Another picture of width × height. */
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

  draw(box = null) {
    this.shown.forEach(pane => pane.draw(box));
    if (box) return;
    this.redrawOutline(this.outline ?? []);
    this.redrawPoints(this.points ?? []);
  }

  /** Show `kind`; in a split, the trimap on one side and `kind` (or the last result) on the other. */
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
    const views = this.isSplit ? ["alpha", "cutout"] : VIEWS;
    this.show(views[(views.indexOf(this.kind) + 1) % views.length]);
  }

  /** The brush's ring at a screen position, in every pane; null hides it. */
  ring(at, radius, label) {
    for (const { circle } of this.marks) {
      circle.setAttribute("visibility", at ? "visible" : "hidden");
      if (!at) continue;
      const [x, y] = this.view.pixelAt(...at);
      circle.setAttribute("cx", (x + 0.5) * this.view.zoom + this.view.x);
      circle.setAttribute("cy", (y + 0.5) * this.view.zoom + this.view.y);
      circle.setAttribute("r", Math.max(2, (radius + 0.5) * this.view.zoom));
      circle.dataset.label = label;
    }
  }

  redrawOutline(points) {
    this.outline = points;
    const { zoom, x, y } = this.view;
    const text = points.map(point => `${(point[0] + 0.5) * zoom + x},${(point[1] + 0.5) * zoom + y}`).join(" ");
    for (const { line } of this.marks) line.setAttribute("points", text);
  }

  /** The clicks of a selection: {point, label, isPending}, in image pixels. */
  redrawPoints(points) {
    this.points = points;
    const { zoom, x, y } = this.view;
    for (const { group } of this.marks) {
      group.replaceChildren(...points.map(({ point, label, isPending }) => {
        const dot = document.createElementNS(SVG, "circle");
        dot.setAttribute("cx", (point[0] + 0.5) * zoom + x);
        dot.setAttribute("cy", (point[1] + 0.5) * zoom + y);
        dot.dataset.label = label;
        dot.classList.toggle("is-pending", isPending);
        return dot;
      }));
    }
  }

  /** A ring that draws the eye to an image pixel. */
  pulse(imageX, imageY) {
    for (const { pulse } of this.marks) {
      pulse.setAttribute("cx", imageX * this.view.zoom + this.view.x);
      pulse.setAttribute("cy", imageY * this.view.zoom + this.view.y);
      pulse.getAnimations().forEach(animation => animation.cancel());
      pulse.animate([{ r: "40px", opacity: 0 }, { r: "26px", opacity: 1 }, { r: "14px", opacity: 0 }],
        { duration: 900, iterations: 2, easing: "ease-in-out" });
    }
  }
}

function marksIn(svg) {
  const make = (name, className) => {
    const mark = svg.appendChild(document.createElementNS(SVG, name));
    mark.setAttribute("class", className);
    return mark;
  };
  return { line: make("polygon", "outline"), circle: make("circle", "ring"), pulse: make("circle", "pulse"), group: make("g", "points") };
}
