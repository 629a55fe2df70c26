import { BACK, BACKGROUND, BLUR, EDGE, FRONT, VERTEX } from "./shaders.js";
import { tiles } from "./tiles.js";

const KINDS = { cutout: 0, colour: 1, green: 1, picture: 2, blur: 3 };
const BLURRED = [96, 54];
const WHOLE = new Float32Array([0, 0, 2, 0, 0, 2]);

/** Draws camera frames over a background on a canvas, at the camera's own size, with WebGL 2. */
export class Compositor {
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false });
    if (!this.gl) throw new Error("This browser has no WebGL 2, which draws the live picture.");
    this.scene = { kind: "colour", colour: [0.2, 0.2, 0.2], picture: null, mirror: true };
    this.slots = [];
    this.build();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.build();
      this.last = null;
      for (const slot of this.slots) slot.camera = this.texture();
      this.setPicture(this.scene.picture);
    });
  }

  build() {
    const gl = this.gl;
    this.programs = Object.fromEntries(Object.entries({ back: BACK, front: FRONT, edge: EDGE, background: BACKGROUND, blur: BLUR })
      .map(([name, fragment]) => [name, this.program(fragment)]));
    this.small = this.texture();
    this.backdrop = this.texture();
    this.blurs = [0, 1].map(() => {
      const texture = this.texture(), frame = gl.createFramebuffer();
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, ...BLURRED, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
      return { texture, frame };
    });
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    this.corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.corners);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  }

  program(fragment) {
    const gl = this.gl, program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, "corner");
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`The live picture cannot be drawn here: ${gl.getProgramInfoLog(program)}`);
    }
    const places = new Map();
    return { program, at: (name) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name);
    } };
  }

  texture() {
    const gl = this.gl, texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    for (const way of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, way, gl.LINEAR);
    return texture;
  }

  load(texture, source) {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source);
  }

  /** A place to keep one camera frame until its alpha comes. */
  slot() {
    const slot = { camera: this.texture(), small: null, width: 0, height: 0 };
    this.slots.push(slot);
    return slot;
  }

  /** Keep what `video` shows now, and `small`, the ImageData of the copy that is sent of it. */
  keep(slot, video, small) {
    this.load(slot.camera, video);
    slot.small = small;
    [slot.width, slot.height] = [video.videoWidth, video.videoHeight];
  }

  setPicture(picture) {
    this.scene.picture = picture;
    if (picture) this.load(this.backdrop, picture);
  }

  /** Show the frame kept in `slot` with `alpha`, a byte for each pixel of its small copy. */
  draw(slot, alpha) {
    const gl = this.gl, { data, width, height } = slot.small;
    for (let i = 0, at = 3; i < alpha.length; i++, at += 4) data[at] = alpha[i];
    gl.bindTexture(gl.TEXTURE_2D, this.small);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, data);
    this.tiles = tiles(alpha, width, height);
    this.last = slot;
    this.redraw(this.scene.mirror);
  }

  redraw(mirror) {
    const gl = this.gl, slot = this.last;
    if (!slot || gl.isContextLost()) return;
    if (this.canvas.width !== slot.width || this.canvas.height !== slot.height) {
      [this.canvas.width, this.canvas.height] = [slot.width, slot.height];
    }
    const kind = this.scene.kind === "picture" && !this.scene.picture ? "colour" : this.scene.kind;
    if (kind === "blur") this.blurBackground();
    gl.viewport(0, 0, slot.width, slot.height);
    for (const [name, corners] of Object.entries(this.tiles)) {
      const program = this.programs[name];
      gl.useProgram(program.program);
      this.bind(program.at, { camera: slot.camera, small: this.small,
                              backdrop: kind === "blur" ? this.blurs[0].texture : this.backdrop });
      gl.uniform1i(program.at("kind"), KINDS[kind]);
      gl.uniform1i(program.at("mirror"), mirror ? 1 : 0);
      gl.uniform3f(program.at("colour"), ...this.scene.colour);
      gl.uniform2f(program.at("cover"), ...this.cover(slot));
      gl.uniform1f(program.at("upward"), -1);
      this.triangles(corners);
    }
  }

  triangles(corners) {
    const gl = this.gl;
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STREAM_DRAW);
    gl.drawArrays(gl.TRIANGLES, 0, corners.length / 2);
  }

  /** The part of the background picture that fills the frame: (x, y) shares. */
  cover(slot) {
    if (!this.scene.picture) return [1, 1];
    const ratio = (slot.width / slot.height) / (this.scene.picture.width / this.scene.picture.height);
    return ratio > 1 ? [1, 1 / ratio] : [ratio, 1];
  }

  blurBackground() {
    const gl = this.gl, [first, second] = this.blurs, { background, blur } = this.programs;
    gl.viewport(0, 0, ...BLURRED);
    gl.useProgram(background.program);
    this.bind(background.at, { small: this.small });
    gl.uniform1f(background.at("upward"), 1);
    gl.bindFramebuffer(gl.FRAMEBUFFER, first.frame);
    this.triangles(WHOLE);
    gl.useProgram(blur.program);
    gl.uniform1f(blur.at("upward"), 1);
    for (const [from, to, way] of [[first, second, [1 / BLURRED[0], 0]], [second, first, [0, 1 / BLURRED[1]]]]) {
      this.bind(blur.at, { source: from.texture });
      gl.uniform2f(blur.at("direction"), ...way);
      gl.bindFramebuffer(gl.FRAMEBUFFER, to.frame);
      this.triangles(WHOLE);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  bind(at, textures) {
    const gl = this.gl;
    Object.entries(textures).forEach(([name, texture], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(at(name), unit);
    });
    gl.activeTexture(gl.TEXTURE0);
  }

  /** The picture shown, as a PNG, never mirrored. */
  picture() {
    this.redraw(false);
    const blob = new Promise((done) => this.canvas.toBlob(done, "image/png"));
    this.redraw(this.scene.mirror);
    return blob;
  }
}
