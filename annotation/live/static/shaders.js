// The picture as the camera gave it, over another background, by a small alpha.
//
// Each tile of the picture is drawn once. FRONT and BACK are for tiles that surely are one or the other. In the others,
// EDGE fits alpha for each soft pixel, within 5 × 5 small pixels around it, as an affine function of colour and asks that
// function for its own colour (local linear regression, as in He, Sun & Tang, "Guided Image Filtering", TPAMI 2013). The
// same sums give the nearby foreground and background colours, from which the foreground behind a soft edge is estimated
// (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021).
//
// `small` holds the small picture in rgb and its alpha in a. `at` is the place in the camera's picture, `place` on the
// canvas: the two differ where the picture is mirrored.

export const VERTEX = `#version 300 es
uniform float upward;
uniform bool mirror;
in vec2 corner;
out vec2 at, place;
void main() {
  at = corner;
  place = mirror ? vec2(1.0 - at.x, at.y) : at;
  gl_Position = vec4(place.x * 2.0 - 1.0, (place.y * 2.0 - 1.0) * upward, 0.0, 1.0);
}`;

const HEAD = `#version 300 es
precision highp float;
uniform sampler2D camera, small, backdrop;
uniform vec2 cover;
uniform vec3 colour;
uniform int kind;
in vec2 at, place;
out vec4 result;

vec3 pixel() { return texelFetch(camera, ivec2(at * vec2(textureSize(camera, 0))), 0).rgb; }

vec3 behind() {
  if (kind == 2) return texture(backdrop, (place - 0.5) * cover + 0.5).rgb;
  if (kind == 3) { vec4 blurred = texture(backdrop, at); return blurred.rgb / max(blurred.a, 0.004); }
  return colour;
}

vec4 mixed(vec3 front, float value) {
  if (kind == 0) return vec4(front * value, value);
  if (value >= 1.0) return vec4(front, 1.0);
  return vec4(mix(behind(), front, value), 1.0);
}
`;

export const FRONT = `${HEAD}
void main() { result = vec4(pixel(), 1.0); }`;

export const BACK = `${HEAD}
void main() { result = mixed(vec3(0.0), 0.0); }`;

export const EDGE = `${HEAD}
const float EPSILON = 5e-4;

void main() {
  float value = texture(small, at).a;
  if (value < 0.01) { result = mixed(vec3(0.0), 0.0); return; }
  vec3 own = pixel();
  if (value > 0.99) { result = mixed(own, 1.0); return; }
  ivec2 last = textureSize(small, 0) - 1;
  vec2 exact = at * vec2(last + 1);
  ivec2 middle = ivec2(exact);
  float weights = 0.0, alphas = 0.0, fronts = 1e-5, backs = 1e-5;
  vec3 mean = vec3(0.0), shared = vec3(0.0), frontSum = vec3(0.0);
  vec3 diagonal = vec3(0.0), across = vec3(0.0);
  for (int y = -2; y <= 2; y++) for (int x = -2; x <= 2; x++) {
    ivec2 there = middle + ivec2(x, y);
    vec2 away = vec2(there) + 0.5 - exact;
    float weight = exp(dot(away, away) * -0.25);
    vec4 one = texelFetch(small, clamp(there, ivec2(0), last), 0);
    vec3 weighted = weight * one.rgb;
    weights += weight; mean += weighted; alphas += weight * one.a;
    shared += weighted * one.a;
    diagonal += weighted * one.rgb; across += weighted.rrg * one.gbb;
  }
  vec3 frontColour = shared / max(alphas, 1e-4);
  vec3 backColour = (mean - shared) / max(weights - alphas, 1e-4);
  float average = alphas / weights;
  mean /= weights;
  shared = shared / weights - mean * average;
  diagonal = diagonal / weights - mean * mean + EPSILON;
  across = across / weights - mean.rrg * mean.gbb;
  mat3 covariance = mat3(diagonal.r, across.r, across.g, across.r, diagonal.g, across.b, across.g, across.b, diagonal.b);
  float fitted = clamp(average + dot(inverse(covariance) * shared, own - mean), 0.0, 1.0);
  value = mix(value, fitted, clamp((0.98 - abs(2.0 * value - 1.0)) / 0.08, 0.0, 1.0));
  vec3 front = clamp(frontColour + value * (own - value * frontColour - (1.0 - value) * backColour), 0.0, 1.0);
  result = mixed(mix(front, own, smoothstep(0.9, 1.0, value)), value);
}`;

// The certain background, before it is blurred: the subject must leave no glow of its colours.
export const BACKGROUND = `#version 300 es
precision highp float;
uniform sampler2D small;
in vec2 at;
out vec4 result;
void main() {
  vec2 texel = 3.0 / vec2(textureSize(small, 0));
  vec4 own = texture(small, at);
  float most = own.a;
  for (int i = 0; i < 4; i++) most = max(most, texture(small, at + texel * vec2((i & 1) * 2 - 1, (i >> 1) * 2 - 1)).a);
  float share = clamp(1.0 - 2.0 * most, 0.0, 1.0);
  result = vec4(own.rgb * share, share);
}`;

export const BLUR = `#version 300 es
precision highp float;
uniform sampler2D source;
uniform vec2 direction;
in vec2 at;
out vec4 result;
void main() {
  vec4 total = vec4(0.0);
  float weights = 0.0;
  for (int i = -8; i <= 8; i++) {
    float weight = exp(-float(i * i) / 32.0);
    total += weight * texture(source, at + direction * float(i));
    weights += weight;
  }
  result = total / weights;
}`;
