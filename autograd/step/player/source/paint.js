// Paint: one picture of a scene on a canvas. What is out of view is left out, and what would be too small to read.

const MANY = 300;                                                            // lines; of more, those that only pass by are left out
const READABLE = 5.5;                                                        // pixels of letters that are still drawn

// `look` has the colours; `t` says how far (0 to 1) what flows along the current edge has come.
function paint(scene, look, t) {
  const {context: c, trace, zoom} = scene, ratio = c.canvas.width / scene.width || 1;
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.fillStyle = look.paper;
  c.fillRect(0, 0, scene.width, scene.height);
  const [left, top] = scene.toScene(0, 0), [right, bottom] = scene.toScene(scene.width, scene.height);
  c.setTransform(ratio * zoom, 0, 0, ratio * zoom, -left * ratio * zoom, -top * ratio * zoom);
  c.textBaseline = "alphabetic";
  const near = zoom * 15 >= READABLE, current = trace.edge ? scene.lineOf(trace.edge) : null, view = {left, right, top, bottom};
  const inView = (thing, edge) => thing.right >= left - edge && thing.left <= right + edge && thing.bottom >= top - edge && thing.top <= bottom + edge;
  const lines = scene.lines.filter(line => line !== current && inView(line, 12)), ends = ({from, to}) => inView(scene.boxes[from], 0) || inView(scene.boxes[to], 0);
  drawLines(scene, look, lines.length > MANY ? lines.filter(ends) : lines, view, near);
  const boxes = scene.boxes.filter(box => inView(box, 30));
  if (near) boxes.forEach(box => drawBox(scene, look, box, t));
  else drawFarBoxes(scene, look, boxes);
  if (current) drawCurrent(scene, look, current, t);
  drawRoles(scene, look);
  if (current) drawFlow(scene, look, current, t);
}

// Edges, those of one look with one stroke. Before the backward pass has come along an arrow points to the consumer,
// afterwards back to the operand.
function drawLines({context: c, trace, zoom}, look, lines, view, near) {
  const kinds = {constant: [], line: [], passed: [], active: []}, event = trace.event;
  for (const line of lines) {
    const active = event?.phase === FORWARD && event.node === line.head;
    kinds[active ? "active" : trace.passed(line.edge) ? "passed" : line.constant ? "constant" : "line"].push(line);
  }
  const colours = {constant: look.grey, line: look.line, passed: look.orange, active: look.blue};
  for (const [kind, lines] of Object.entries(kinds)) {
    if (!lines.length) continue;
    c.strokeStyle = c.fillStyle = colours[kind];
    c.lineWidth = near ? {passed: 2, active: 3.2}[kind] ?? 1.3 : 1 / zoom;
    c.globalAlpha = near ? 1 : 0.45;
    c.setLineDash(near && kind === "constant" ? [5, 4] : []);
    c.beginPath();
    for (const line of lines) trail(c, line, view, zoom < 0.12);
    c.stroke();
    c.setLineDash([]);
    if (near) {
      c.beginPath();
      for (const {points} of lines) kind === "passed" ? arrow(c, points[0], 9, 1) : arrow(c, points.at(-1), kind === "active" ? 11 : 8, -1);
      c.fill();
    }
  }
  c.globalAlpha = 1;
}

// The parts of a line that are in view.
function trail(c, {points}, view, straight) {
  if (straight) return c.moveTo(...points[0]), c.lineTo(...points.at(-1));
  for (let i = 1; i < points.length; i++) {
    const [x, y] = points[i - 1], [nx, ny] = points[i], middle = (x + nx) / 2;
    if (nx < view.left || x > view.right || Math.max(y, ny) < view.top - 5 || Math.min(y, ny) > view.bottom + 5) continue;
    c.moveTo(x, y);
    c.bezierCurveTo(middle, y, middle, ny, nx, ny);
  }
}

