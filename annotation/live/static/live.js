import { kept, keptInTab } from "../../correct/static/connection/storage.js";
import * as camera from "./camera.js";
import { Compositor } from "./compositor.js";
import { Stream } from "./stream.js";

const STORED = "matting-live", WAS_LIVE = "matting-was-live";
const GREEN = "#00b140";
const STATES = {
  stopped: "See yourself on any background, live.",
  starting: "Starting the camera…",
  waiting: "The connection was lost. Reconnecting…",
  forbidden: "The server does not let this page in. Reload the page and log in again.",
};
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

/** Bring the Live tab in `root` to life: its routes are under `base`; `corrected(work)` opens what was sent off. */
export function mount(root, { base, models, corrected }) {
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new Tab(root, base, models, corrected);
}

class Tab {
  constructor(root, base, models, corrected) {
    this.root = root;
    this.corrected = corrected;
    this.base = base;
    this.video = this.find("video");
    this.canvas = this.find("canvas");
    this.find(".live-model").replaceChildren(...models.map(({ name, title }) => new Option(title, name)));
    this.listen();
    this.restore();
    this.state("stopped");
    this.watchVisibility();
    this.goOn();
  }

  find(selector) { return this.root.querySelector(selector); }
  on(selector, event, act) { this.find(selector).addEventListener(event, act); }

  listen() {
    this.on(".live-start", "click", () => this.start());
    this.on(".live-stop", "click", () => this.stop());
    this.on(".live-full", "click", () => this.fullScreen());
    this.on(".live-save", "click", () => this.save());
    this.on(".live-correct", "click", () => this.correct());
    this.on(".live-plate", "click", () => this.plate());
    this.on(".live-kinds", "change", () => this.changed());
    this.on(".live-mirror", "change", () => this.changed());
    this.on("input[type=color]", "input", () => this.changed());
    this.on("input[type=file]", "change", (event) => this.openPicture(event.target.files[0]));
    this.on(".live-model", "change", () => this.changed());
    for (const name of [".live-camera", ".live-lines"]) this.on(name, "change", () => this.restart());
  }

  get choices() {
    return {
      kind: this.find(".live-kinds input:checked").value, colour: this.find("input[type=color]").value,
      model: this.find(".live-model").value, lines: Number(this.find(".live-lines").value),
      mirror: this.find(".live-mirror").checked,
    };
  }

  restore() {
    const stored = kept.read(STORED, {});
    const kind = this.find(`.live-kinds input[value="${stored.kind}"]`);
    if (kind) kind.checked = true;
    if (stored.colour) this.find("input[type=color]").value = stored.colour;
    if (stored.model === "modnet") this.find(".live-model").value = stored.model;
    if (stored.lines) this.find(".live-lines").value = stored.lines;
    if (stored.mirror === false) this.find(".live-mirror").checked = false;
    this.changed();
  }

  changed() {
    const { kind, colour, model, mirror } = this.choices;
    kept.set(STORED, JSON.stringify(this.choices));
    this.root.dataset.kind = kind;
    if (!this.compositor) return;
    Object.assign(this.compositor.scene, { kind, colour: rgb(kind === "green" ? GREEN : colour), mirror });
    this.compositor.redraw(mirror);
    if (this.stream.link.wishes.model !== model) this.stream.link.wish({ model });
  }

  state(name, text) {
    if (name === "open") return;
    if (name === "live") this.find(".live-stage").style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    if (name === "refused") { this.note(text); return; }
    this.root.dataset.state = name;
    this.find(".live-words").textContent = text ?? STATES[name] ?? "";
    this.find(".live-start").textContent = name === "denied" ? "Try again" : "Start camera";
    for (const button of this.root.querySelectorAll(".live-actions button")) button.disabled = name !== "live";
    if (name !== "live") this.find(".live-figures").textContent = "";
  }

  async start() {
    this.state("starting");
    try {
      this.compositor ??= new Compositor(this.canvas);
      this.stream ??= new Stream(`${this.base.replace(/^http/, "ws")}live/socket`, this.video, this.compositor, {
        state: (name, text) => this.state(name, text),
        figures: (figures) => this.figures(figures),
        plate: () => this.note("The empty background is known. Step back in."),
      });
      this.stream.link.wishes.model = this.choices.model;
      const stream = await camera.start(this.video, { device: this.find(".live-camera").value, lines: this.choices.lines });
      stream.getVideoTracks()[0].addEventListener("ended", () => this.stop("The camera was switched off or unplugged."));
    } catch (error) {
      camera.stop(this.video);
      this.state("denied", error.message);
      return;
    }
    keptInTab.set(WAS_LIVE, "yes");
    this.changed();
    this.listCameras();
    this.stream.start();
  }

  stop(text) {
    keptInTab.remove(WAS_LIVE);
    this.stream?.stop();
    camera.stop(this.video);
    this.state("stopped", text);
  }

  restart() {
    this.changed();
    if (["stopped", "denied"].includes(this.root.dataset.state)) return;
    this.stream.stop();
    camera.stop(this.video);
    this.start();
  }

  /** After a reload, go on where the person was, if the browser need not ask. */
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

  async listCameras() {
    const list = this.find(".live-camera"), chosen = list.value;
    const found = (await camera.cameras()).map((one, at) => new Option(one.label || `Camera ${at + 1}`, one.deviceId));
    list.replaceChildren(new Option("Standard", ""), ...found);
    list.value = chosen;
  }

  figures(figures) {
    if (this.root.dataset.state !== "live") return;
    if (!figures) { this.find(".live-figures").textContent = "No picture from the camera"; return; }
    const { fps, late, worst, model, milliseconds, viewers } = figures;
    Object.assign(this.root.dataset, { fps: fps.toFixed(1), late: late.toFixed(0), worst: worst.toFixed(0), model: model.toFixed(1) });
    const words = [`${fps.toFixed(0)} fps`, `${late.toFixed(0)} ms behind`, `model ${model.toFixed(0)} a second, ${milliseconds} ms`];
    if (viewers > 1) words.push(`${viewers} viewers`);
    this.find(".live-figures").textContent = words.join(" · ");
  }

  note(text) {
    const note = this.find(".live-note");
    note.textContent = text;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => { note.textContent = ""; }, 5000);
  }

  async openPicture(file) {
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      this.picture = picture;
      this.compositor ??= new Compositor(this.canvas);
      this.compositor.setPicture(picture);
      this.compositor.redraw(this.choices.mirror);
    } catch { this.note("This file is not a picture the browser can read."); }
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.find(".live-stage").requestFullscreen();
  }

  async save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await this.compositor.picture());
    link.download = `live ${new Date().toISOString().slice(0, 19).replace(/:/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Send the camera's own frame, whole and unmirrored, to be corrected. */
  async correct() {
    const whole = new OffscreenCanvas(this.video.videoWidth, this.video.videoHeight);
    whole.getContext("2d").drawImage(this.video, 0, 0);
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
    const button = this.find(".live-plate");
    if (this.hasPlate) {
      this.hasPlate = false;
      button.textContent = "Learn empty background";
      this.stream.plate(false);
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
    this.stream.plate(true);
  }
}
