// Scene: boxes and edges with their places, and the camera that looks at them.

const PAD = 11, ROW = 21, NUMBER = 72, LABEL = 50, THUMB = 44;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif";
const TIME = 1500;                                                           // milliseconds that a layout may take

const font = (size, weight = 400) => `${weight} ${size}px ${FONT}`;

class Scene {
  constructor(trace, folding, context) {
    Object.assign(this, {trace, folding, context, x: 0, y: 0, zoom: 1, width: 0, height: 0});
    this.arrange();
  }

  // Place everything anew.
  arrange() {
    const {units} = this.folding, {links, at} = this.folding.links(), sizes = units.map(unit => this.size(unit));
    const pairs = links.map(({from, to}) => [from, to]), gaps = links.map(() => 4);
    const plan = layout(sizes, pairs, gaps, performance.now() + TIME);
    this.boxes = units.map((unit, i) => {
      const [wide, high] = sizes[i], [x, y] = plan.centres[i];
      return {unit, x, y, wide, high, left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2};
    });
    this.lines = links.map((link, i) => {
      const points = plan.paths[i], xs = points.map(point => point[0]), ys = points.map(point => point[1]);
      const around = {left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
      return {...link, ...around, points, edge: this.trace.operands[link.head][link.slot]};
    });
    this.at = at;
    this.wide = plan.along;
    this.high = plan.across;
  }

  // Width and height of a box.
  size(unit) {
    const {context: c, trace} = this, node = trace.nodes[unit.node];
    const measure = (text, of) => (c.font = of, c.measureText(text ?? "").width);
    if (!node) {
      unit.note = shortened(unit.note);
      const inside = Math.max(measure(heading(unit), font(16, 700)), measure(unit.note, font(12)), 130);
      return [inside + 2 * PAD, 3 * ROW + 2 * PAD + 6];
    }
    const {op, params, kind, shape, name, text} = node, around = 2 * PAD + (op ? PAD : 0);
    if (kind === "constant" && !shape?.length) return [Math.max(measure(text, font(15)), 20) + 2 * PAD, ROW + PAD];
    unit.badge = op ? Math.max(measure(op, font(badgeSize(op), 700)), measure(params, font(10))) + 20 : 0;
    const words = Math.max(measure(nameOnCard(node), font(15, 700)), measure(shapeText(node), font(11)), 40);
    if (pictured(node)) {
      const pictures = (THUMB + 8) * (kind === "constant" ? 1 : 2);
      return [unit.badge + around + words + pictures, THUMB + 2 * PAD + 12];
    }
    const numbers = LABEL + (shape ? Math.max(NUMBER, measure(text, font(15))) : NUMBER);
    const rows = (name ? 3 : 2) * ROW + (shape ? ROW - 4 : 0);
    return [unit.badge + around + Math.max(words, numbers), rows + 2 * PAD - 4];
  }

  // A point of a line, t = 0 at the operand and 1 at its consumer.
  along({points}, t) {
    const lengths = points.slice(1).map((p, i) => Math.hypot(p[0] - points[i][0], p[1] - points[i][1]));
    let rest = t * lengths.reduce((a, b) => a + b, 0), i = 0;
    while (i < lengths.length - 1 && rest > lengths[i]) rest -= lengths[i++];
    const s = lengths[i] ? rest / lengths[i] : 0, u = 1 - s, [a, b] = [points[i], points[i + 1]];
    const bend = (p, q, r, v) => u ** 3 * p + 3 * u * u * s * q + 3 * u * s * s * r + s ** 3 * v;
    const middle = (a[0] + b[0]) / 2;
    return [bend(a[0], middle, middle, b[0]), bend(a[1], a[1], b[1], b[1])];
  }

  boxOf(n) {
    return this.boxes[this.folding.place[n]];
  }

  lineOf(edge) {
    return this.lines[this.at.get(`${edge.to} ${edge.slot}`)];
  }

  // The camera: (x, y) is the point in the middle of the view.

  toScene(px, py) {
    return [this.x + (px - this.width / 2) / this.zoom, this.y + (py - this.height / 2) / this.zoom];
  }

  pick(px, py) {
    const [x, y] = this.toScene(px, py);
    return this.boxes.find(box => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
  }

  zoomAt(factor, px, py) {
    const [x, y] = this.toScene(px, py);
    this.zoom = Math.max(0.01, Math.min(4, this.zoom * factor));
    this.x = x - (px - this.width / 2) / this.zoom;
    this.y = y - (py - this.height / 2) / this.zoom;
  }

  // Everything in view.
  whole() {
    const zoom = Math.min((this.width - 48) / this.wide, (this.height - 64) / this.high, 1.6);
    return {x: this.wide / 2, y: this.high / 2, zoom: Math.max(zoom, 0.005)};
  }

  // The least move that brings these boxes into view; null when several are too far apart to be seen together.
  toShow(boxes) {
    const ends = (first, last) => boxes.flatMap(box => [box[first], box[last]]), half = 1 / 2 / this.zoom;
    const nearest = (at, edges, room) => {
      const low = Math.min(...edges), high = Math.max(...edges), margin = Math.min(0.3 * room, room - (high - low) / 2);
      if (low > at - room && high < at + room) return at;
      if (margin < 0) return boxes.length > 1 ? null : (low + high) / 2;
      return Math.min(Math.max(at, high + margin - room), low - margin + room);
    };
    const x = nearest(this.x, ends("left", "right"), this.width * half);
    const y = nearest(this.y, ends("top", "bottom"), this.height * half);
    return x === null || y === null ? null : {x, y, zoom: this.zoom};
  }
}

const badgeSize = op => op === "·" ? 30 : op.length === 1 ? 22 : op.length < 10 ? 16 : 13;
const nameOnCard = ({name}) => name.length > 20 ? name.slice(-18).replace(/^[^.]*\.|^/, "…") : name;  // its end
const heading = ({title, count}) => title + (count > 1 ? `   × ${count.toLocaleString("en")}` : "");
const shortened = text => text.length > 34 ? `${text.slice(0, 16)} … ${text.slice(-16)}` : text;
const pictured = ({heat}) => heat && heat.rows * heat.cols > 1;
const shapeText = ({shape, dtype}) => shape ? `(${shape.join(", ")}${shape.length === 1 ? "," : ""}) ${dtype}` : "";