function arrow(c, [x, y], size, direction) {
  c.moveTo(x, y);
  c.lineTo(x + direction * size, y - size * 0.42);
  c.lineTo(x + direction * size, y + size * 0.42);
}

function drawCurrent({context: c, zoom}, look, line, t) {
  const thick = Math.max(4.5, 3 / zoom);
  c.strokeStyle = c.fillStyle = look.orange;
  c.lineWidth = thick;
  c.setLineDash(t < 1 ? [14, 9] : []);
  c.lineDashOffset = -(1 - t) * 160;
  c.beginPath();
  trail(c, line, {left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity});
  c.stroke();
  c.setLineDash([]);
  c.beginPath();
  arrow(c, line.points[0], 3.4 * thick, 1);
  c.fill();
}

// What arrives from above, times the slope, becomes the contribution, on its way to the operand.
function drawFlow(scene, look, line, t) {
  const {context: c, trace, zoom} = scene, k = trace.position - 1;
  const texts = {upstream: trace.at(k, "upstream"), local: trace.at(k, "local"), flow: trace.at(k, "flow")};
  const short = texts.upstream.length + texts.local.length < 22;
  const sum = texts.flow === NOTHING ? "nothing" : texts.flow.startsWith("−") ? texts.flow : `+${texts.flow}`;
  const text = t < 0.3 ? texts.upstream : t < 0.72 && short ? `${texts.upstream} × ${texts.local}` : sum;
  if (text.length > 24) return;
  const [x, y] = scene.along(line, 1 - 0.5 * ease(t)), size = Math.max(14, 8.5 / zoom);
  c.font = font(size, 700);
  const wide = c.measureText(text).width + size * 1.2, high = size * 1.75;
  c.fillStyle = look.orange;
  c.beginPath();
  c.roundRect(x - wide / 2, y - high / 2, wide, high, high / 2);
  c.fill();
  c.lineWidth = 2;
  c.strokeStyle = look.paper;
  c.stroke();
  c.fillStyle = look.paper;
  c.textAlign = "center";
  c.fillText(text, x, y + size * 0.36);
}

const ease = t => t * t * (3 - 2 * t);

// Boxes

function drawFarBoxes({context: c, trace}, look, boxes) {
  const fills = new Map();
  for (const box of boxes) {
    const reached = box.unit.node >= 0 && trace.writer[box.unit.node] >= 0;
    const kind = trace.nodes[box.unit.members[0]].kind;
    const fill = reached ? look.orange : kind === "leaf" ? look.blue : kind === "constant" ? look.grey : look.badge;
    if (!fills.has(fill)) fills.set(fill, new Path2D());
    fills.get(fill).rect(box.left, box.top, box.wide, box.high);
  }
  for (const [fill, path] of fills) c.fillStyle = fill, c.fill(path);
}

