// The editor: opens photos, and puts painting, stage, tools, controls and link together. One per mounted component.

/**
 * @import { Opened, Problem } from "./connection/messages.js"
 * @import { Source } from "./drawing/pane.js"
 * @import { Place } from "./drawing/view.js"
 * @import { Box, Label } from "./strokes/stroke.js"
 * @import { ToolName } from "./tools/all_tools.js"
 *
 * @typedef {{ work: string, secret: string }} OpenedDraft which draft is open, and what proves that it is this browser's
 * @typedef {{ tool: ToolName, label: Label, radius: number, value: number, isPanning: boolean }} State what is chosen;
 *   `value` is the alpha that is painted, 0 to 255
 */

import { Link } from "./connection/link.js";
import { secret } from "./connection/requests.js";
import { fetchDraft } from "./connection/drafts.js";
import { Actions } from "./controls/actions.js";
import { Shelf } from "./controls/shelf.js";
import { Toolbar } from "./controls/toolbar.js";
import { Uncertainty } from "./controls/uncertainty.js";
import { Preferences } from "./drawing/preferences.js";
import { Stage } from "./drawing/stage.js";
import { find, findAll, messageOf } from "./elements.js";
import { Painting } from "./painting.js";
import { randomName } from "./strokes/wire.js";
import { Hand } from "./controls/hand.js";
import { LARGEST_RADIUS } from "./tools/brush_size.js";
import { makeTools } from "./tools/all_tools.js";

const PATIENCE = 20_000; // milliseconds after which the page says that opening takes longer than usual
const SLOW = "This takes longer than usual. The server may be busy, or the photo large; reload the page if nothing comes.";

export class Editor {
  /**
   * @param {HTMLElement} element the .trimap-editor of editor.html
   * @param {string} root the app's address
   * @param {(draft: OpenedDraft | null) => void} opened gets the draft that is open, null when it is left
   */
  constructor(element, root, opened) {
    this.element = Object.assign(element, { editor: this });
    this.root = root;
    this.opened = opened;
    /** @type {string | null} */
    this.draft = null;
    /** @type {Link | null} */
    this.link = null;
    /** Null until the photo is there. @type {Painting | null} */
    this.painting = null;
    /** @type {State} */
    this.state = { tool: "brush", label: "foreground", radius: 12, value: 128, isPanning: false };
    /** Where the pointer hovers. @type {Place | null} */
    this.pointer = null;
    /** @type {number | undefined} */
    this.slow = undefined;
    /** @type {Source} */
    this.source = { photo: null, trimap: null, alpha: null, unsure: null };
    this.preferences = new Preferences(() => this.redraw());
    this.panes = find(element, ".panes", HTMLElement);
    this.stage = new Stage(this.panes, this.source, this.preferences);
    this.uncertainty = new Uncertainty(this);
    this.tools = makeTools(this);
    this.hand = new Hand(findAll(element, ".pane canvas", HTMLElement), this);
    this.actions = new Actions(this);
    this.toolbar = new Toolbar(this);
    this.shelf = new Shelf(find(element, ".shelf", HTMLElement), root, draft => this.open(draft));
    this.shelf.refresh();
    setInterval(() => this.painting?.countUnknown(), 500);
  }

  get view() { return this.stage.view; }
  get tool() { return this.tools[this.state.tool]; }
  get history() { return this.painting?.history ?? null; }
  get isReady() { return this.painting !== null; }

  // --- opening and leaving --------------------------------------------------------------------------------------

  /**
   * Open a draft of this browser.
   * @param {string} draft
   */
  open(draft) {
    if (draft === this.draft) return;
    this.shut();
    this.draft = draft;
    this.shelf.mark(draft);
    this.element.dataset.state = "loading";
    this.trouble("");
    this.slow = setTimeout(() => this.trouble(SLOW), PATIENCE);
    const link = new Link(this.root, draft, {
      opened: news => this.takeUp(draft, link, news),
      painted: (stroke, number) => this.painting?.receive(stroke, number),
      unsaved: news => this.painting?.unsaved(news), problem: news => this.problem(news),
      patch: patch => this.painting?.patch(patch),
      unsure: news => this.uncertainty.hear(news), clicking: news => this.tools.click.hear(news),
      tabs: ({ count }) => this.toolbar.tabs(count), refused: reason => this.refuse(reason),
      lost: () => this.toolbar.status(), trouble: text => this.trouble(text), puzzled: text => this.puzzled(text),
    }, () => this.history?.saved.length ?? 0);
    this.link = link;
    link.connect();
  }

  shut() {
    if (this.isReady) this.hand.leave();
    this.link?.close();
    clearTimeout(this.slow);
    this.source.photo?.close();
    Object.assign(this.source, { photo: null, trimap: null, alpha: null });
    this.draft = null;
    this.painting = null;
    this.uncertainty.reset();
    for (const tool of Object.values(this.tools)) tool.reset();
    this.toolbar.say("");
    this.toolbar.tabs(1);
  }

  /** Back to the list of drafts. */
  leave() {
    this.shut();
    this.element.dataset.state = "empty";
    this.shelf.mark(null);
    this.opened(null);
    return this.shelf.refresh();
  }

