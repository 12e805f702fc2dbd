// Paint: one picture of a scene on a canvas. What is out of view is left out, and what would be too small to read.

const MANY = 300;                                              // lines; of more, those that only pass by are left out
const READABLE = 5.5;                                          // pixels of letters that are still drawn

// `look` has the colours; `t` says how far (0 to 1) what flows along the current edge has come.
function paint(scene, look, t) {
  const {context: c, trace, zoom} = scene, ratio = c.canvas.width / scene.width || 1;
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.fillStyle = look.paper;
  c.fillRect(0, 0, scene.width, scene.height);
  const [left, top] = scene.toScene(0, 0), [right, bottom] = scene.toScene(scene.width, scene.height);
  c.setTransform(ratio * zoom, 0, 0, ratio * zoom, -left * ratio * zoom, -top * ratio * zoom);
  const near = zoom * 15 >= READABLE, current = trace.edge ? scene.lineOf(trace.edge) : null;
  const across = (thing, edge) => thing.right >= left - edge && thing.left <= right + edge;
  const inView = (thing, edge) => across(thing, edge) && thing.bottom >= top - edge && thing.top <= bottom + edge;
  const ends = ({from, to}) => inView(scene.boxes[from], 0) || inView(scene.boxes[to], 0);
  const lines = scene.lines.filter(line => line !== current && inView(line, 12));
  drawLines(scene, look, lines.length > MANY ? lines.filter(ends) : lines, {left, right, top, bottom}, near);
  const boxes = scene.boxes.filter(box => inView(box, 30));
  if (near) boxes.forEach(box => drawBox(scene, look, box, t));
  else drawFarBoxes(scene, look, boxes);
  if (current) drawCurrent(scene, look, current, t);
  drawRoles(scene, look);
  if (current) drawFlow(scene, look, current, t);
}

// A text, and a box with round corners.

function write(c, text, x, y, of, colour, align = "left") {
  c.font = of;
  c.fillStyle = colour;
  c.textAlign = align;
  c.fillText(text, x, y);
}

function card(c, x, y, wide, high, radius, fill, line = null, thick = 1) {
  c.beginPath();
  c.roundRect(x, y, wide, high, radius);
  c.fillStyle = fill;
  if (fill) c.fill();
  c.strokeStyle = line;
  c.lineWidth = thick;
  if (line) c.stroke();
}

// Edges, those of one look with one stroke. Before the backward pass has come along an arrow points to the consumer,
// afterwards back to the operand.
function drawLines({context: c, trace, zoom}, look, lines, view, near) {
  const kinds = {constant: [], line: [], passed: [], active: []}, {event} = trace;
  for (const line of lines) {
    const active = event?.phase === FORWARD && event.node === line.head;
    kinds[active ? "active" : trace.passed(line.edge) ? "passed" : line.constant ? "constant" : "line"].push(line);
  }
  const colours = {constant: look.grey, line: look.line, passed: look.orange, active: look.blue};
  for (const kind in kinds) {
    if (!kinds[kind].length) continue;
    c.strokeStyle = c.fillStyle = colours[kind];
    c.lineWidth = near ? {passed: 2, active: 3.2}[kind] ?? 1.3 : 1 / zoom;
    c.globalAlpha = near ? 1 : 0.45;
    c.setLineDash(near && kind === "constant" ? [5, 4] : []);
    c.beginPath();
    for (const line of kinds[kind]) trail(c, line, view, zoom < 0.12);
    c.stroke();
    c.setLineDash([]);
    if (!near) continue;
    c.beginPath();
    for (const {points} of kinds[kind]) {
      if (kind === "passed") arrow(c, points[0], 9, 1);
      else arrow(c, points.at(-1), kind === "active" ? 11 : 8, -1);
    }
    c.fill();
  }
  c.globalAlpha = 1;
}

// The parts of a line that are in view.
function trail(c, {points}, view, straight) {
  if (straight) return c.moveTo(...points[0]), c.lineTo(...points.at(-1));
  for (let i = 1; i < points.length; i++) {
    const [x, y] = points[i - 1], [nx, ny] = points[i], middle = (x + nx) / 2;
    if (view && (nx < view.left || x > view.right)) continue;
    if (view && (Math.max(y, ny) < view.top - 5 || Math.min(y, ny) > view.bottom + 5)) continue;
    c.moveTo(x, y);
    c.bezierCurveTo(middle, y, middle, ny, nx, ny);
  }
}

function arrow(c, [x, y], size, direction) {
  c.moveTo(x, y);
  c.lineTo(x + direction * size, y - size * 0.42);
  c.lineTo(x + direction * size, y + size * 0.42);
}

// The edge of this step, as long as something moves on it in dashes.
function drawCurrent({context: c, zoom}, look, line, t) {
  const thick = Math.max(4.5, 3 / zoom);
  c.strokeStyle = c.fillStyle = look.orange;
  c.lineWidth = thick;
  c.setLineDash(t < 1 ? [14, 9] : []);
  c.lineDashOffset = -(1 - t) * 160;
  c.beginPath();
  trail(c, line);
  c.stroke();
  c.setLineDash([]);
  c.beginPath();
  arrow(c, line.points[0], 3.4 * thick, 1);
  c.fill();
}

