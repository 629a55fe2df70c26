// The editor: puts history, stage, tools and link together. One instance a mounted component.

import { Actions } from "./controls/actions.js";
import { Clicks } from "./tools/clicks.js";
import { switchable } from "./strokes/history.js";
import { Link, secret } from "./connection/link.js";
import { Look } from "./drawing/look.js";
import { common, isEmpty, paint, union, whole } from "./strokes/raster.js";
import { Shelf } from "./controls/shelf.js";
import { Stage } from "./drawing/stage.js";
import { Toolbar } from "./controls/toolbar.js";
import { Tools } from "./tools/hand.js";
import { Uncertainty } from "./controls/uncertainty.js";
import { randomName } from "./strokes/wire.js";
import { fetchPlane, fetchWork } from "./connection/works.js";

const PATIENCE = 20_000; // milliseconds after which a photo that is not open yet is worth a word
const SLOW = "This takes longer than usual. The server may be busy, or the photo large; reload the page if nothing comes.";

/** Bring `element` (editor.html) to life. `root` is the app's address; `opened` hears {work, secret} once one is open, and null when it is left. */
export function mount(element, { root, opened = () => {} }) {
  return new Editor(element.querySelector(".trimap-editor"), root, opened);
}

class Editor {
  constructor(element, root, opened) {
    Object.assign(this, { element, root, opened, isReady: false, look: new Look(() => this.redraw()) });
    this.state = { tool: "brush", label: "foreground", radius: 12, isPanning: false };
    element.editor = this;
    this.source = { photo: null, trimap: null, alpha: null, unsure: null };
    this.uncertainty = new Uncertainty(this);
    this.clicks = new Clicks(element.querySelector(".clicking"), this);
    this.stage = new Stage(element.querySelector(".panes"), this.source, this.look);
    this.tools = new Tools([...element.querySelectorAll(".pane canvas")], this);
    this.toolbar = new Toolbar(element, this);
    this.shelf = new Shelf(element.querySelector(".shelf"), root, work => this.open(work));
    this.actions = new Actions(this);
    this.shelf.refresh();
    setInterval(() => this.countUnknown(), 500);
  }

  get view() { return this.stage.view; }

  /** Open the work `work` of this browser. */
  async open(work) {
    if (work === this.work) return;
    this.shut();
    this.work = work;
    this.element.dataset.state = "loading";
    this.trouble("");
    this.slow = setTimeout(() => this.trouble(SLOW), PATIENCE);
    this.link = new Link(this.root, work, {
      opened: news => this.takeUp(work, news), painted: (stroke, number) => this.receive(stroke, number),
      patch: patch => this.patch(patch), unsure: news => this.uncertainty.hear(news), clicking: news => this.clicks.hear(news),
      tabs: ({ count }) => this.toolbar.tabs(count), refused: reason => this.refuse(reason),
      unsaved: news => this.unsaved(news), problem: news => this.problem(news),
      lost: () => this.toolbar.status(), trouble: text => this.trouble(text), puzzled: text => this.isReady ? this.toolbar.say(text) : this.trouble(text),
    });
    this.link.connect(() => this.history?.saved.length ?? 0);
  }

  shut() {
    if (this.isReady) this.tools.leave();
    this.link?.close();
    clearTimeout(this.slow);
    this.source.photo?.close();
    Object.assign(this.source, { photo: null, trimap: null, alpha: null });
    Object.assign(this, { work: null, history: null, isReady: false });
    this.uncertainty.reset();
    this.clicks.reset();
    this.toolbar.say("");
    this.toolbar.tabs(1);
  }

  /** Back to the list of works. */
  leave() {
    this.shut();
    this.element.dataset.state = "empty";
    this.opened(null);
    return this.shelf.refresh();
  }

  /** Back to the list, with the reason. */
  async refuse(reason) {
    await this.leave();
    this.shelf.say(reason);
  }

