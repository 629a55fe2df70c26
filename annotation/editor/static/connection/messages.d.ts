// The messages on the editor's socket. In Python: annotation/editor/messages.py.
// tests/annotation/editor/messages.js has an example of each, which both must accept.

import type { Box, Point, Size, Stroke, WireStroke } from "../strokes/stroke.js";

// --- browser → server, as JSON ------------------------------------------------------------------------------------

/** The first message: the draft, the secret that proves it is this browser's own, and how many strokes are known. */
export interface Open {
  type: "open";
  work: string;
  secret: string;
  tab: string;
  after: number;
}

export interface Painting {
  type: "stroke";
  stroke: WireStroke;
}

/** Get ready for clicks; without `download` the answer may be that something has to be downloaded first. */
export interface Prepare {
  type: "prepare";
  download: boolean;
}

/** A request that the server answers with a stroke of the same id: find the subject again from strokes or a click. */
export type Question =
  | { type: "select"; id: string }
  | { type: "click"; id: string; point: Point; label: "foreground" | "background" };

export type Message = Open | Painting | Prepare | Question;

// --- server → browser ---------------------------------------------------------------------------------------------

/** The draft is open. `strokes` are those after number `after`. */
export interface Opened<S = Stroke> extends Size {
  name: string;
  after: number;
  strokes: S[];
}

/** A stroke under its number, this tab's own or another's. */
export interface Painted {
  number: number;
  stroke: WireStroke;
}

/** A stroke could not be stored; `lasting` if it never can be. */
export interface Unsaved {
  id: string | null;
  reason: string;
  lasting: boolean;
}

/** A request could not be carried out; `id` is empty if nobody asked. */
export interface Problem {
  id: string;
  reason: string;
}

/** How far the server is from answering clicks. */
export interface Readiness {
  state: "absent" | "downloading" | "encoding" | "ready" | "failed";
  /** Of a download, 0 to 1. */
  share: number;
  /** For the person: what would be downloaded, or what failed. */
  text: string;
}

/** The connection ends for good. */
export interface Refused {
  reason: string;
}

/** How many tabs have the draft open. */
export interface Tabs {
  count: number;
}

/** New alpha for a box of the picture, as `number` strokes make it. Travels as bytes. */
export interface Patch extends Box {
  quality: "coarse" | "fine" | "idle";
  number: number;
  pixels: Uint8Array;
}

/** Where the alpha may be wrong: a map, smaller than the picture, and places, the most helpful first. Travels as bytes. */
export interface Unsure extends Size {
  places: Point[];
  pixels: Uint8Array;
}

interface NewsByType {
  opened: Opened<WireStroke>;
  painted: Painted;
  unsaved: Unsaved;
  problem: Problem;
  clicking: Readiness;
  refused: Refused;
  tabs: Tabs;
  patch: Patch;
  unsure: Unsure;
}

/** Any message of the server, distinguished by its type. */
export type News = { [T in keyof NewsByType]: { type: T } & NewsByType[T] }[keyof NewsByType];
