// What is painted and what it makes, as the scripts hold it. In Python: annotation/strokes/stroke.py and raster.py.

/** An image pixel, in whole numbers. It may lie beside the photo. */
export type Point = readonly [x: number, y: number];

/** What is painted. "automatic" erases: it brings back the trimap below the strokes. */
export type Label = "foreground" | "background" | "unknown" | "automatic";

/** What a stroke paints; it may be only half painted. */
export interface Paint {
  /** KINDS of annotation/strokes/stroke.py says what each is. */
  kind: "brush" | "polygon" | "island" | "start" | "undo" | "redo";
  label: Label;
  /** Of a brush; 0 of the others. */
  radius: number;
  /** In the order painted; one for an island. */
  points: Point[];
  /** DOES of annotation/strokes/stroke.py: what a brush does to the alpha itself; absent from what paints the trimap. */
  does?: "alpha" | "soften" | "sharpen" | "erase" | "restore";
  /** The alpha that "alpha" sets, 0 to 255. */
  value?: number;
}

/** A stroke that is complete. */
export interface Stroke extends Paint {
  id: string;
  /** undo and redo: the id of the stroke switched; start: the name of the stored trimap. */
  target: string;
  /** When it was finished, milliseconds since 1970 by the painter's clock. */
  time: number;
  /** The tab that painted it. */
  author: string;
}

/** A stroke as it travels: points flat, each after the first as a difference. */
export interface WireStroke extends Omit<Stroke, "points"> {
  points: number[];
}

/** Pixels of a picture; right and bottom are outside. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A byte for each pixel, a row after the other: alpha, a map, or a trimap of 0, 128 and 255. */
export interface Layer extends Size {
  pixels: Uint8Array;
}