function drawBox(scene, look, box, t) {
  const {context: c, trace} = scene, {unit, left: x, top: y, wide, high} = box, n = unit.node;
  if (n < 0) return drawFold(scene, look, box);
  const node = trace.nodes[n], root = n === trace.root, {kind} = node, wrong = trace.wrong.has(n) && trace.writer[n] >= 0;
  const radius = kind === "result" ? 12 : 2;
  c.lineWidth = root || kind === "leaf" ? 2 : 1.4;
  c.strokeStyle = root ? look.orange : kind === "leaf" ? look.blue : look.line;
  c.fillStyle = root ? look["orange-fill"] : kind === "leaf" ? look["blue-fill"] : look.card;
  c.setLineDash(kind === "constant" ? [5, 4] : []);
  c.beginPath();
  c.roundRect(x, y, wide, high, radius);
  c.fill();
  c.stroke();
  c.setLineDash([]);
  if (root) c.beginPath(), c.roundRect(x - 4, y - 4, wide + 8, high + 8, radius + 4), c.stroke();
  let at = x + PAD;
  if (node.op) {
    c.fillStyle = look.badge;
    c.beginPath();
    c.roundRect(at, y + PAD, unit.badge, high - 2 * PAD, 9);
    c.fill();
    const size = badgeSize(node.op), lift = node.params ? 6 : 0;
    write(c, node.op, at + unit.badge / 2, y + high / 2 + size * 0.36 - lift, font(size, 700), look["on-badge"], "center");
    if (node.params) write(c, node.params, at + unit.badge / 2, y + high / 2 + 16, font(10), look["on-badge"], "center");
    at += unit.badge + PAD;
  }
  if (kind === "constant" && !node.shape?.length) return write(c, trace.valueText(n), x + wide / 2, y + high / 2 + 5.4, font(15), look.faint, "center");
  let line = y + PAD + 13;
  if (node.name) write(c, nameOnCard(node), at, line, font(15, 700), look.ink), line += ROW;
  if (node.shape) write(c, shapeText(node), at, line - 4, font(11), look.faint), line += ROW - 4;
  if (pictured(node)) return drawThumbs(scene, look, box, n);
  row(c, look, "value", trace.valueText(n), at, line, look.ink, 400);
  if (kind === "constant") return;
  const gradient = trace.gradientText(n), fresh = trace.event?.node === n && trace.event.phase !== FORWARD && t < 0.85;
  const shown = fresh ? trace.at(trace.position - 1, "before") : gradient, all = trace.arrived[n] === trace.expected[n];
  row(c, look, "grad", (wrong ? "✗ " : "") + shown, at, line + ROW, look.orange, all && !fresh ? 700 : 400);
  drawPips(scene, look, n, x + wide - PAD, y + PAD + 13);
}

function write(c, text, x, y, of, colour, align = "left") {
  c.font = of;
  c.fillStyle = colour;
  c.textAlign = align;
  c.fillText(text, x, y);
}

const note = (c, look, text, x, y, align) => write(c, text, x, y, font(11), look.faint, align);

// A name and a number, whose sign hangs out to the left.
function row(c, look, name, text, x, y, colour, weight) {
  note(c, look, name, x, y - 1);
  const minus = text.startsWith("−"), dot = text === NOTHING;
  if (minus) write(c, "−", x + LABEL - 1, y, font(15, weight), colour, "right");
  write(c, minus ? text.slice(1) : text, x + LABEL, y + (dot ? 2 : 0), font(dot ? 22 : 15, weight), colour);
}

// How many of its consumers have sent their part: a full circle each.
function drawPips({context: c, trace}, look, n, right, y) {
  const all = trace.expected[n], here = trace.arrived[n];
  if (all < 2) return;
  if (all > 4) return write(c, `${here}/${all}`, right, y - 1, font(11), look.orange, "right");
  c.lineWidth = 1.2;
  c.strokeStyle = c.fillStyle = look.orange;
  for (let i = 0; i < all; i++) {
    c.beginPath();
    c.arc(right - 4 - (all - 1 - i) * 11, y - 5, 3.6, 0, 7);
    if (i < here) c.fill();
    c.stroke();
  }
}

function drawFold({context: c, trace}, look, {unit, left: x, top: y, wide, high}) {
  c.lineWidth = 1.3;
  c.strokeStyle = look.line;
  c.fillStyle = look.fold;
  for (const shift of [8, 4, 0]) {
    c.beginPath();
    c.roundRect(x + shift - 4, y - shift + 4, wide, high, 3);
    c.fill();
    c.stroke();
  }
  const inset = x + PAD - 4, reached = trace.share(unit.members);
  write(c, heading(unit), inset, y + PAD + 18, font(16, 700), look.ink);
  write(c, unit.note, inset, y + PAD + 18 + ROW, font(12), look.faint);
  const across = wide - 2 * PAD, at = y + high - PAD - 2;
  c.fillStyle = look.track;
  c.fillRect(inset, at, across, 5);
  c.fillStyle = look.orange;
  c.fillRect(inset, at, across * reached, 5);
}