// What arrives from above, times the slope, becomes the contribution, on its way to the operand.
function drawFlow(scene, look, line, t) {
  const {context: c, trace, zoom} = scene, k = trace.position - 1;
  const [upstream, local, flow] = ["upstream", "local", "flow"].map(what => trace.at(k, what));
  const product = upstream.length + local.length < 22 ? `${upstream} × ${local}` : "";
  const sum = flow === NOTHING ? "nothing" : flow.startsWith("−") ? flow : `+${flow}`;
  const text = t < 0.3 ? upstream : t < 0.72 && product || sum;
  if (text.length > 20 || !trace.single && text.length > 10) return;
  const [x, y] = scene.along(line, 1 - 0.5 * ease(t)), size = Math.max(14, 8.5 / zoom);
  c.font = font(size, 700);
  const wide = c.measureText(text).width + size * 1.2, high = size * 1.75;
  card(c, x - wide / 2, y - high / 2, wide, high, high / 2, look.orange, look.paper, 2);
  write(c, text, x, y + size * 0.36, font(size, 700), look.paper, "center");
}

const ease = t => t * t * (3 - 2 * t);

// Who sends and who receives in this step: a thick ring, and the word on a tab above the box.
function drawRoles(scene, look) {
  const {trace, context: c, zoom} = scene, {event, edge} = trace, size = Math.max(11, 8 / zoom);
  const ring = (n, text, colour, dash) => {
    const {left, top, wide, high} = scene.boxOf(n), gap = n === trace.root ? 9 : 5, thick = Math.max(3, 2.5 / zoom);
    c.setLineDash(dash.map(d => d * thick / 3));
    card(c, left - gap, top - gap, wide + 2 * gap, high + 2 * gap, 14, null, colour, thick);
    c.setLineDash([]);
    if (zoom < 0.25) return;
    c.font = font(size, 700);
    const across = c.measureText(text).width + size;
    card(c, left + 10, top - gap - size * 0.85, across, size * 1.6, size * 0.5, colour);
    write(c, text, left + 10 + across / 2, top - gap + size * 0.3, font(size, 700), look.paper, "center");
  };
  if (edge) ring(edge.to, "sends", look.ink, [7, 5]);
  if (event?.phase === FORWARD) ring(event.node, "is computed", look.blue, []);
  else if (event) ring(event.node, edge ? "receives" : "begins", look.orange, []);
}

// Boxes

function drawFarBoxes({context: c, trace}, look, boxes) {
  const fills = new Map();
  for (const {unit, left, top, wide, high} of boxes) {
    const {kind} = trace.nodes[unit.members[0]], reached = unit.node >= 0 && trace.writer[unit.node] >= 0;
    const fill = reached ? look.orange : {leaf: look.blue, constant: look.grey}[kind] ?? look.badge;
    if (!fills.has(fill)) fills.set(fill, new Path2D());
    fills.get(fill).rect(left, top, wide, high);
  }
  for (const [fill, path] of fills) c.fillStyle = fill, c.fill(path);
}

function drawBox(scene, look, box, t) {
  const {context: c, trace} = scene, {unit, left, top, wide, high, x, y} = box, n = unit.node, node = trace.nodes[n];
  if (!node) return drawFold(scene, look, box);
  const {kind, op, params, shape, name} = node, root = n === trace.root, radius = kind === "result" ? 12 : 2;
  const [fill, line] = root ? [look["orange-fill"], look.orange]
    : kind === "leaf" ? [look["blue-fill"], look.blue] : [look.card, look.line];
  c.setLineDash(kind === "constant" ? [5, 4] : []);
  card(c, left, top, wide, high, radius, fill, line, root || kind === "leaf" ? 2 : 1.4);
  c.setLineDash([]);
  if (root) card(c, left - 4, top - 4, wide + 8, high + 8, radius + 4, null, line, 2);
  if (kind === "constant" && !shape?.length) return write(c, node.text, x, y + 5.4, font(15), look.faint, "center");
  let at = left + PAD, row = top + PAD + 13;
  if (op) {
    const size = badgeSize(op), middle = at + unit.badge / 2, colour = look["on-badge"];
    card(c, at, top + PAD, unit.badge, high - 2 * PAD, 9, look.badge);
    write(c, op, middle, y + size * 0.36 - (params ? 6 : 0), font(size, 700), colour, "center");
    if (params) write(c, params, middle, y + 16, font(10), colour, "center");
    at += unit.badge + PAD;
  }
  if (name) write(c, nameOnCard(node), at, row, font(15, 700), look.ink), row += ROW;
  if (shape) write(c, shapeText(node), at, row - 4, font(11), look.faint), row += ROW - 4;
  if (pictured(node)) return drawThumbs(scene, look, box, n);
  drawNumber(c, look, "value", trace.valueText(n), at, row, look.ink, 400);
  if (kind !== "constant") drawGradient(scene, look, n, at, row + ROW, t);
  drawPips(scene, look, n, left + wide - PAD, top + PAD + 13);
}

