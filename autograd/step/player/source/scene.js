// Scene: boxes and edges with their places, and the camera that looks at them.

const PAD = 11, ROW = 21, NUMBER = 72, LABEL = 50, THUMB = 44;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif";
const font = (size, weight = 400) => `${weight} ${size}px ${FONT}`;
const TIME = 1500;                                                           // milliseconds that a layout may take

class Scene {
  constructor(trace, folding, context) {
    Object.assign(this, {trace, folding, context, x: 0, y: 0, zoom: 1, width: 0, height: 0, insets: 0});
    this.arrange();
  }

  // Place everything anew.
  arrange() {
    const {units} = this.folding, {links, at} = this.folding.links();
    const sizes = units.map(unit => this.size(unit));
    const plan = layout(sizes, links.map(({from, to}) => [from, to]), links.map(() => 4), performance.now() + TIME);
    this.boxes = units.map((unit, i) => {
      const [wide, high] = sizes[i], [x, y] = plan.centres[i];
      return {unit, x, y, wide, high, left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2};
    });
    this.lines = links.map((link, i) => this.line(link, plan.paths[i]));
    this.at = at;
    this.wide = plan.along;
    this.high = plan.across;
  }

  size(unit) {
    const {context: c, trace} = this, node = trace.nodes[unit.node];
    const measure = (text, of) => (c.font = of, c.measureText(text).width);
    if (!node) {
      unit.note = shortened(unit.note);
      return [Math.max(measure(heading(unit), font(16, 700)), measure(unit.note, font(12)), 130) + 2 * PAD, 3 * ROW + 2 * PAD + 6];
    }
    unit.badge = node.op ? Math.max(measure(node.op, font(badgeSize(node.op), 700)), measure(node.params ?? "", font(10))) + 20 : 0;
    const badge = node.op ? unit.badge + PAD : 0;
    if (node.kind === "constant" && !node.shape?.length) return [Math.max(measure(trace.valueText(unit.node), font(15)), 20) + 2 * PAD, ROW + PAD];
    const name = measure(nameOnCard(node), font(15, 700)), shape = measure(shapeText(node), font(11));
    if (pictured(node)) return [Math.max(name, shape, 40) + badge + 2 * PAD + (THUMB + 8) * (node.kind === "constant" ? 1 : 2), THUMB + 2 * PAD + 12];
    const number = node.shape ? Math.max(NUMBER, measure(node.text, font(15))) : NUMBER;
    return [Math.max(name, shape, LABEL + number) + badge + 2 * PAD, (2 + !!node.name + !!node.shape) * ROW - 4 * !!node.shape + 2 * PAD - 4];
  }

  line(link, points) {
    const xs = points.map(point => point[0]), ys = points.map(point => point[1]);
    const edge = this.trace.operands[link.head].find(e => this.trace.edges[e].slot === link.slot);
    return {...link, edge, points, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
  }

  // A point of a line, t = 0 at the operand and 1 at its consumer.
  along(line, t) {
    const {points} = line, lengths = points.slice(1).map((p, i) => Math.hypot(p[0] - points[i][0], p[1] - points[i][1]));
    let rest = t * lengths.reduce((a, b) => a + b, 0), i = 0;
    while (i < lengths.length - 1 && rest > lengths[i]) rest -= lengths[i++];
    const s = lengths[i] ? rest / lengths[i] : 0, u = 1 - s, [a, b] = [points[i], points[i + 1]], middle = (a[0] + b[0]) / 2;
    const bend = (p, q, r, v) => u ** 3 * p + 3 * u * u * s * q + 3 * u * s * s * r + s ** 3 * v;
    return [bend(a[0], middle, middle, b[0]), bend(a[1], a[1], b[1], b[1])];
  }

  boxOf(n) {
    return this.boxes[this.folding.place[n]];
  }

  lineOf(edge) {
    return this.lines[this.at.get(edge.to * 4096 + edge.slot)];
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

  // The least move that brings these boxes into view; none when they are there.
  toShow(boxes) {
    const left = Math.min(...boxes.map(b => b.left)), right = Math.max(...boxes.map(b => b.right));
    const top = Math.min(...boxes.map(b => b.top)), bottom = Math.max(...boxes.map(b => b.bottom));
    const half = [this.width / 2 / this.zoom, this.height / 2 / this.zoom];
    const nearest = (at, low, high, room) => {
      if (low > at - room && high < at + room) return at;
      const edge = Math.min(0.3 * room, room - (high - low) / 2);
      return edge < 0 ? (low + high) / 2 : Math.min(Math.max(at, high + edge - room), low - edge + room);
    };
    return {x: nearest(this.x, left, right, half[0]), y: nearest(this.y, top, bottom, half[1]), zoom: this.zoom};
  }
}

const badgeSize = op => op === "·" ? 30 : op.length === 1 ? 22 : op.length < 10 ? 16 : 13;
const nameOnCard = ({name}) => name.length > 20 ? `…${name.slice(-18)}` : name;      // of a long path the end says most
const heading = ({title, count}) => title + (count > 1 ? `   × ${count.toLocaleString("en")}` : "");
const shortened = text => text.length > 34 ? `${text.slice(0, 16)} … ${text.slice(-16)}` : text;
const pictured = node => node.heat && node.heat.rows * node.heat.cols > 1;
const shapeText = node => node.shape ? `(${node.shape.join(", ")}${node.shape.length === 1 ? "," : ""}) ${node.dtype ?? ""}` : "";
