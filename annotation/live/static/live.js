/**
 * @import { Colour } from "./compositor.js"
 * @import { Model } from "./controls.js"
 * @import { State } from "./messages.js"
 * @import { Figures } from "./stream.js"
 *
 * @typedef {object} Component what Gradio gives the script of a gr.HTML
 * @property {HTMLElement} element holds live.html
 * @property {{ models: Model[], value?: { work: string } }} props the value is the work that was sent off last
 * @property {() => void} corrected triggers that event
 */

import { keptInTab } from "../../correct/static/connection/storage.js";
import { find, findAll, given, messageOf } from "../../correct/static/elements.js";
import * as camera from "./camera.js";
import { Compositor } from "./compositor.js";
import { Controls } from "./controls.js";
import { Stream } from "./stream.js";

const WAS_LIVE = "matting-was-live";
const GREEN = "#00b140";
/** What is said in a state that brings no words of its own. @type {Partial<Record<State, string>>} */
const WORDS = {
  stopped: "See yourself on any background, live.",
  starting: "Starting the camera…",
  waiting: "The connection was lost. Reconnecting…",
  forbidden: "The server does not let this page in. Reload the page and log in again.",
};

/**
 * Bring the Live tab to life.
 * @param {Component} component
 * @param {string} base the app's address
 */
export function mount({ element, props, corrected }, base) {
  const root = find(element, ".live", HTMLElement);
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new Tab(root, base, props.models, (work) => {
    props.value = { work };
    corrected();
  });
}

class Tab {
  /**
   * @param {HTMLElement} root
   * @param {string} base
   * @param {Model[]} models
   * @param {(work: string) => void} corrected opens what was sent off to be corrected
   */
  constructor(root, base, models, corrected) {
    this.root = root;
    this.base = base;
    this.corrected = corrected;
    this.video = find(root, "video", HTMLVideoElement);
    this.canvas = find(root, "canvas", HTMLCanvasElement);
    this.controls = new Controls(root, models);
    /** Once there was something to draw. @type {Compositor | null} */
    this.compositor = null;
    /** Once the camera was started. @type {Stream | null} */
    this.stream = null;
    this.hasPlate = false;
    /** @type {number | undefined} */
    this.noteTimer = undefined;
    this.listen();
    this.changed();
    this.state("stopped");
    this.watchVisibility();
    this.goOn();
  }

  /** @param {string} selector */
  find(selector) { return find(this.root, selector, HTMLElement); }

  /**
   * @param {string} selector
   * @param {"click" | "change" | "input"} event
   * @param {() => void} act
   */
  on(selector, event, act) { this.find(selector).addEventListener(event, act); }

  listen() {
    this.on(".live-start", "click", () => this.start());
    find(this.root, ".live-start", HTMLButtonElement).disabled = false; // from here on it does something
    this.on(".live-stop", "click", () => this.stop());
    this.on(".live-full", "click", () => this.fullScreen());
    this.on(".live-save", "click", () => this.save());
    this.on(".live-correct", "click", () => this.correct());
    this.on(".live-plate", "click", () => this.plate());
    for (const name of [".live-kinds", ".live-mirror", ".live-model"]) this.on(name, "change", () => this.changed());
    this.on("input[type=color]", "input", () => this.changed());
    this.on("input[type=file]", "change", () => this.openPicture());
    for (const name of [".live-camera", ".live-lines"]) this.on(name, "change", () => this.restart());
  }

  /** Another choice: keep it, and show it. */
  changed() {
    const { kind, colour, model, mirror } = this.controls.choices;
    this.controls.keep();
    this.root.dataset.kind = kind;
    if (!this.compositor) return;
    Object.assign(this.compositor.scene, { kind, colour: rgb(kind === "green" ? GREEN : colour), mirror });
    this.compositor.redraw(mirror);
    if (this.stream && this.stream.link.wishes.model !== model) this.stream.link.wish({ model });
  }

  /**
   * @param {State} name
   * @param {string} [text] what is said; the state's own words where it is left out
   */
  state(name, text) {
    if (name === "open") return;
    if (name === "live") this.find(".live-stage").style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    if (name === "refused") return this.note(text ?? "");
    this.root.dataset.state = name;
    this.find(".live-words").textContent = text ?? WORDS[name] ?? "";
    this.find(".live-start").textContent = name === "denied" ? "Try again" : "Start camera";
    for (const button of findAll(this.root, ".live-actions button", HTMLButtonElement)) button.disabled = name !== "live";
    if (name !== "live") this.find(".live-figures").textContent = "";
  }

