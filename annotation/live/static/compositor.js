import { BACK, BACKGROUND, BLUR, EDGE, FRONT, VERTEX } from "./shaders.js";
import { tiles } from "./tiles.js";

/** As `kind` in shaders.js. */
const KINDS = { cutout: 0, colour: 1, green: 1, picture: 2, blur: 3 };
/** @type {[width: number, height: number]} */
const BLURRED = [96, 54];
const WHOLE = new Float32Array([0, 0, 2, 0, 0, 2]);

/**
 * @typedef {"cutout" | "colour" | "green" | "picture" | "blur"} Kind what is behind the person
 * @typedef {[red: number, green: number, blue: number]} Colour shares
 * @typedef {{ kind: Kind, colour: Colour, picture: ImageBitmap | null, mirror: boolean }} Scene
 *
 * @typedef {object} Slot a camera frame that is kept until its alpha comes
 * @property {WebGLTexture} camera
 * @property {ImageData | null} small the copy that is sent
 * @property {number} width of the frame
 * @property {number} height
 *
 * @typedef {(name: string) => WebGLUniformLocation | null} At where a uniform is
 * @typedef {{ program: WebGLProgram, at: At }} Program
 * @typedef {{ texture: WebGLTexture, frame: WebGLFramebuffer }} Target a texture that is drawn into
 */

