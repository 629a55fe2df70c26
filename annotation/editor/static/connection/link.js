// The connection to the server. Strokes and selections that are not acknowledged yet are kept in the browser and sent
// again after the connection, the tab or the server comes back. The server knows them by their id: none counts twice.

/**
 * @import { Stroke, WireStroke } from "../strokes/stroke.js"
 * @import { Message, News, Opened, Patch, Problem, Question, Readiness, Tabs, Unsaved, Unsure } from "./messages.js"
 *
 * @typedef {object} Hear who is told what comes
 * @property {(news: Opened) => void | Promise<void>} opened for the first time or again
 * @property {(stroke: Stroke, number: number) => void | Promise<void>} painted
 * @property {(news: Unsaved) => void} unsaved
 * @property {(news: Problem) => void} problem
 * @property {(news: Readiness) => void} clicking
 * @property {(news: Tabs) => void} tabs
 * @property {(news: Patch) => void} patch
 * @property {(news: Unsure) => void} unsure
 * @property {(reason: string) => void} refused the server refuses, and the link is closed
 * @property {() => void} lost the connection is gone
 * @property {(sentence: string) => void} trouble why there is none
 * @property {(sentence: string) => void} puzzled a message came that cannot be used
 */

import { messageOf } from "../elements.js";
import { fromWire, randomName, toWire } from "../strokes/wire.js";
import { Outbox } from "./outbox.js";
import { AnswerError, inflated, secret } from "./requests.js";
import { NO_SOCKET, NOT_UNDERSTOOD, whatIsWrong } from "./trouble.js";

const WAITS = [250, 500, 1000, 2000, 4000];
const PATIENCE = 10_000; // milliseconds in which a connection must open

export class Link {
  /**
   * @param {string} root the app's address
   * @param {string} draft
   * @param {Hear} hear
   * @param {() => number} heard how many strokes, counted from the first, are known already
   */
  constructor(root, draft, hear, heard) {
    this.root = root;
    this.draft = draft;
    this.hear = hear;
    this.heard = heard;
    this.fails = 0;
    this.tab = randomName(6);
    /** @type {Outbox<WireStroke>} */
    this.outbox = new Outbox(`matting-studio-unsent-${draft}`);
    this.unsent = this.outbox.read().map(fromWire);
    /** @type {Outbox<Question>} */
    this.askedBox = new Outbox(`matting-studio-asked-${draft}`);
    this.asked = this.askedBox.read();
    this.isOpen = false;
    this.isClosed = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {number | undefined} */
    this.retry = undefined;
  }