// A gradient; in the step that changes it, what it was before until what flows has come.
function drawGradient({context: c, trace}, look, n, x, y, t) {
  const coming = trace.event?.node === n && trace.event.phase !== FORWARD && t < 0.85;
  const text = coming ? trace.at(trace.position - 1, "before") : trace.gradientText(n);
  const wrong = trace.wrong.has(n) && trace.writer[n] >= 0 ? "✗ " : "";
  const complete = !coming && trace.arrived[n] === trace.expected[n];
  drawNumber(c, look, "grad", wrong + text, x, y, look.orange, complete ? 700 : 400);
}

// A name and a number, whose sign hangs out to the left.
function drawNumber(c, look, name, text, x, y, colour, weight) {
  const minus = text.startsWith("−"), dot = text === NOTHING;
  write(c, name, x, y - 1, font(11), look.faint);
  if (minus) write(c, "−", x + LABEL - 1, y, font(15, weight), colour, "right");
  write(c, minus ? text.slice(1) : text, x + LABEL, y + (dot ? 2 : 0), font(dot ? 22 : 15, weight), colour);
}

// How many of its consumers have sent their part: a full circle each.
function drawPips({context: c, trace}, look, n, right, y) {
  const all = trace.expected[n], here = trace.arrived[n];
  if (all > 4) return write(c, `${here}/${all}`, right, y - 1, font(11), look.orange, "right");
  for (let i = 0; i < all && all > 1; i++)
    card(c, right - 7.6 - (all - 1 - i) * 11, y - 8.6, 7.2, 7.2, 3.6, i < here ? look.orange : null, look.orange, 1.2);
}

// Several nodes as a stack of cards, and a bar that says how much of their gradients has arrived.
function drawFold({context: c, trace}, look, {unit, left, top, wide, high}) {
  for (const shift of [8, 4, 0]) card(c, left + shift - 4, top - shift + 4, wide, high, 3, look.fold, look.line, 1.3);
  const inset = left + PAD - 4, row = top + PAD + 18, bar = top + high - PAD - 2, across = wide - 2 * PAD;
  write(c, heading(unit), inset, row, font(16, 700), look.ink);
  write(c, unit.note, inset, row + ROW, font(12), look.faint);
  c.fillStyle = look.track;
  c.fillRect(inset, bar, across, 5);
  c.fillStyle = look.orange;
  c.fillRect(inset, bar, across * trace.share(unit.members), 5);
}

// A value and a gradient as pictures; a gradient that is not there yet is an empty frame.
function drawThumbs({context: c, trace}, look, {right, bottom}, n) {
  const {heat, kind} = trace.nodes[n], gradient = trace.gradientHeat(n), top = bottom - THUMB - PAD;
  const thumbs = [["value", heat, trace.known[n], look.line], ["grad", gradient, gradient, look.orange]];
  thumbs.slice(0, kind === "constant" ? 1 : 2).forEach(([name, heat, there, colour], i, {length}) => {
    const x = right - PAD - (length - i) * (THUMB + 8) + 8, middle = x + THUMB / 2;
    write(c, name, middle, top - 4, font(10), i ? colour : look.faint, "center");
    c.imageSmoothingEnabled = false;
    if (there) c.drawImage(heatPicture(heat, look), x, top, THUMB, THUMB);
    else write(c, NOTHING, middle, top + THUMB / 2 + 8, font(24), colour, "center");
    c.setLineDash(there ? [] : [3, 3]);
    card(c, x, top, THUMB, THUMB, 0, null, colour);
    c.setLineDash([]);
  });
}

// Heat maps: blue below zero, orange above, pale at zero, which stay apart for every eye; what is no number is hatched.

const pictures = new WeakMap(), CELL = 4;                      // pixels of an element, before it is stretched

function heatPicture(heat, look) {
  const known = pictures.get(heat);
  if (known?.look === look) return known.canvas;
  const {rows, cols, values, min, max} = heat, canvas = make("canvas", {width: cols * CELL, height: rows * CELL});
  const [zero, cold, warm] = [look.zero, look.cold, look.warm].map(colour => colour.match(/[\d.]+/g).map(Number));
  const c = canvas.getContext("2d"), most = Math.max(Math.abs(min), Math.abs(max)) || 1;
  [...values].forEach((letter, i) => {
    const x = min + (letter.charCodeAt() - 48) / 63 * (max - min);           // "0" is the least, "o" the most
    const far = x < 0 ? cold : warm, share = Math.sqrt(Math.abs(x) / most);
    const colour = zero.map((v, j) => v + (far[j] - v) * share);
    const left = i % cols * CELL, top = Math.floor(i / cols) * CELL;
    c.fillStyle = letter === "~" ? "white" : `rgb(${colour.slice(0, 3).join(" ")})`;
    c.fillRect(left, top, CELL, CELL);
    c.fillStyle = "black";
    for (let j = 0; j < CELL && letter === "~"; j++) c.fillRect(left + j, top + j, 1, 1);
  });
  pictures.set(heat, {canvas, look});
  return canvas;
}
