/**
 * @import { Answer, News, State, Wishes } from "./messages.js"
 *
 * @typedef {object} Hear who is told what comes
 * @property {(answer: Answer) => void} alpha
 * @property {(size: { width: number, height: number }) => void} size that frames should have
 * @property {(number: number) => void} dropped a frame that gets no answer
 * @property {() => void} plate the empty background is known
 * @property {(name: State, text?: string) => void} state
 */

import { NO_SOCKET, NOT_UNDERSTOOD, whatIsWrong } from "../../correct/static/connection/trouble.js";
import { messageOf } from "../../correct/static/elements.js";

const HEADER = 16, ASKED = 8, FRAME = 1, PLATE = 2;
const WAITS = [500, 1000, 2000, 4000];
const SILENT = 8000, PATIENCE = 10_000;

/** The socket: sends frames, passes answers on, and reconnects when the connection drops. */
export class Link {
  /**
   * @param {string} address
   * @param {Hear} told
   */
  constructor(address, told) {
    this.address = address;
    this.told = told;
    this.failures = 0;
    /** @type {Wishes} */
    this.wishes = {};
    this.wanted = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** The server's last words of this connection. @type {string | null} */
    this.reason = null;
    this.isFull = false;
    this.isAccepted = false;
    /** Why there is no connection, once that is known. @type {string | undefined} */
    this.wrong = undefined;
    /** The picture of the empty background. @type {ArrayBuffer | null} */
    this.empty = null;
    /** When the server's last message came. */
    this.heard = 0;
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  open() {
    this.wanted = true;
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(this.address);
    } catch (error) { // a privacy setting, an extension
      this.told.state("waiting", `This browser opens no live connection (WebSocket) to the server: ${messageOf(error)}`);
      return this.openLater();
    }
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.reason = null;
    this.isFull = false;
    this.isAccepted = false;
    const late = setTimeout(() => socket.close(), PATIENCE);
    socket.onopen = () => {
      clearTimeout(late);
      this.isAccepted = true;
      this.wrong = undefined;
      socket.send(JSON.stringify(this.wishes));
      if (this.empty) this.send(0, PLATE, this.empty);
      this.heard = performance.now();
      this.told.state("open");
    };
    socket.onmessage = (event) => {
      try { this.take(event.data); } catch { this.puzzled(); }
    };
    socket.onclose = (event) => {
      clearTimeout(late);
      if (socket === this.socket) this.closed(event);
    };
  }

  close() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }

  get isOpen() { return this.socket?.readyState === WebSocket.OPEN; }

  /**
   * Ask for a model, or to forget the empty background; kept for the next connection too.
   * @param {Wishes} wishes
   */
  wish(wishes) {
    Object.assign(this.wishes, wishes);
    if (this.isOpen) this.socket?.send(JSON.stringify(wishes));
  }

  /**
   * @param {number} number
   * @param {ArrayBuffer} jpeg
   */
  frame(number, jpeg) { this.send(number, FRAME, jpeg); }

  /**
   * Send a picture of the empty background, now and after every reconnection; null to forget it.
   * @param {ArrayBuffer | null} jpeg
   */
  plate(jpeg) {
    this.empty = jpeg;
    if (jpeg) this.send(0, PLATE, jpeg);
    else if (this.isOpen) this.socket?.send(JSON.stringify({ plate: false }));
  }

  /**
   * @param {number} number
   * @param {number} kind FRAME or PLATE
   * @param {ArrayBuffer} jpeg
   */
  send(number, kind, jpeg) {
    if (!this.isOpen) return;
    const message = new Uint8Array(ASKED + jpeg.byteLength), view = new DataView(message.buffer);
    view.setUint32(0, number, true);
    view.setUint8(4, kind);
    message.set(new Uint8Array(jpeg), ASKED);
    this.socket?.send(message);
  }

  /** @param {string | ArrayBuffer} data */
  take(data) {
    this.heard = performance.now();
    if (typeof data === "string") this.hear(JSON.parse(data));
    else this.told.alpha(this.answer(data));
    this.failures = 0;
  }

  /** @param {News} news */
  hear(news) {
    if (news.type === "size") this.told.size(news);
    else if (news.type === "dropped") this.told.dropped(news.number);
    else if (news.type === "plate") this.told.plate();
    else {
      this.reason = news.text;
      this.isFull = news.type === "full";
      if (news.type === "refused") this.told.state("refused", news.text);
    }
  }

  /**
   * @param {ArrayBuffer} data
   * @returns {Answer}
   */
  answer(data) {
    const view = new DataView(data);
    return {
      number: view.getUint32(0, true), runs: view.getUint32(4, true), milliseconds: view.getUint16(8, true),
      viewers: view.getUint16(10, true), width: view.getUint16(12, true), height: view.getUint16(14, true),
      deflated: data.byteLength > HEADER ? data.slice(HEADER) : null,
    };
  }

  /** The server sent something unreadable: report it, and reconnect after a while. */
  puzzled() {
    this.told.state("refused", NOT_UNDERSTOOD);
    this.failures = WAITS.length;
    this.socket?.close();
  }

  /**
   * Reconnect if frames were sent and nothing has come back for a long time.
   * @param {number} inFlight how many frames are on their way
   */
  check(inFlight) {
    if (this.isOpen && inFlight && performance.now() - this.heard > SILENT) this.socket?.close();
  }

  /** @param {CloseEvent} event */
  closed(event) {
    if (!this.wanted) return;
    const forbidden = event.code === 1008;
    const kind = this.isFull ? "full" : forbidden ? "forbidden" : "waiting";
    this.told.state(kind, this.reason ?? this.wrong);
    if (!this.isAccepted) this.explain();
    if (document.hidden || (forbidden && this.failures > 2)) return;
    this.openLater(kind === "full" ? 4000 : undefined);
  }

  openLater(wait = WAITS[Math.min(this.failures, WAITS.length - 1)]) {
    this.timer = setTimeout(() => this.open(), wait);
    this.failures++;
  }

  /** Report why the connection fails. */
  async explain() {
    const root = new URL("..", this.address.replace(/^ws/, "http")); // the address is of live/socket
    const wrong = await whatIsWrong(root) ?? NO_SOCKET;
    if (!this.wanted || this.isOpen) return;
    this.wrong = wrong;
    this.told.state("waiting", wrong);
  }
}