  async start() {
    const { lines, model } = this.controls.choices;
    this.state("starting");
    let stream;
    try {
      this.compositor ??= new Compositor(this.canvas);
      stream = this.stream ??= this.newStream(this.compositor);
      stream.link.wishes.model = model;
      const media = await camera.start(this.video, { device: this.controls.camera.value, lines });
      media.getVideoTracks()[0].addEventListener("ended", () => this.stop("The camera was switched off or unplugged."));
    } catch (error) {
      camera.stop(this.video);
      this.state("denied", messageOf(error));
      return;
    }
    keptInTab.set(WAS_LIVE, "yes");
    this.changed();
    this.controls.listCameras();
    stream.start();
  }

  /** @param {Compositor} compositor */
  newStream(compositor) {
    return new Stream(`${this.base.replace(/^http/, "ws")}live/socket`, this.video, compositor, {
      state: (name, text) => this.state(name, text),
      figures: (figures) => this.figures(figures),
      plate: () => this.note("The empty background is known. Step back in."),
    });
  }

  /** @param {string} [text] why */
  stop(text) {
    keptInTab.remove(WAS_LIVE);
    this.stream?.stop();
    camera.stop(this.video);
    this.state("stopped", text);
  }

  restart() {
    this.changed();
    if (["stopped", "denied"].includes(this.root.dataset.state ?? "")) return;
    this.stream?.stop();
    camera.stop(this.video);
    this.start();
  }

  /** After a reload, start the camera again if it was on and the browser need not ask. */
  async goOn() {
    if (keptInTab.get(WAS_LIVE) && await camera.isAllowed()) this.start();
  }

  watchVisibility() {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.stream?.isRunning) this.stream.link.open();
    });
    new IntersectionObserver(([entry]) => {
      if (!this.stream) return;
      this.stream.isSeen = entry.isIntersecting;
      if (entry.isIntersecting && this.stream.isRunning) this.stream.link.open();
    }).observe(this.canvas);
  }

  /** @param {Figures | null} figures null while nothing is shown */
  figures(figures) {
    if (this.root.dataset.state !== "live") return;
    if (!figures) { this.find(".live-figures").textContent = "No picture from the camera"; return; }
    const { fps, late, worst, model, milliseconds, viewers } = figures;
    Object.assign(this.root.dataset, { fps: fps.toFixed(1), late: late.toFixed(0), worst: worst.toFixed(0), model: model.toFixed(1) });
    const words = [`${fps.toFixed(0)} fps`, `${late.toFixed(0)} ms behind`, `model ${model.toFixed(0)} a second, ${milliseconds} ms`];
    if (viewers > 1) words.push(`${viewers} viewers`);
    this.find(".live-figures").textContent = words.join(" · ");
  }

  /** @param {string} text for a few seconds over the picture */
  note(text) {
    const note = this.find(".live-note");
    note.textContent = text;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => { note.textContent = ""; }, 5000);
  }

  async openPicture() {
    const file = find(this.root, "input[type=file]", HTMLInputElement).files?.[0];
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      this.compositor ??= new Compositor(this.canvas);
      this.compositor.setPicture(picture);
      this.compositor.redraw(this.controls.choices.mirror);
    } catch { this.note("This file is not a picture the browser can read."); }
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.find(".live-stage").requestFullscreen();
  }

  async save() {
    const picture = await this.compositor?.picture();
    if (!picture) return this.note("The browser could not make a file of the picture. Try again.");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(picture);
    link.download = `live ${new Date().toISOString().slice(0, 19).replace(/:/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Send the camera's own frame, whole and unmirrored, to be corrected. */
  async correct() {
    const whole = new OffscreenCanvas(this.video.videoWidth, this.video.videoHeight);
    given(whole.getContext("2d")).drawImage(this.video, 0, 0);
    this.note("Sending the frame…");
    try {
      const answer = await fetch(`${this.base}live/snapshot`, { method: "POST", body: await whole.convertToBlob({ type: "image/png" }) });
      const told = await answer.json();
      this.note(told.text);
      if (told.work) this.corrected(told.work);
    } catch { this.note("The frame could not be sent. Check the connection and try again."); }
  }

  /** Count down while the person steps out, then learn the empty background; once more to forget it. */
  async plate() {
    const button = find(this.root, ".live-plate", HTMLButtonElement);
    if (this.hasPlate) {
      this.hasPlate = false;
      button.textContent = "Learn empty background";
      this.stream?.plate(false);
      return;
    }
    button.disabled = true;
    for (let left = 5; left > 0; left--) {
      this.note(`Step out of the picture and leave the camera where it is: ${left}`);
      await new Promise((done) => setTimeout(done, 1000));
    }
    this.hasPlate = true;
    button.disabled = false;
    button.textContent = "Forget empty background";
    this.stream?.plate(true);
  }
}

/**
 * @param {string} hex as #rrggbb
 * @returns {Colour}
 */
function rgb(hex) {
  /** @param {number} at */
  const share = (at) => parseInt(hex.slice(at, at + 2), 16) / 255;
  return [share(1), share(3), share(5)];
}
