// The connection to the server. Strokes and selections that are not acknowledged yet are kept in the browser and sent
// again after the connection, the tab or the server came back; the server knows them by their id, so none counts twice.

import { kept } from "./storage.js";
import { NO_SOCKET, NOT_UNDERSTOOD, whatIsWrong } from "./trouble.js";
import { fromWire, randomName, toWire } from "../strokes/wire.js";

const SECRET = "matting-studio-secret", WAITS = [250, 500, 1000, 2000, 4000];
const PATIENCE = 10_000; // milliseconds in which a connection must open

/** What this browser's work belongs to; made once. */
export function secret() {
  let text = kept.get(SECRET);
  if (!text) kept.set(SECRET, text = randomName(24));
  return text;
}

/** The server answered, but not with what was asked for; the message is a sentence for a person. */
export class AnswerError extends Error {}

/** What waits for its acknowledgement, as it travels, kept over a reload. Tabs share it: each changes only its own. */
class Outbox {
  constructor(key) {
    this.key = key;
  }
  read() {
    const items = kept.read(this.key, []);
    return Array.isArray(items) ? items.filter(item => item?.id) : [];
  }
  add(item) {
    this.write([...this.read(), item]);
  }
  remove(id) {
    const items = this.read();
    if (items.some(item => item.id === id)) this.write(items.filter(item => item.id !== id));
  }
  write(waiting) {
    if (waiting.length) kept.set(this.key, JSON.stringify(waiting));
    else kept.remove(this.key);
  }
}

export class Link {
  /**
   * `root` is the app's address; `hear` has a function for each kind of news: opened, painted, patch, tabs, …, and
   * lost(), trouble(sentence) where there is no connection, puzzled(sentence) at news that cannot be taken.
   */
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
    let socket;
    try {
      socket = this.socket = new WebSocket(address);
    } catch (error) { // a privacy setting, an extension
      this.hear.trouble?.(`This browser opens no live connection (WebSocket) to the server: ${error.message}`);
      return this.tryAgain();
    }
    socket.binaryType = "arraybuffer";
    const late = setTimeout(() => socket.close(), PATIENCE);
    let isAccepted = false;
    socket.onopen = () => {
      clearTimeout(late);
      isAccepted = true;
      this.send({ type: "open", work: this.work, secret: secret(), tab: this.tab, after: heard() });
    };
    let turn = Promise.resolve();
    socket.onmessage = ({ data }) => { turn = turn.then(() => this.take(data)).catch(error => this.puzzled(socket, error)); };
    socket.onclose = event => {
      clearTimeout(late);
      if (this.isClosed || socket !== this.socket) return;
      if (!this.isOpen) this.explain(isAccepted ? endedEarly(event) : NO_SOCKET);
      this.tryAgain();
    };
  }

  /** There is no connection; another comes soon. */
  tryAgain() {
    this.isOpen = false;
    this.hear.lost?.();
    const wait = WAITS[Math.min(this.fails++, WAITS.length - 1)];
    this.retry = setTimeout(() => this.connect(this.heard), wait);
  }

  /** Say why the connection did not come about: as `text` says, unless the server cannot even be asked. */
  async explain(text) {
    const wrong = await whatIsWrong(this.root) ?? text;
    if (!this.isOpen && !this.isClosed) this.hear.trouble?.(wrong);
  }

  /** News could not be taken: say so, and begin anew, not at once. */
  puzzled(socket, error) {
    if (this.isClosed || socket !== this.socket) return;
    console.warn(error);
    this.hear.puzzled?.(error instanceof AnswerError ? error.message : NOT_UNDERSTOOD);
    socket.onclose = null;
    socket.close();
    this.fails = Math.max(this.fails, 3);
    this.tryAgain();
  }

  /** Ask for what was missed, by connecting again. */
  resync() {
    this.socket?.close();
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.retry);
    this.socket?.close();
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
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
      return this.isClosed ? undefined : this.hear[news.type]?.(news);
    }
    if (this.isClosed) return;
    const news = JSON.parse(data);
    if (typeof news.type !== "string") throw new TypeError(`news of the type ${news.type}`);
    if (news.type === "opened") {
      this.isOpen = true;
      news.strokes.forEach(stroke => this.done(stroke.id));
      await this.hear.opened?.({ ...news, strokes: news.strokes.map(fromWire) });
      for (const stroke of this.unsent) this.send({ type: "stroke", stroke: toWire(stroke) });
      for (const message of this.asked) this.send(message);
      this.fails = 0;
    } else if (news.type === "painted") {
      if (!Number.isInteger(news.number)) throw new TypeError(`a stroke with the number ${news.number}`);
      this.done(news.stroke.id);
      await this.hear.painted?.(fromWire(news.stroke), news.number);
    } else if (news.type === "refused") {
      this.isClosed = true;
      this.hear.refused?.(news.reason);
    } else {
      if (news.type === "problem" || (news.type === "unsaved" && news.lasting)) this.done(news.id);
      this.hear[news.type]?.(news);
    }
  }
}

function endedEarly({ code, reason }) {
  return `The server ended the connection before the photo was open (${reason || code}). Its log may say why. This page tries again by itself.`;
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

/** Fetch something of this browser's works. AnswerError where the server does not give it. */
export async function get(root, path, options = {}) {
  let response;
  try {
    response = await fetch(new URL(path, root), { ...options, headers: { "x-secret": secret() } });
  } catch {
    throw new AnswerError("The server does not answer. Is it still running, and is the network there?");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new AnswerError(said?.error ?? `The server answered with an error (${response.status}); its log may say why.`);
}