/** Draws camera frames over a background on a canvas, at the camera's own size, with WebGL 2. */
export class Compositor {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    const gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false });
    if (!gl) throw new Error("This browser has no WebGL 2, which draws the live picture.");
    this.gl = gl;
    /** @type {Scene} */
    this.scene = { kind: "colour", colour: [0.2, 0.2, 0.2], picture: null, mirror: true };
    /** @type {Slot[]} */
    this.slots = [];
    /** What is shown, and the tiles of its alpha. @type {{ slot: Slot, tiles: ReturnType<typeof tiles> } | null} */
    this.shown = null;
    this.made = this.build();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.made = this.build();
      this.shown = null;
      for (const slot of this.slots) slot.camera = this.texture();
      this.setPicture(this.scene.picture);
    });
  }

  /** Programs, textures and corners, which go with the context. */
  build() {
    const { gl } = this;
    const programs = {
      back: this.program(BACK), front: this.program(FRONT), edge: this.program(EDGE),
      background: this.program(BACKGROUND), blur: this.program(BLUR),
    };
    const made = { programs, small: this.texture(), backdrop: this.texture(), blurs: [this.target(), this.target()] };
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    return made;
  }

  /**
   * @param {string} fragment its source
   * @returns {Program}
   */
  program(fragment) {
    const { gl } = this, program = gl.createProgram();
    this.attach(program, gl.VERTEX_SHADER, VERTEX);
    this.attach(program, gl.FRAGMENT_SHADER, fragment);
    gl.bindAttribLocation(program, 0, "corner");
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`The live picture cannot be drawn here: ${gl.getProgramInfoLog(program)}`);
    }
    /** @type {Map<string, WebGLUniformLocation | null>} */
    const places = new Map();
    /** @type {At} */
    const at = (name) => {
      const place = places.has(name) ? places.get(name) : gl.getUniformLocation(program, name);
      places.set(name, place ?? null);
      return place ?? null;
    };
    return { program, at };
  }

  /**
   * @param {WebGLProgram} program
   * @param {number} kind of the shader
   * @param {string} source
   */
  attach(program, kind, source) {
    const { gl } = this, shader = gl.createShader(kind);
    if (!shader) return; // the context is lost; once it is restored everything is rebuilt
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }

  texture() {
    const { gl } = this, texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    for (const way of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, way, gl.LINEAR);
    return texture;
  }

  /** @returns {Target} */
  target() {
    const { gl } = this, texture = this.texture(), frame = gl.createFramebuffer();
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, ...BLURRED, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    return { texture, frame };
  }

  /**
   * @param {WebGLTexture} texture
   * @param {TexImageSource} source
   */
  load(texture, source) {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source);
  }

  /** A place to keep one camera frame until its alpha comes. */
  slot() {
    /** @type {Slot} */
    const slot = { camera: this.texture(), small: null, width: 0, height: 0 };
    this.slots.push(slot);
    return slot;
  }

  /**
   * Keep what `video` shows now, and `small`, the copy that is sent of it.
   * @param {Slot} slot
   * @param {HTMLVideoElement} video
   * @param {ImageData} small
   */
  keep(slot, video, small) {
    this.load(slot.camera, video);
    slot.small = small;
    slot.width = video.videoWidth;
    slot.height = video.videoHeight;
  }

  /** @param {ImageBitmap | null} picture to put behind the person */
  setPicture(picture) {
    this.scene.picture = picture;
    if (picture) this.load(this.made.backdrop, picture);
  }

  /**
   * Show the frame kept in `slot` with `alpha`, a byte for each pixel of its small copy.
   * @param {Slot} slot
   * @param {Uint8Array} alpha
   */
  draw(slot, alpha) {
    const { gl } = this;
    if (!slot.small) throw new Error("wanted a slot that keeps a frame, got an empty one");
    const { data, width, height } = slot.small;
    for (let i = 0, at = 3; i < alpha.length; i++, at += 4) data[at] = alpha[i];
    gl.bindTexture(gl.TEXTURE_2D, this.made.small);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, data);
    this.shown = { slot, tiles: tiles(alpha, width, height) };
    this.redraw(this.scene.mirror);
  }

  /** @param {boolean} mirror */
  redraw(mirror) {
    const { gl, canvas, shown, made } = this;
    if (!shown || gl.isContextLost()) return;
    const { slot } = shown;
    if (canvas.width !== slot.width || canvas.height !== slot.height) {
      canvas.width = slot.width;
      canvas.height = slot.height;
    }
    const kind = this.scene.kind === "picture" && !this.scene.picture ? "colour" : this.scene.kind;
    if (kind === "blur") this.blurBackground();
    gl.viewport(0, 0, slot.width, slot.height);
    const { programs, small } = made, backdrop = kind === "blur" ? made.blurs[0].texture : made.backdrop;
    for (const name of /** @type {const} */ (["back", "front", "edge"])) {
      const { program, at } = programs[name];
      gl.useProgram(program);
      this.bind(at, { camera: slot.camera, small, backdrop });
      gl.uniform1i(at("kind"), KINDS[kind]);
      gl.uniform1i(at("mirror"), mirror ? 1 : 0);
      gl.uniform3f(at("colour"), ...this.scene.colour);
      gl.uniform2f(at("cover"), ...this.cover(slot));
      gl.uniform1f(at("upward"), -1);
      this.triangles(shown.tiles[name]);
    }
  }

  /** @param {Float32Array<ArrayBuffer>} corners x and y of each, shares of the picture */
  triangles(corners) {
    const { gl } = this;
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STREAM_DRAW);
    gl.drawArrays(gl.TRIANGLES, 0, corners.length / 2);
  }

  /**
   * The part of the background picture that fills the frame.
   * @param {Slot} slot
   * @returns {[x: number, y: number]} shares
   */
  cover(slot) {
    if (!this.scene.picture) return [1, 1];
    const ratio = (slot.width / slot.height) / (this.scene.picture.width / this.scene.picture.height);
    return ratio > 1 ? [1, 1 / ratio] : [ratio, 1];
  }

  blurBackground() {
    const { gl, made } = this, [first, second] = made.blurs, { background, blur } = made.programs;
    gl.viewport(0, 0, ...BLURRED);
    gl.useProgram(background.program);
    this.bind(background.at, { small: made.small });
    gl.uniform1f(background.at("upward"), 1);
    gl.bindFramebuffer(gl.FRAMEBUFFER, first.frame);
    this.triangles(WHOLE);
    gl.useProgram(blur.program);
    gl.uniform1f(blur.at("upward"), 1);
    this.blurInto(second, first, 1 / BLURRED[0], 0);
    this.blurInto(first, second, 0, 1 / BLURRED[1]);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  /**
   * Blur what `from` holds in one direction.
   * @param {Target} to
   * @param {Target} from
   * @param {number} x shares of the picture, per step
   * @param {number} y
   */
  blurInto(to, from, x, y) {
    const { gl } = this, { at } = this.made.programs.blur;
    this.bind(at, { source: from.texture });
    gl.uniform2f(at("direction"), x, y);
    gl.bindFramebuffer(gl.FRAMEBUFFER, to.frame);
    this.triangles(WHOLE);
  }

  /**
   * @param {At} at
   * @param {Record<string, WebGLTexture>} textures by the names of their samplers
   */
  bind(at, textures) {
    const { gl } = this;
    Object.entries(textures).forEach(([name, texture], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(at(name), unit);
    });
    gl.activeTexture(gl.TEXTURE0);
  }

  /**
   * The picture shown, as a PNG, never mirrored; null if the browser cannot make one.
   * @returns {Promise<Blob | null>}
   */
  picture() {
    this.redraw(false);
    /** @type {Promise<Blob | null>} */
    const blob = new Promise((done) => this.canvas.toBlob(done, "image/png"));
    this.redraw(this.scene.mirror);
    return blob;
  }
}
