// The messages on the live socket. In Python: annotation/live/messages.py.
// tests/annotation/live/messages.js has an example of each, which both must accept.

// --- browser → server: frames as bytes, and as JSON ---------------------------------------------------------------

/** Settings of a connection: the model, or that the empty background is forgotten. */
export interface Wishes {
  model?: string;
  plate?: false;
}

// --- server → browser ---------------------------------------------------------------------------------------------

export type News =
  /** The size that frames should have from now on. */
  | { type: "size"; width: number; height: number }
  /** A frame that gets no answer, because a newer one came. */
  | { type: "dropped"; number: number }
  /** The empty background is known. */
  | { type: "plate"; text: string }
  /** Words for the person: a message was not used, or all seats are taken, or no frame came for a long time. */
  | { type: "refused" | "full" | "idle"; text: string };

/** The answer to a frame, as bytes: a header, then the alpha, deflated; null while there is none yet. */
export interface Answer {
  /** Of the frame. */
  number: number;
  /** How often the model has run so far. */
  runs: number;
  /** How long the last run took. */
  milliseconds: number;
  viewers: number;
  width: number;
  height: number;
  deflated: ArrayBuffer | null;
}

/** The state: "open" and "live" are fine, "refused" is only a note, the others tell why nothing comes. */
export type State = "stopped" | "starting" | "open" | "live" | "waiting" | "full" | "forbidden" | "refused" | "denied";
