// The drawing area: a stroke by mouse, pen or finger, or cell by cell by keys.

const size = 280, cells = 28, cell = size / cells, pen = 22;

export class Pad {
  // changed is called with true while a stroke goes on, and with false once it has ended.
  constructor(ink, cursor, changed, say) {
    this.ink = ink.getContext('2d', { willReadFrequently: true });
    this.over = cursor.getContext('2d');
    this.canvas = cursor;
    this.changed = changed;
    this.say = say;
    this.column = this.row = cells / 2;
    this.strokes = []; // lists of points
    this.light = true; // ink on dark paper
    this.picture = null; // shown in place of strokes
    cursor.addEventListener('pointerdown', (e) => this.down(e));
    cursor.addEventListener('pointermove', (e) => this.move(e));
    for (const end of ['pointerup', 'pointercancel']) cursor.addEventListener(end, () => this.up());
    cursor.addEventListener('keydown', (e) => this.key(e));
    cursor.addEventListener('focus', () => this.paintCursor());
    cursor.addEventListener('blur', () => this.paintCursor());
    this.paint();
  }

  get empty() { return this.strokes.length === 0; }

  setPaper(dark) {
    this.light = dark;
    this.paint();
  }

  at(e) {
    const box = this.canvas.getBoundingClientRect();
    return [(e.clientX - box.left) * size / box.width, (e.clientY - box.top) * size / box.height];
  }

  down(e) {
    if (e.button !== 0) return;
    e.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(e.pointerId);
    this.drawing = true;
    this.begin(this.at(e));
  }

  begin(point) {
    this.picture = null;
    this.strokes.push([point]);
    this.paint();
    this.changed(true);
  }

  move(e) {
    if (!this.drawing) return;
    for (const one of e.getCoalescedEvents?.() || [e]) this.strokes.at(-1).push(this.at(one));
    this.paint();
    this.changed(true);
  }

  up() {
    if (!this.drawing) return;
    this.drawing = false;
    this.changed(false);
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    const here = () => [(this.column + 0.5) * cell, (this.row + 0.5) * cell];
    if (step) {
      const from = here();
      this.column = Math.min(Math.max(this.column + step[0], 0), cells - 1);
      this.row = Math.min(Math.max(this.row + step[1], 0), cells - 1);
      if (e.shiftKey) {
        if (this.line !== this.strokes.at(-1) || !this.line) {
          this.begin(from);
          this.line = this.strokes.at(-1);
        }
        this.line.push(here());
        this.paint();
        this.changed(false);
      } else {
        this.line = null;
      }
      this.paintCursor();
      this.say(`column ${this.column + 1}, row ${this.row + 1}${e.shiftKey ? ', drawn' : ''}`);
    } else if (e.key === ' ') {
      this.begin(here());
      this.changed(false);
      this.say(`dot at column ${this.column + 1}, row ${this.row + 1}`);
    } else if (e.key === 'Backspace' || e.key === 'Delete') {
      this.clear();
      this.say('cleared');
    } else {
      return;
    }
    e.preventDefault();
  }

  clear() {
    this.strokes = [];
    this.line = this.picture = null;
    this.paint();
    this.changed(false);
  }

  undo() {
    this.strokes.pop();
    this.line = this.picture = null;
    this.paint();
    this.changed(false);
  }

  // showPicture shows a picture in place of a drawing.
  showPicture(bitmap) {
    this.strokes = [];
    this.line = null;
    this.picture = bitmap;
    this.paint();
  }

  paint() {
    const c = this.ink;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = this.light ? '#000' : '#fff';
    c.fillRect(0, 0, size, size);
    if (this.picture) {
      const scale = size / Math.max(this.picture.width, this.picture.height);
      const [w, h] = [this.picture.width * scale, this.picture.height * scale];
      c.imageSmoothingEnabled = scale < 1;
      c.drawImage(this.picture, (size - w) / 2, (size - h) / 2, w, h);
    } else {
      this.stroke(c);
    }
    this.paintCursor();
  }

  stroke(c, width = pen) {
    c.strokeStyle = c.fillStyle = this.light ? '#fff' : '#000';
    c.lineWidth = width;
    c.lineCap = c.lineJoin = 'round';
    for (const points of this.strokes) {
      c.beginPath();
      c.moveTo(...points[0]);
      for (const p of points.length > 1 ? points.slice(1) : points) c.lineTo(...p);
      c.stroke();
    }
  }

  paintCursor() {
    const c = this.over;
    c.clearRect(0, 0, size, size);
    if (document.activeElement !== this.canvas || this.drawing) return;
    for (const [colour, width] of [['#000', 4], ['#fff', 2]]) {
      c.strokeStyle = colour;
      c.lineWidth = width;
      c.strokeRect(this.column * cell - 1, this.row * cell - 1, cell + 2, cell + 2);
    }
  }

  // file returns the drawing as a PNG. Centred, its longer side takes 20 of 28 parts and its middle of mass comes to
  // the middle, as in the images of MNIST.
  async file(centred) {
    const out = new OffscreenCanvas(size, size), c = out.getContext('2d', { willReadFrequently: true });
    c.fillStyle = this.light ? '#000' : '#fff';
    c.fillRect(0, 0, size, size);
    if (!centred) {
      this.stroke(c);
      return out.convertToBlob();
    }
    const all = this.strokes.flat(), xs = all.map((p) => p[0]), ys = all.map((p) => p[1]);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scale = Math.min((200 - pen) / Math.max(right - left, bottom - top, 1), 3);
    const place = (dx, dy) => c.setTransform(scale, 0, 0, scale, dx - scale * (left + right) / 2, dy - scale * (top + bottom) / 2);
    place(size / 2, size / 2);
    this.stroke(c, pen / scale);
    const pixels = c.getImageData(0, 0, size, size).data;
    let [mass, mx, my] = [0, 0, 0];
    for (let i = 0; i < size * size; i++) {
      const v = this.light ? pixels[4 * i] : 255 - pixels[4 * i];
      mass += v; mx += v * (i % size); my += v * Math.floor(i / size);
    }
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = this.light ? '#000' : '#fff';
    c.fillRect(0, 0, size, size);
    place(size - mx / mass, size - my / mass);
    this.stroke(c, pen / scale);
    return out.convertToBlob();
  }
}