  /** Say what keeps the connection away, as long as it does; an empty text: nothing. */
  trouble(text) {
    clearTimeout(this.slow);
    this.toolbar.trouble(text);
  }

  /** The connection is there, for the first time or again. */
  async takeUp(work, news) {
    if (this.isReady) this.trouble("");
    if (!this.history) await this.load(work, news).catch(error => this.notLoaded(work, error));
    else for (const [at, stroke] of news.strokes.entries()) await this.receive(stroke, news.after + at + 1);
    if (work !== this.work || !this.history) return;
    this.toolbar.refresh();
    this.clicks.reconnected();
    if (news.after) this.fetchAlpha().catch(() => { /* the next connection fetches it */ });
  }

  async load(work, news) {
    const { width, height, name } = news, { photo, history, alpha } = await fetchWork(this.root, work, news);
    if (work !== this.work) return photo.close();
    this.link.unsent.forEach(stroke => history.add(stroke));
    this.trouble("");
    Object.assign(this, { history, isReady: true, name });
    Object.assign(this.source, { photo, trimap: history.trimap, alpha: { width, height, pixels: alpha } });
    this.element.dataset.state = "open";
    this.focus();
    this.element.dataset.work = work;
    this.impose(whole(history.trimap));
    this.stage.open(width, height);
    this.state.radius = Math.max(1, Math.round(this.look.brush * Math.max(width, height)));
    this.opened({ work, secret: secret() });
  }

  /** A photo that could not be fetched: where the connection is to blame it comes back by itself, and this with it. */
  notLoaded(work, error) {
    if (work === this.work && this.link.isOpen) return this.refuse(`This photo cannot be opened: ${error.message}`);
  }

  async fetchAlpha() {
    const { history } = this, pixels = await fetchPlane(this.root, this.work, "alpha", history.automatic.length);
    if (history !== this.history) return;
    this.source.alpha.pixels.set(pixels);
    this.impose(whole(this.history.trimap));
    this.redraw();
  }

  // --- painting -------------------------------------------------------------------------------------------------

  /** Paint a piece of a stroke that is not finished. */
  paintLive(piece) {
    this.changed(paint(this.history.trimap, piece, this.history.below));
  }

  takeBack(stroke) {
    this.changed(this.history.takeBack(stroke));
  }

  /** A stroke is complete: it counts from here on, and travels. */
  finish(stroke) {
    this.commit({ ...stroke, target: "" });
  }

  commit(stroke) {
    const complete = { ...stroke, id: randomName(), time: Date.now(), author: this.link.tab };
    this.changed(this.history.add(complete));
    this.link.paint(complete);
    this.toolbar.refresh();
  }

  undo() {
    if (!this.tools.dropCorner()) this.switch("undo");
  }

  redo() { this.switch("redo"); }
  switch(kind) {
    if (!this.isReady) return;
    const target = switchable(this.history.strokes)[kind];
    if (target) this.commit({ kind, label: "unknown", radius: 0, points: [], target });
  }

  /** A stroke under its number, this tab's own or another's. */
  async receive(stroke, number) {
    if (!this.isReady) return;
    if (stroke.kind === "start" && !this.history.starts.has(stroke.target)) {
      this.history.starts.set(stroke.target, await fetchPlane(this.root, this.work, `start/${stroke.target}`, this.history.automatic.length));
      if (!this.isReady) return;
    }
    if (number > this.history.saved.length + 1) return this.link.resync();
    if (stroke.kind === "start") this.toolbar.say("");
    const box = this.history.receive(stroke, number);
    this.clicks.refresh();
    this.repainted(box);
    this.toolbar.refresh();
  }

  /** The server could not keep a stroke: take it back if it never can, else try again. */
  unsaved({ id, reason, lasting }) {
    this.toolbar.say(reason);
    if (lasting) this.repainted(this.history.forget(id));
    else setTimeout(() => this.link.resync(), 3000);
  }

