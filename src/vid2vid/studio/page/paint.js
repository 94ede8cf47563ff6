// The painted map: what the video has, the layers that are painted upon it, and the tools that paint.

/** New objects are numbered downwards from here, where no file has its own. */
export const FIRST_PAINTED = 2 ** 24 - 1;

/** Pixels of the straight line between two points, both included. */
function* between(x0, y0, x1, y1) {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let i = 0; i <= steps; i++) yield [Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps)];
}

export class Painting {
  /** Draws on a canvas; `changed` is called whenever the layer of the shown frame has changed, `noted` when there is more to undo. */
  constructor(canvas, changed, noted) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(this, { changed, noted });
    this.layers = new Map();
    this.past = [];
    this.future = [];
    this.stroke = null;
    this.fresh = FIRST_PAINTED;
  }

  open({ width, height, brushes, objects }) {
    Object.assign(this, { width, height, brushes, hasObjects: objects });
    Object.assign(this.canvas, { width, height });
    this.layers.clear();
    this.past = [];
    this.future = [];
    this.stroke = null;
    this.image = this.context.createImageData(width, height);
    this.image.data.fill(255);
    // values without a brush are grey
    this.colours = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
    for (const { value, colour } of brushes) this.colours.set(colour, 3 * value);
  }

  /** Take over the layer of a frame as the server has it. */
  takeOver(frame, buffer, { carry, first, last }) {
    const count = this.width * this.height;
    const [values, painted] = [0, count].map((start) => new Uint8Array(buffer.slice(start, start + count)));
    const objects = new Int32Array(buffer.slice(2 * count));
    this.layers.set(frame, { values, painted, objects, carry, first, last });
    // among its objects are new ones
    const known = new Set([...this.layers.values()].flatMap((layer) => [...new Set(layer.objects)]));
    while (known.has(this.fresh - 1)) this.fresh -= 1;
  }

  /** Show a frame: values and object ids without its own layer. */
  show(frame, values, objects) {
    Object.assign(this, { frame, values, objects });
    this.draw();
  }

  get layer() {
    return this.layers.get(this.frame);
  }

  ownLayer() {
    const count = this.width * this.height;
    if (!this.layer) this.layers.set(this.frame, { values: new Uint8Array(count), painted: new Uint8Array(count), objects: new Int32Array(count), carry: "piece", first: this.frame, last: 2 ** 30 });
    return this.layer;
  }

  /** What is shown at a pixel: value and object id. */
  at(x, y) {
    const i = y * this.width + x;
    const layer = this.layer;
    if (layer?.painted[i]) return [layer.values[i], layer.objects[i]];
    return [this.values[i], this.objects ? this.objects[i] : 0];
  }

  draw() {
    if (!this.values) return;
    const { width, layer, image } = this;
    const values = this.values.slice();
    const objects = this.objects?.slice();
    for (let i = 0; layer && i < values.length; i++) {
      if (!layer.painted[i]) continue;
      values[i] = layer.values[i];
      if (objects) objects[i] = layer.objects[i];
    }
    for (let i = 0; i < values.length; i++) {
      // borders between objects are darker
      const border = objects && ((i % width && objects[i] !== objects[i - 1]) || (i >= width && objects[i] !== objects[i - width]));
      const shade = border ? 0.75 : 1;
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = this.colours[3 * values[i] + c] * shade;
    }
    this.context.putImageData(image, 0, 0);
  }

  /** The object that new pixels of a value belong to: the only one of its label, or a new one. */
  objectFor(value, mode) {
    if (!this.hasObjects) return 0;
    if (this.picked?.value === value) return this.picked.object;
    if (mode === "auto") {
      const found = new Set();
      for (let i = 0; i < this.values.length && found.size < 2; i++) if (this.values[i] === value) found.add(this.objects[i]);
      if (found.size === 1) return found.values().next().value;
    }
    this.fresh -= 1;
    this.picked = { value, object: this.fresh };
    return this.fresh;
  }

  // ---- strokes ----------------------------------------------------------------------------------------------------

  begin(x, y, { tool, value, size, mode }) {
    const layer = this.ownLayer();
    const before = { values: layer.values.slice(), painted: layer.painted.slice(), objects: layer.objects.slice() };
    const object = tool === "eraser" ? 0 : this.objectFor(value, mode);
    this.stroke = { tool, value, size, object, x, y, before, frame: this.frame };
    if (tool === "bucket") this.fill(x, y);
    else this.stamp(x, y);
    this.draw();
    this.changed();
  }

  /** Go on to some points, one after the other. */
  move(points) {
    const stroke = this.stroke;
    if (!stroke || stroke.tool === "bucket") return;
    for (const [x, y] of points) {
      if (stroke.tool === "line") this.restore(stroke.before);
      for (const [px, py] of between(stroke.x, stroke.y, x, y)) this.stamp(px, py);
      if (stroke.tool !== "line") Object.assign(stroke, { x, y });
    }
    this.draw();
    this.changed();
  }

  /** Erase the layer of the shown frame. */
  clear() {
    this.begin(0, 0, { tool: "eraser", size: 3 * Math.max(this.width, this.height) });
    this.end();
  }

  end() {
    const { stroke, layer } = this;
    this.stroke = null;
    if (!stroke) return;
    const { before, frame } = stroke;
    const differ = [];
    for (let i = 0; i < layer.values.length; i++) {
      if (layer.painted[i] !== before.painted[i] || (layer.painted[i] && (layer.values[i] !== before.values[i] || layer.objects[i] !== before.objects[i]))) differ.push(i);
    }
    if (!differ.length) return;
    const pixels = Int32Array.from(differ);
    const taken = (from) => ["values", "painted", "objects"].map((name) => from[name].constructor.from(pixels, (i) => from[name][i]));
    const [was, is] = [taken(before), taken(layer)];
    const put = (parts) => {
      const target = this.ownLayer();
      ["values", "painted", "objects"].forEach((name, n) => pixels.forEach((i, k) => (target[name][i] = parts[n][k])));
      this.draw();
    };
    this.done({ frame, undo: () => put(was), redo: () => put(is) });
  }

  /** Note what was done, to undo it. */
  done(entry) {
    this.past.push(entry);
    if (this.past.length > 200) this.past.shift();
    this.future = [];
    this.noted();
  }

  restore(before) {
    for (const name of ["values", "painted", "objects"]) this.layer[name].set(before[name]);
  }

  set(i) {
    const { layer, stroke } = this;
    layer.painted[i] = stroke.tool === "eraser" ? 0 : 1;
    layer.values[i] = layer.painted[i] ? stroke.value : 0;
    layer.objects[i] = layer.painted[i] ? stroke.object : 0;
  }

  /** Paint a disc. */
  stamp(x, y) {
    const reach = (this.stroke.size - 1) / 2;
    for (let dy = -Math.ceil(reach); dy <= reach; dy++) {
      for (let dx = -Math.ceil(reach); dx <= reach; dx++) {
        const inside = dx * dx + dy * dy <= (reach + 0.25) ** 2 && x + dx >= 0 && x + dx < this.width && y + dy >= 0 && y + dy < this.height;
        if (inside) this.set((y + dy) * this.width + x + dx);
      }
    }
  }

  /** Paint the connected area of one label and one object. */
  fill(x, y) {
    const wanted = this.at(x, y).join();
    const seen = new Uint8Array(this.width * this.height);
    const todo = [[x, y]];
    const area = [];
    while (todo.length) {
      const [px, py] = todo.pop();
      const i = py * this.width + px;
      if (px < 0 || py < 0 || px >= this.width || py >= this.height || seen[i] || this.at(px, py).join() !== wanted) continue;
      seen[i] = 1;
      area.push(i);
      todo.push([px - 1, py], [px + 1, py], [px, py - 1], [px, py + 1]);
    }
    for (const i of area) this.set(i);
  }

  /** The layer of a frame as the server reads it; empty: nothing is painted there. */
  bytes(frame) {
    const layer = this.layers.get(frame);
    if (!layer?.painted.some(Boolean)) return new Uint8Array();
    const data = new Uint8Array(6 * layer.values.length);
    data.set(layer.values);
    data.set(layer.painted, layer.values.length);
    data.set(new Uint8Array(layer.objects.buffer), 2 * layer.values.length);
    return data;
  }
}
