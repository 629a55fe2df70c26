// The editor: puts history, stage, tools and link together. One instance a mounted component.

import { Clicks } from "./clicks.js";
import { EMPTY, History } from "./history.js";
import { switchable } from "./history.js";
import { meaning } from "./keys.js";
import { get, inflated, Link, secret } from "./link.js";
import { Photo } from "./photo.js";
import { common, isEmpty, paint, union, whole } from "./raster.js";
import { Shelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { Toolbar } from "./toolbar.js";
import { Tools } from "./tools.js";
import { randomName } from "./wire.js";

const PREFERENCES = "matting-studio-editor";
const BRUSH = 0.02; // the first radius, as a share of the photo's long side: the robot annotator's median on generated photos

/** Bring `element` (editor.html) to life. `root` is the app's address; `opened` hears {work, secret} once one is open, and null when it is left. */
export function mount(element, { root, opened = () => {} }) {
  return new Editor(element.querySelector(".trimap-editor"), root, opened);
}

class Editor {
  constructor(element, root, opened) {
    Object.assign(this, { element, root, opened, isReady: false, brush: BRUSH });
    this.state = { tool: "brush", label: "foreground", radius: 12, isPanning: false };
    this.look = { opacity: 0.45, colour: null };
    element.editor = this;
    this.remember();
    this.source = { photo: null, trimap: null, alpha: null, unsure: null };
    this.clicks = new Clicks(element.querySelector(".clicking"), this);
    this.stage = new Stage(element.querySelector(".panes"), this.source, this.look);
    this.tools = [...element.querySelectorAll(".pane canvas")].map(canvas => new Tools(canvas, this));
    this.toolbar = new Toolbar(element, this);
    this.shelf = new Shelf(element.querySelector(".shelf"), root, work => this.open(work));
    this.listenToKeys();
    this.shelf.refresh();
    setInterval(() => this.countUnknown(), 500);
  }

  get view() { return this.stage.view; }

  /** Take up where the last visit left: brush size, as a share of the photo's, and looks are kept, nothing else. */
  remember() {
    try {
      const kept = JSON.parse(localStorage.getItem(PREFERENCES) ?? "{}");
      this.brush = kept.brush ?? this.brush;
      Object.assign(this.look, { opacity: kept.opacity ?? this.look.opacity, colour: kept.colour ?? null });
    } catch { /* preferences are worth no error */ }
  }

  keepPreferences() {
    try {
      localStorage.setItem(PREFERENCES, JSON.stringify({ brush: this.brush, ...this.look }));
    } catch { /* likewise */ }
  }

  /** Open the work `work` of this browser. */
  async open(work) {
    if (work === this.work) return;
    this.shut();
    this.work = work;
    this.element.dataset.state = "loading";
    this.link = new Link(this.root, work, {
      opened: news => this.takeUp(work, news), painted: (stroke, number) => this.receive(stroke, number),
      patch: patch => this.patch(patch), unsure: news => this.showUnsure(news), tabs: ({ count }) => this.toolbar.tabs(count),
      lost: () => this.toolbar.status(), refused: reason => this.refuse(reason),
      unsaved: news => this.unsaved(news), problem: news => this.problem(news),
      clicking: news => this.clicks.hear(news),
    });
    this.link.connect(() => this.history?.saved.length ?? 0);
  }

  shut() {
    this.link?.close();
    this.source.photo?.close();
    Object.assign(this.source, { photo: null, trimap: null, alpha: null, unsure: null });
    Object.assign(this, { work: null, history: null, isReady: false, places: [] });
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

  /** The connection is there, for the first time or again. */
  async takeUp(work, news) {
    if (!this.history) await this.load(work, news).catch(error => this.notLoaded(work, error));
    else for (const [at, stroke] of news.strokes.entries()) await this.receive(stroke, news.after + at + 1);
    if (work !== this.work || !this.history) return;
    this.toolbar.refresh();
    this.clicks.reconnected();
    if (news.after) this.fetchAlpha();
  }

  async load(work, { width, height, strokes, name }) {
    const path = what => `correct/works/${work}/${what}`;
    const bytes = async what => inflated(new Uint8Array(await (await get(this.root, path(what))).arrayBuffer()));
    const blob = get(this.root, path("photo")).then(response => response.blob());
    const names = strokes.filter(stroke => stroke.kind === "start").map(stroke => stroke.target);
    const [automatic, alpha, ...starts] = await Promise.all(["start/automatic", "alpha", ...names.map(n => `start/${n}`)].map(bytes));
    const photo = await Photo.load(await blob);
    if (work !== this.work) return photo.close();
    const history = new History(width, height, automatic, new Map(names.map((n, at) => [n, starts[at]])));
    strokes.forEach((stroke, at) => history.receive(stroke, at + 1));
    this.link.unsent.forEach(stroke => history.add(stroke));
    Object.assign(this, { history, isReady: true, name });
    Object.assign(this.source, { photo, trimap: history.trimap, alpha: { width, height, pixels: alpha } });
    this.element.dataset.state = "open";
    this.focus();
    this.element.dataset.work = work;
    this.impose(whole(history.trimap));
    this.stage.open(width, height);
    this.state.radius = Math.max(1, Math.round(this.brush * Math.max(width, height)));
    this.opened({ work, secret: secret() });
  }

  /** A photo that could not be fetched: where the connection is to blame it comes back by itself, and this with it. */
  notLoaded(work, error) {
    if (work === this.work && this.link.isOpen) return this.refuse(`This photo cannot be opened: ${error.message}`);
  }

  async fetchAlpha() {
    const response = await get(this.root, `correct/works/${this.work}/alpha`);
    const pixels = await inflated(new Uint8Array(await response.arrayBuffer()));
    if (!this.isReady || pixels.length !== this.source.alpha.pixels.length) return;
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
    if (!this.tools.some(tool => tool.dropCorner())) this.switch("undo");
  }

  redo() { this.switch("redo"); }

  switch(kind) {
    if (!this.isReady || this.tools.some(tool => tool.current)) return;
    const target = switchable(this.history.strokes)[kind];
    if (target) this.commit({ kind, label: "unknown", radius: 0, points: [], target });
  }

  /** A stroke under its number, this tab's own or another's. */
  async receive(stroke, number) {
    if (!this.isReady) return;
    if (stroke.kind === "start" && !this.history.starts.has(stroke.target)) {
      const response = await get(this.root, `correct/works/${this.work}/start/${stroke.target}`);
      this.history.starts.set(stroke.target, await inflated(new Uint8Array(await response.arrayBuffer())));
    }
    if (number > this.history.saved.length + 1) return this.link.resync();
    if (stroke.kind === "start") this.toolbar.say("");
    const box = this.history.receive(stroke, number);
    this.clicks.refresh();
    const half = this.tools.find(tool => tool.current)?.current;
    if (half && !isEmpty(box)) paint(this.history.trimap, half, this.history.below);
    this.changed(box);
    this.toolbar.refresh();
  }

  /** The server could not keep a stroke: take it back if it never can, else try again. */
  unsaved({ id, reason, lasting }) {
    this.toolbar.say(reason);
    if (lasting) this.changed(this.history.forget(id));
    else setTimeout(() => this.link.resync(), 3000);
  }

  /** A selection could not be made. */
  problem({ reason }) {
    this.clicks.refresh();
    this.toolbar.say(reason);
  }

  download() { this.clicks.prepare(true); }

  select() {
    this.toolbar.say("Selecting what your strokes mark…");
    this.link.ask({ type: "select", id: randomName() });
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
    const { width } = this.history.trimap, alpha = this.source.alpha.pixels, size = right - left;
    for (let y = top; y < bottom; y++) alpha.set(pixels.subarray((y - top) * size, (y - top + 1) * size), y * width + left);
    this.impose(common({ left, top, right, bottom }, whole(this.history.trimap)));
    this.redraw({ left, top, right, bottom });
    this.element.dataset.solved = number;
    this.element.dispatchEvent(new CustomEvent("patched", { detail: { quality, number } }));
  }

  showUnsure(news) {
    this.places = news.places;
    this.unsureLayer = { width: news.width, height: news.height, pixels: news.pixels };
    this.placeAt = -1;
    if (this.source.unsure) this.toggleUnsure(true);
    this.toolbar.refresh();
  }

  toggleUnsure(isOn = !this.source.unsure) {
    this.source.unsure = isOn ? this.unsureLayer ?? null : null;
    this.toolbar.refresh();
    this.redraw();
  }

  nextPlace() {
    if (!this.places?.length) return;
    this.placeAt = (this.placeAt + 1) % this.places.length;
    const [x, y] = this.places[this.placeAt];
    const { view } = this;
    if (view.zoom < 2 * view.fitZoom()) view.zoom = Math.min(8, 3 * view.fitZoom());
    view.fitted = false;
    view.centre(x, y);
    this.redraw();
    this.stage.pulse(x, y);
  }

  countUnknown() {
    if (!this.isReady || isEmpty(this.history.stale)) return;
    this.unknownShare = this.history.countUnknown() / this.history.trimap.pixels.length;
    this.toolbar.status();
  }

  // --- looking --------------------------------------------------------------------------------------------------

  redraw(box = null) { this.stage.draw(box); }
  redrawOutline(points) { this.stage.redrawOutline(points); }
  point(at) { this.stage.ring(this.state.tool === "brush" && !this.state.isPanning ? at : null, this.state.radius, this.state.label); this.pointer = at; }
  focus() { this.element.querySelector(".panes").focus({ preventScroll: true }); }

  pan(dx, dy) {
    this.view.pan(dx, dy);
    this.redraw();
  }

  zoomAt(factor, x = this.view.screen.width / 2, y = this.view.screen.height / 2) {
    this.view.zoomAt(factor, x, y);
    this.redraw();
    this.point(this.pointer ?? null);
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

  // --- keys -----------------------------------------------------------------------------------------------------

  listenToKeys() {
    this.element.addEventListener("keydown", event => this.press(event));
    this.element.addEventListener("keyup", event => this.release(event));
    window.addEventListener("blur", () => this.letGo());
  }

  press(event) {
    const row = meaning(event);
    if (!row || (!this.isReady && row.does !== "help")) return;
    if (row.does === "nextView" && !event.target.closest(".panes")) return; // elsewhere Tab moves the focus
    if (row.does !== "help" && event.target.closest("dialog")) return; // there Escape closes it
    event.preventDefault();
    event.stopPropagation();
    if (row.isHeld && event.repeat) return;
    this.do(row.does, row.value);
  }

  release(event) {
    const row = meaning(event);
    if (row?.isHeld) this.letGo();
  }

  letGo() {
    this.state.isPanning = false;
    this.stage.show(undefined, { isComparing: false });
    this.element.classList.remove("is-panning");
  }

  /** Do what a key or a button says. */
  do(what, value) {
    const act = {
      label: () => { this.state.label = value; this.point(this.pointer ?? null); },
      tool: () => { this.tools.forEach(tool => tool.abandon()); this.setTool(value); },
      radius: () => this.setRadius(value > 1 ? Math.ceil(this.state.radius * value + 0.01) : Math.floor(this.state.radius * value)),
      closeOutline: () => this.tools.forEach(tool => tool.closeOutline()),
      abandon: () => this.tools.forEach(tool => tool.abandon()),
      compare: () => this.stage.show(undefined, { isComparing: true }),
      isPanning: () => { this.state.isPanning = true; this.element.classList.add("is-panning"); this.point(null); },
      split: () => this.stage.show(undefined, { isSplit: !this.stage.isSplit }),
      overlay: () => this.setOpacity(this.look.opacity ? 0 : this.lastOpacity || 0.45),
      nextView: () => this.stage.nextView(),
      help: () => this.toolbar.help(),
      zoom: () => this.zoomAt(value),
    }[what];
    if (act) act(); else this[what](value);
    this.toolbar.refresh();
  }

  setTool(tool) {
    this.state.tool = tool;
    this.point(this.pointer ?? null);
    this.clicks.refresh();
    if (tool === "click" && !["downloading", "encoding", "ready"].includes(this.clicks.state)) this.clicks.prepare();
  }

  setRadius(radius) {
    this.state.radius = Math.max(0, Math.min(500, radius));
    this.brush = this.state.radius / Math.max(this.view.width, this.view.height);
    this.point(this.pointer ?? null);
    this.keepPreferences();
  }

  setOpacity(opacity) {
    if (this.look.opacity) this.lastOpacity = this.look.opacity;
    this.look.opacity = opacity;
    this.keepPreferences();
    this.redraw();
  }

  setColour(colour) {
    this.look.colour = colour;
    this.keepPreferences();
    this.redraw();
  }
}

export { EMPTY };
