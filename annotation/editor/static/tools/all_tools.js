// The tools, in the order of the toolbar and of the list of keys.

/** @import { Editor } from "../editor.js" */

import { Brush } from "./brush.js";
import { Click } from "./click.js";
import { Island } from "./island.js";
import { Lasso } from "./lasso.js";
import { Erase, PaintAlpha, Restore, Sharpen, Soften } from "./retouch.js";

export const TOOLS = {
  brush: Brush,
  lasso: Lasso,
  click: Click,
  island: Island,
  alpha: PaintAlpha,
  soften: Soften,
  sharpen: Sharpen,
  erase: Erase,
  restore: Restore,
};

/** @typedef {keyof typeof TOOLS} ToolName */
/** @typedef {{ [N in ToolName]: InstanceType<typeof TOOLS[N]> }} Tools */

/**
 * One of each, for an editor.
 * @param {Editor} editor
 */
export function makeTools(editor) {
  const made = Object.entries(TOOLS).map(([name, Each]) => [name, new Each(editor)]);
  return /** @type {Tools} */ (Object.fromEntries(made));
}