  connect() {
    const address = new URL("correct/socket", this.root);
    address.protocol = address.protocol.replace("http", "ws");
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(address);
    } catch (error) { // a privacy setting, an extension
      this.hear.trouble(`This browser opens no live connection (WebSocket) to the server: ${messageOf(error)}`);
      return this.tryAgain();
    }
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const late = setTimeout(() => socket.close(), PATIENCE);
    let isAccepted = false;
    socket.onopen = () => {
      clearTimeout(late);
      isAccepted = true;
      this.send({ type: "open", work: this.draft, secret: secret(), tab: this.tab, after: this.heard() });
    };
    /** @type {Promise<void>} */
    let turn = Promise.resolve();
    socket.onmessage = ({ data }) => { turn = turn.then(() => this.take(data)).catch(error => this.puzzled(socket, error)); };
    socket.onclose = event => {
      clearTimeout(late);
      if (this.isClosed || socket !== this.socket) return;
      if (!this.isOpen) this.explain(isAccepted ? endedEarly(event) : NO_SOCKET);
      this.tryAgain();
    };
  }

  /** There is no connection; try again soon. */
  tryAgain() {
    this.isOpen = false;
    this.hear.lost();
    const wait = WAITS[Math.min(this.fails++, WAITS.length - 1)];
    this.retry = setTimeout(() => this.connect(), wait);
  }

  /**
   * Report why the connection failed: `text`, unless the server does not even answer plain requests.
   * @param {string} text
   */
  async explain(text) {
    const wrong = await whatIsWrong(this.root) ?? text;
    if (!this.isOpen && !this.isClosed) this.hear.trouble(wrong);
  }

  /**
   * News could not be used: report it, and reconnect after a while.
   * @param {WebSocket} socket
   * @param {unknown} error
   */
  puzzled(socket, error) {
    if (this.isClosed || socket !== this.socket) return;
    console.warn(error);
    this.hear.puzzled(error instanceof AnswerError ? error.message : NOT_UNDERSTOOD);
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

  /** @param {Message} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /**
   * Keep and send a stroke.
   * @param {Stroke} stroke
   */
  paint(stroke) {
    this.unsent.push(stroke);
    this.outbox.add(toWire(stroke));
    if (this.isOpen) this.send({ type: "stroke", stroke: toWire(stroke) });
  }

  /**
   * Keep and send a request that the server answers with a stroke of the same id.
   * @param {Question} message
   */
  ask(message) {
    this.asked.push(message);
    this.askedBox.add(message);
    if (this.isOpen) this.send(message);
  }

  /**
   * A stroke is acknowledged, or can never be.
   * @param {string | null} id
   */
  done(id) {
    this.unsent = this.unsent.filter(stroke => stroke.id !== id);
    this.outbox.remove(id);
    this.asked = this.asked.filter(message => message.id !== id);
    this.askedBox.remove(id);
  }

  /**
   * Act on a message of the server.
   * @param {string | ArrayBuffer} data
   */
  async take(data) {
    const news = typeof data === "string" ? read(data) : await unpacked(data);
    if (this.isClosed) return;
    if (news.type === "opened") {
      await this.opened(news);
    } else if (news.type === "painted") {
      if (!Number.isInteger(news.number)) throw new TypeError(`a stroke with the number ${news.number}`);
      this.done(news.stroke.id);
      await this.hear.painted(fromWire(news.stroke), news.number);
    } else if (news.type === "refused") {
      this.isClosed = true;
      this.hear.refused(news.reason);
    } else {
      if (news.type === "problem" || (news.type === "unsaved" && news.lasting)) this.done(news.id);
      this.pass(news);
    }
  }

  /** @param {Opened<WireStroke>} news */
  async opened(news) {
    this.isOpen = true;
    for (const stroke of news.strokes) this.done(stroke.id);
    await this.hear.opened({ ...news, strokes: news.strokes.map(fromWire) });
    for (const stroke of this.unsent) this.send({ type: "stroke", stroke: toWire(stroke) });
    for (const message of this.asked) this.send(message);
    this.fails = 0;
  }

  /**
   * Pass on news that the link itself does not need; unknown messages of a newer server are ignored.
   * @param {Exclude<News, { type: "opened" | "painted" | "refused" }>} news
   */
  pass(news) {
    switch (news.type) {
      case "unsaved": return this.hear.unsaved(news);
      case "problem": return this.hear.problem(news);
      case "clicking": return this.hear.clicking(news);
      case "tabs": return this.hear.tabs(news);
      case "patch": return this.hear.patch(news);
      case "unsure": return this.hear.unsure(news);
    }
  }
}

/**
 * News without pixels.
 * @param {string} text
 * @returns {News}
 */
function read(text) {
  const news = JSON.parse(text);
  if (typeof news.type !== "string") throw new TypeError(`news of the type ${news.type}`);
  return news;
}

/**
 * News with pixels, as bytes: the length of a header, the header in JSON, the pixels deflated.
 * @param {ArrayBuffer} data
 * @returns {Promise<News>}
 */
async function unpacked(data) {
  const length = new DataView(data).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  return { ...header, pixels: await inflated(new Uint8Array(data, 4 + length)) };
}

/** @param {CloseEvent} event */
function endedEarly({ code, reason }) {
  return `The server ended the connection before the photo was open (${reason || code}). Its log may say why. This page tries again by itself.`;
}