  /**
   * Back to the list, with the reason.
   * @param {string} reason
   */
  async refuse(reason) {
    await this.leave();
    this.shelf.say(reason);
  }

  /**
   * The connection is there, for the first time or again.
   * @param {string} draft
   * @param {Link} link
   * @param {Opened} news
   */
  async takeUp(draft, link, news) {
    const { painting } = this;
    if (painting) {
      this.trouble("");
      for (const [at, stroke] of news.strokes.entries()) await painting.receive(stroke, news.after + at + 1);
    } else {
      await this.load(draft, link, news).catch(error => this.notLoaded(draft, link, error));
    }
    if (draft !== this.draft || !this.painting) return;
    this.toolbar.refresh();
    for (const tool of Object.values(this.tools)) tool.connected();
    if (news.after) this.painting.fetchAlpha().catch(() => { /* the next connection fetches it */ });
  }

  /**
   * @param {string} draft
   * @param {Link} link
   * @param {Opened} news
   */
  async load(draft, link, news) {
    const { width, height } = news, { photo, history, alpha } = await fetchDraft(this.root, draft, news);
    await this.shelf.join();
    if (draft !== this.draft) return photo.close();
    for (const stroke of link.unsent) history.add(stroke);
    this.trouble("");
    this.painting = new Painting(this, link, history, alpha);
    Object.assign(this.source, { photo, trimap: history.trimap, alpha: this.painting.alpha });
    this.element.dataset.state = "open";
    this.focus();
    if (matchMedia("(max-width: 720px), (max-height: 880px)").matches) this.element.scrollIntoView(); // it fills the screen
    this.element.dataset.draft = draft;
    this.stage.open(width, height);
    this.state.radius = Math.max(1, Math.round(this.preferences.brush * Math.max(width, height)));
    this.opened({ work: draft, secret: secret() });
  }

  /**
   * A photo that could not be fetched: if the connection is to blame, it reconnects and fetches again.
   * @param {string} draft
   * @param {Link} link
   * @param {unknown} error
   */
  notLoaded(draft, link, error) {
    if (draft === this.draft && link.isOpen) return this.refuse(`This photo cannot be opened: ${messageOf(error)}`);
  }

  // --- the server's messages ------------------------------------------------------------------------------------

  /**
   * Show why there is no connection, as long as there is none; an empty text hides it.
   * @param {string} text
   */
  trouble(text) {
    clearTimeout(this.slow);
    this.toolbar.trouble(text);
  }

  /** @param {string} text why something that came was not taken */
  puzzled(text) {
    if (this.isReady) this.toolbar.say(text);
    else this.trouble(text);
  }

  /**
   * A selection could not be made.
   * @param {Problem} news
   */
  problem({ reason }) {
    this.refreshTools();
    this.toolbar.say(reason);
  }

  // --- looking --------------------------------------------------------------------------------------------------

  /** @param {Box | null} [box] what changed; all where it is left out */
  redraw(box) { this.stage.draw(box); }
  refreshTools() { for (const tool of Object.values(this.tools)) tool.refresh(); }
  focus() { this.panes.focus({ preventScroll: true }); }

  /** @param {Place | null} at where the pointer hovers, null where it does not; left out: where it was */
  point(at = this.pointer) {
    const { isPanning, radius, label } = this.state;
    this.stage.ring(this.tool.hasRing && !isPanning ? at : null, radius, this.tool.half?.label ?? label);
    this.pointer = at;
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.view.pan(dx, dy);
    this.redraw();
  }

  /**
   * @param {number} factor
   * @param {number} [x] on the screen, as y; the middle where they are left out
   * @param {number} [y]
   */
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
    const { width, height } = this.view.screen, [x, y] = this.pointer ?? [width / 2, height / 2];
    this.zoomAt(1 / (window.devicePixelRatio || 1) / this.view.zoom, x, y);
  }

  // --- choosing -------------------------------------------------------------------------------------------------

  undo() { if (!this.tool.undo()) this.painting?.switch("undo"); }
  redo() { this.painting?.switch("redo"); }

  select() {
    this.toolbar.say("Selecting what your strokes mark…");
    this.link?.ask({ type: "select", id: randomName() });
  }

  /** @param {ToolName} tool */
  setTool(tool) {
    this.hand.abandon();
    this.state.tool = tool;
    this.point();
    this.refreshTools();
    this.tool.chosen();
  }

  /** @param {Label} label what tools of the trimap paint: one of those takes the place of one that does not */
  setLabel(label) {
    this.state.label = label;
    if (this.tool.does) this.setTool("brush");
    this.point();
  }

  /** @param {boolean} isPanning whether a drag moves the photo */
  setPanning(isPanning) {
    this.state.isPanning = isPanning;
    this.element.classList.toggle("is-panning", isPanning);
  }

  /** @param {number} radius */
  setRadius(radius) {
    this.state.radius = Math.max(0, Math.min(LARGEST_RADIUS, radius));
    this.preferences.setBrush(this.state.radius / Math.max(this.view.width, this.view.height));
    this.point();
  }
}
