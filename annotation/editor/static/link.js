// The connection to the server. Strokes and selections that are not acknowledged yet are kept in the browser and sent
// again after the connection, the tab or the server came back; the server knows them by their id, so none counts twice.

import { fromWire, randomName, toWire } from "./wire.js";

const SECRET = "matting-studio-secret", WAITS = [250, 500, 1000, 2000, 4000];

/** What this browser's work belongs to; made once. */
export function secret() {
  let text = localStorage.getItem(SECRET);
  if (!text) localStorage.setItem(SECRET, text = randomName(24));
  return text;
}

/** What waits for its acknowledgement, as it travels, kept over a reload. Tabs share it: each changes only its own. */
class Outbox {
  constructor(key) {
    this.key = key;
  }
  read() {
    try { return JSON.parse(localStorage.getItem(this.key) ?? "[]"); } catch { return []; }
  }
  add(item) {
    this.write([...this.read(), item]);
  }
  remove(id) {
    const kept = this.read();
    if (kept.some(item => item.id === id)) this.write(kept.filter(item => item.id !== id));
  }
  write(waiting) {
    try {
      if (waiting.length) localStorage.setItem(this.key, JSON.stringify(waiting));
      else localStorage.removeItem(this.key);
    } catch { /* storage is full or forbidden: it still waits in memory */ }
  }
}

export class Link {
  /** `root` is the app's address; `hear` has a function for each kind of news: opened, painted, patch, tabs, … */
  constructor(root, work, hear) {
    Object.assign(this, { root, work, hear, fails: 0, tab: randomName(6) });
    this.outbox = new Outbox(`matting-studio-unsent-${work}`);
    this.unsent = this.outbox.read().map(fromWire);
    this.askedBox = new Outbox(`matting-studio-asked-${work}`);
    this.asked = this.askedBox.read();
    this.isOpen = false;
    this.isClosed = false;
  }

  /** Connect, and tell which strokes (1 … `heard`) are known already. */
  connect(heard = () => 0) {
    this.heard = heard;
    const address = new URL("correct/socket", this.root);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = this.socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send({ type: "open", work: this.work, secret: secret(), tab: this.tab, after: heard() });
    let turn = Promise.resolve();
    socket.onmessage = ({ data }) => { turn = turn.then(() => this.take(data)); };
    socket.onclose = () => this.lost(socket);
  }

  lost(socket) {
    if (this.isClosed || socket !== this.socket) return;
    this.isOpen = false;
    this.hear.lost?.();
    const wait = WAITS[Math.min(this.fails++, WAITS.length - 1)];
    this.retry = setTimeout(() => this.connect(this.heard), wait);
  }

  /** Ask for what was missed, by connecting again. */
  resync() {
    this.socket.close();
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.retry);
    this.socket?.close();
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Keep and send a stroke. */
  paint(stroke) {
    this.unsent.push(stroke);
    this.outbox.add(toWire(stroke));
    if (this.isOpen) this.send({ type: "stroke", stroke: toWire(stroke) });
  }

  /** Keep and send a `message` that the server answers with a stroke of the same id. */
  ask(message) {
    this.asked.push(message);
    this.askedBox.add(message);
    if (this.isOpen) this.send(message);
  }

  /** A stroke is acknowledged, or can never be. */
  done(id) {
    this.unsent = this.unsent.filter(stroke => stroke.id !== id);
    this.outbox.remove(id);
    this.asked = this.asked.filter(message => message.id !== id);
    this.askedBox.remove(id);
  }

  async take(data) {
    if (typeof data !== "string") {
      const news = await unpacked(data);
      return this.hear[news.type]?.(news);
    }
    const news = JSON.parse(data);
    if (news.type === "opened") {
      this.fails = 0;
      this.isOpen = true;
      news.strokes.forEach(stroke => this.done(stroke.id));
      await this.hear.opened?.({ ...news, strokes: news.strokes.map(fromWire) });
      for (const stroke of this.unsent) this.send({ type: "stroke", stroke: toWire(stroke) });
      for (const message of this.asked) this.send(message);
    } else if (news.type === "painted") {
      this.done(news.stroke.id);
      this.hear.painted?.(fromWire(news.stroke), news.number);
    } else if (news.type === "refused") {
      this.isClosed = true;
      this.hear.refused?.(news.reason);
    } else {
      if (news.type === "problem" || (news.type === "unsaved" && news.lasting)) this.done(news.id);
      this.hear[news.type]?.(news);
    }
  }
}

/** News with pixels: a patch of alpha {type, left, top, right, bottom, quality, number, pixels}, or the unsure map. */
async function unpacked(data) {
  const length = new DataView(data).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  return { ...header, pixels: await inflated(new Uint8Array(data, 4 + length)) };
}

export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Fetch something of this browser's works. */
export async function get(root, path, options = {}) {
  const response = await fetch(new URL(path, root), { ...options, headers: { "x-secret": secret() } });
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error ?? response.statusText);
  return response;
}