  /** A selection could not be made. */
  problem({ reason }) {
    this.clicks.refresh();
    this.toolbar.say(reason);
  }
  select() {
    this.toolbar.say("Selecting what your strokes mark…");
    this.link.ask({ type: "select", id: randomName() });
  }

  /** The strokes were painted anew in `box`: what is half painted comes on top. */
  repainted(box) {
    const half = this.tools.current;
    if (half && !isEmpty(box)) paint(this.history.trimap, half, this.history.below);
    this.changed(box);
  }

  changed(box) {
    if (isEmpty(box)) return;
    this.impose(box);
    this.history.stale = union(this.history.stale, box);
    this.redraw(box);
  }

  /** The alpha of known pixels is known at once. */
  impose(box) {
    const { width, pixels } = this.history.trimap, alpha = this.source.alpha.pixels;
    for (let y = box.top; y < box.bottom; y++)
      for (let at = y * width + box.left, end = y * width + box.right; at < end; at++)
        if (pixels[at] !== 128) alpha[at] = pixels[at];
  }

  /** New alpha from the server. */
  patch({ left, top, right, bottom, pixels, quality, number }) {
    if (!this.isReady) return;
    const { width, height } = this.history.trimap, alpha = this.source.alpha.pixels, size = right - left;
    const fits = left >= 0 && top >= 0 && right <= width && bottom <= height && pixels.length === size * (bottom - top);
    if (!fits) throw new RangeError("a patch that does not fit the photo");
    for (let y = top; y < bottom; y++) alpha.set(pixels.subarray((y - top) * size, (y - top + 1) * size), y * width + left);
    this.impose(common({ left, top, right, bottom }, whole(this.history.trimap)));
    this.redraw({ left, top, right, bottom });
    this.element.dataset.solved = number;
    this.element.dispatchEvent(new CustomEvent("patched", { detail: { quality, number } }));
  }

  countUnknown() {
    if (!this.isReady || isEmpty(this.history.stale)) return;
    this.unknownShare = this.history.countUnknown() / this.history.trimap.pixels.length;
    this.toolbar.status();
  }

  // --- looking ---

  redraw(box) { this.stage.draw(box); }
  redrawOutline(points) { this.stage.redrawOutline(points); }
  point(at = this.pointer ?? null) {
    const { tool, isPanning, radius, label } = this.state;
    this.stage.ring(tool === "brush" && !isPanning ? at : null, radius, this.tools.current?.label ?? label);
    this.pointer = at;
  }
  focus() { this.element.querySelector(".panes").focus({ preventScroll: true }); }

  pan(dx, dy) {
    this.view.pan(dx, dy);
    this.redraw();
  }

  zoomAt(factor, x = this.view.screen.width / 2, y = this.view.screen.height / 2) {
    this.view.zoomAt(factor, x, y);
    this.redraw();
    this.point();
    this.toolbar.status();
  }

  fit() {
    this.view.fit();
    this.redraw();
    this.toolbar.status();
  }

  /** One image pixel on one device pixel. */
  actual() {
    const { width, height } = this.view.screen;
    this.zoomAt(1 / (window.devicePixelRatio || 1) / this.view.zoom, ...(this.pointer ?? [width / 2, height / 2]));
  }

  show(kind) {
    this.stage.show(kind);
    this.toolbar.refresh();
  }

  // --- choosing -------------------------------------------------------------------------------------------------

  setTool(tool) {
    this.state.tool = tool;
    this.point();
    this.clicks.refresh();
    if (tool === "click" && !["downloading", "encoding", "ready"].includes(this.clicks.state)) this.clicks.prepare();
  }

  setRadius(radius) {
    this.state.radius = Math.max(0, Math.min(500, radius));
    this.look.setBrush(this.state.radius / Math.max(this.view.width, this.view.height));
    this.point();
  }
}
