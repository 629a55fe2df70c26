import { NO_SOCKET, NOT_UNDERSTOOD, whatIsWrong } from "../../correct/static/connection/trouble.js";

const HEADER = 16, ASKED = 8, FRAME = 1, PLATE = 2;
const WAITS = [500, 1000, 2000, 4000];
const SILENT = 8000, PATIENCE = 10_000;

/** The socket: sends frames, hands answers on, and comes back by itself when the connection drops. */
export class Link {
  /** `told` has alpha(answer), size({width, height}), state(name, text), dropped(number), plate(). */
  constructor(address, told) {
    this.address = address;
    this.told = told;
    this.failures = 0;
    this.wishes = {};
    this.wanted = false;
  }

  open() {
    this.wanted = true;
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    let socket;
    try {
      socket = new WebSocket(this.address);
    } catch (error) {  // a privacy setting, an extension
      this.told.state("waiting", `This browser opens no live connection (WebSocket) to the server: ${error.message}`);
      return this.openLater();
    }
    socket.binaryType = "arraybuffer";
    Object.assign(this, { socket, reason: null, isAccepted: false });
    const late = setTimeout(() => socket.close(), PATIENCE);
    socket.onopen = () => {
      clearTimeout(late);
      Object.assign(this, { isAccepted: true, wrong: undefined });
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

  /** Ask for a model, or to forget the empty background; kept for the next connection too. */
  wish(wishes) {
    Object.assign(this.wishes, wishes);
    if (this.isOpen) this.socket.send(JSON.stringify(wishes));
  }

  frame(number, jpeg) { this.send(number, FRAME, jpeg); }

  /** Send a picture of the empty background, now and after every reconnection; null to forget it. */
  plate(jpeg) {
    this.empty = jpeg;
    if (jpeg) this.send(0, PLATE, jpeg);
    else if (this.isOpen) this.socket.send(JSON.stringify({ plate: false }));
  }

  send(number, kind, jpeg) {
    if (!this.isOpen) return;
    const message = new Uint8Array(ASKED + jpeg.byteLength), view = new DataView(message.buffer);
    view.setUint32(0, number, true);
    view.setUint8(4, kind);
    message.set(new Uint8Array(jpeg), ASKED);
    this.socket.send(message);
  }

  take(data) {
    this.heard = performance.now();
    if (typeof data === "string") this.hear(JSON.parse(data));
    else this.told.alpha(this.answer(data));
    this.failures = 0;
  }

  hear(message) {
    if (message.type === "size") this.told.size(message);
    else if (message.type === "dropped") this.told.dropped(message.number);
    else if (message.type === "plate") this.told.plate();
    else this.reason = message;
    if (message.type === "refused") this.told.state("refused", message.text);
  }

  answer(data) {
    const view = new DataView(data);
    return {
      number: view.getUint32(0, true), runs: view.getUint32(4, true), milliseconds: view.getUint16(8, true),
      viewers: view.getUint16(10, true), width: view.getUint16(12, true), height: view.getUint16(14, true),
      deflated: data.byteLength > HEADER ? data.slice(HEADER) : null,
    };
  }

  /** The server sent what nobody can read: say so, and begin anew, not at once. */
  puzzled() {
    this.told.state("refused", NOT_UNDERSTOOD);
    this.failures = WAITS.length;
    this.socket?.close();
  }

  /** Close and open again where frames went out and nothing has come back for long. */
  check(inFlight) {
    if (this.isOpen && inFlight && performance.now() - this.heard > SILENT) this.socket.close();
  }

  closed(event) {
    if (!this.wanted) return;
    const forbidden = event.code === 1008;
    const kind = this.reason?.type === "full" ? "full" : forbidden ? "forbidden" : "waiting";
    this.told.state(kind, this.reason?.text ?? this.wrong);
    if (!this.isAccepted) this.explain();
    if (document.hidden || (forbidden && this.failures > 2)) return;
    this.openLater(kind === "full" ? 4000 : undefined);
  }

  openLater(wait = WAITS[Math.min(this.failures, WAITS.length - 1)]) {
    this.timer = setTimeout(() => this.open(), wait);
    this.failures++;
  }

  /** Say why the connection does not come about. */
  async explain() {
    const root = new URL("..", this.address.replace(/^ws/, "http"));  // the address is of live/socket
    const wrong = await whatIsWrong(root) ?? NO_SOCKET;
    if (!this.wanted || this.isOpen) return;
    this.wrong = wrong;
    this.told.state("waiting", wrong);
  }
}