// A value and a gradient as pictures; a gradient that is not there yet is an empty frame.
function drawThumbs({context: c, trace}, look, {left: x, top: y, wide, high}, n) {
  const node = trace.nodes[n], constant = node.kind === "constant", top = y + high - THUMB - PAD;
  const gradient = trace.gradientHeat(n);
  [[node.heat, trace.known[n], "value"], ...constant ? [] : [[gradient, gradient, "grad"]]].forEach(([heat, there, name], i, {length}) => {
    const at = x + wide - PAD - (length - i) * (THUMB + 8) + 8;
    write(c, name, at + THUMB / 2, top - 4, font(10), i ? look.orange : look.faint, "center");
    c.lineWidth = 1;
    c.strokeStyle = i ? look.orange : look.line;
    if (there && heat) c.imageSmoothingEnabled = false, c.drawImage(heatPicture(heat, look), at, top, THUMB, THUMB);
    else if (!there) write(c, NOTHING, at + THUMB / 2, top + THUMB / 2 + 8, font(24), c.strokeStyle, "center");
    c.setLineDash(there ? [] : [3, 3]);
    c.strokeRect(at, top, THUMB, THUMB);
    c.setLineDash([]);
  });
}

// Who sends and who receives in this step: a thick ring, and the word on a tab above the box.
function drawRoles(scene, look) {
  const {trace, context: c, zoom} = scene, {event, edge} = trace;
  if (!event) return;
  const size = Math.max(11, 8 / zoom), backward = event.phase !== FORWARD;
  const ring = (n, text, colour, dash) => {
    const {left: x, top: y, wide, high} = scene.boxOf(n), gap = n === trace.root ? 9 : 5;
    c.lineWidth = Math.max(3, 2.5 / zoom);
    c.strokeStyle = colour;
    c.setLineDash(dash.map(d => d * c.lineWidth / 3));
    c.beginPath();
    c.roundRect(x - gap, y - gap, wide + 2 * gap, high + 2 * gap, 14);
    c.stroke();
    c.setLineDash([]);
    if (zoom < 0.25) return;
    c.font = font(size, 700);
    const across = c.measureText(text).width + size;
    c.fillStyle = colour;
    c.beginPath();
    c.roundRect(x + 10, y - gap - size * 0.85, across, size * 1.6, size * 0.5);
    c.fill();
    write(c, text, x + 10 + across / 2, y - gap + size * 0.3, font(size, 700), look.paper, "center");
  };
  if (edge) ring(edge.to, "sends", look.ink, [7, 5]);
  ring(event.node, backward ? (edge ? "receives" : "starts with 1") : "is computed", backward ? look.orange : look.blue, []);
}

// Heat maps: blue below zero, orange above, pale at zero, which stay apart for every eye; what is not a number is hatched.

const pictures = new WeakMap();

function heatPicture(heat, look) {
  const known = pictures.get(heat);
  if (known?.look === look) return known.canvas;
  const {rows, cols, values, min, max} = heat, canvas = make("canvas", {width: cols, height: rows}), c = canvas.getContext("2d");
  const most = Math.max(Math.abs(min), Math.abs(max)) || 1, parts = ["zero", "cold", "warm"].map(name => look[name].match(/\w\w/g).map(part => parseInt(part, 16)));
  const image = c.createImageData(cols, rows);
  [...values].forEach((letter, i) => {
    const x = min + (letter.charCodeAt() - 48) / 63 * (max - min), [zero, cold, warm] = parts;      // "0" is the least, "o" the most
    const far = x < 0 ? cold : warm, share = Math.sqrt(Math.abs(x) / most), hatch = (i + Math.floor(i / cols)) % 2 ? [255, 0, 200] : [40, 0, 30];
    image.data.set(letter === "~" ? [...hatch, 255] : [...zero.map((v, j) => Math.round(v + (far[j] - v) * share)), 255], 4 * i);
  });
  c.putImageData(image, 0, 0);
  pictures.set(heat, {canvas, look});
  return canvas;
}
