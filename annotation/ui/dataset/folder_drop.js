// A folder that is dropped on the place for photos, or chosen, goes up as one tar file, because Gradio's own upload loses
// the folders that photos and their alphas lie in. Nothing is read for it before the browser sends it.

const FOLDER = ".folder.tar"; // as in annotation/trees/opening.py
const BLOCK = 512;
const LONGEST = 100; // bytes of a path that the plain header has room for

/** @typedef {[path: string, file: File]} Entry */

/**
 * The header of one file, as POSIX has it; `kind` "x" says that its content is more of the next header.
 * @param {string} path
 * @param {number} size
 * @param {"0" | "x"} kind
 */
function headerOf(path, size, kind) {
  const header = new Uint8Array(BLOCK), encoder = new TextEncoder();
  /** @param {string} text @param {number} at */
  const put = (text, at) => header.set(encoder.encode(text), at);
  header.set(encoder.encode(path).subarray(0, LONGEST));
  put(`0000644\0${"0000000\0".repeat(2)}`, 100);
  put(`${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0${" ".repeat(8)}${kind}`, 124);
  put("ustar\x0000", 257);
  put(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0`, 148);
  return header;
}

/** @param {number} size */
const padding = size => new Uint8Array((BLOCK - size % BLOCK) % BLOCK);

/**
 * What comes before a file: its header, and before that one with its path if that is long.
 * @param {Entry} entry
 */
function headersOf([path, file]) {
  const header = headerOf(path, file.size, "0"), length = new TextEncoder().encode(path).length;
  if (length <= LONGEST) return [header];
  const rest = length + " path=\n".length;
  const all = rest + String(rest + String(rest).length).length; // the record's length counts its own digits
  const record = new TextEncoder().encode(`${all} path=${path}\n`);
  return [headerOf("path", record.length, "x"), record, padding(record.length), header];
}

/**
 * @param {string} name
 * @param {Entry[]} entries
 */
function packed(name, entries) {
  const parts = entries.flatMap(entry => [...headersOf(entry), entry[1], padding(entry[1].size)]);
  return new File([...parts, new Uint8Array(2 * BLOCK)], name + FOLDER, { type: "application/x-tar" });
}

/**
 * All files in `folder`, by their paths below it.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<Entry[]>}
 */
async function filesIn(folder, path = "") {
  const reader = folder.createReader(), found = /** @type {Entry[]} */ ([]);
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const entry of some) {
      if (isFolder(entry)) found.push(...await filesIn(entry, `${path}${entry.name}/`));
      else found.push([path + entry.name, await fileOf(entry)]);
    }
  }
}

/**
 * @param {FileSystemEntry} entry
 * @returns {entry is FileSystemDirectoryEntry}
 */
const isFolder = entry => entry.isDirectory;

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File>}
 */
const fileOf = entry => new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));

/**
 * Hand `files` to the place for photos, as if they had been chosen there.
 * @param {File[]} files
 */
function give(files) {
  const input = document.querySelector("#bring-in input[type=file]"), given = new DataTransfer();
  for (const file of files) given.items.add(file);
  if (!(input instanceof HTMLInputElement)) return;
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {DragEvent} event */
async function drop(event) {
  const isHere = event.target instanceof Element && event.target.closest("#bring-in");
  const entries = [...event.dataTransfer?.items ?? []].map(item => item.webkitGetAsEntry()).filter(entry => entry !== null);
  if (!isHere || !entries.some(isFolder)) return;
  event.preventDefault();
  event.stopPropagation();
  const files = entries.map(async entry => isFolder(entry) ? packed(entry.name, await filesIn(entry)) : fileOf(entry));
  give(await Promise.all(files));
}

/** Ask for a folder. */
function choose() {
  const input = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
  input.onchange = () => {
    const files = [...input.files ?? []], name = files[0]?.webkitRelativePath.split("/")[0];
    if (name) give([packed(name, files.map(file => [file.webkitRelativePath.slice(name.length + 1), file]))]);
  };
  input.click();
}

document.addEventListener("drop", drop, { capture: true });
document.addEventListener("click", event => {
  if (event.target instanceof Element && event.target.closest("#choose-folder")) choose();
});
