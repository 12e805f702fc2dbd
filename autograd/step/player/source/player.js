// Player: the page around the graph. It takes a place to stand, a script (step/player/pack.py), and what to call when
// the reader moves or changes a number.

const KEYS = {
  "→  ←": "one step (an edge)", "Shift → ←": "one node", "Ctrl → ←,  ] [": "one module, or one folded box",
  "Home  End": "to the beginning, to the end", "Space": "play and pause", "/": "search a name, an operation or a step",
  "n  N": "next, previous match", "w": "who wrote this gradient?", "e": "edit the value of a leaf",
  "o  c  O  C": "open, close a folded box; all of them", "+  −  0": "zoom; fit everything in view",
  "f": "follow the step", "p": "hide or show the details", "t": "light or dark", "?": "this help",
};
const MOUSE = "Click a node to see who wrote its gradient, a folded box to open it. "
  + "Drag to move, turn the wheel or pinch to zoom.";
const ICONS = {
  first: "M5 4v16M20 4 8 12l12 8z", back: "M17 4 6 12l11 8z", play: "M6 3.5 20 12 6 20.5z", pause: "M7 4v16M17 4v16",
  next: "M7 4l11 8-11 8z", last: "M19 4v16M4 4l12 8-12 8z", more: "M12 5v14M5 12h14", less: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  follow: "M12 3v4M12 17v4M3 12h4M17 12h4M12 9.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5",
  help: "M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .6-1.5 1.2-1.5 2.6M12 18.5v.6",
};
const COLOURS = ["paper", "card", "fold", "ink", "faint", "grey", "line", "track", "blue", "blue-fill", "orange",
  "orange-fill", "badge", "on-badge", "zero", "cold", "warm"];
const GLIDE = 620, BEAT = 1300;                                // milliseconds of a move, and between steps
const MOST = 20000;                                            // nodes that are drawn at once

class Player {
  constructor(host, script, {onMove, onChange} = {}) {
    Object.assign(this, {onMove, onChange, follow: true, chosen: null, matches: [], t: 1});
    this.build();
    host.replaceChildren(this.element);
    this.load(script);
    this.listen();
    this.dress();
    this.resize();
  }

  // A script, the first or a new one of the same graph: then the reader stays where they are.
  load(script) {
    const old = this.trace, trace = this.trace = new Trace(script);
    if (old?.nodes.length === trace.nodes.length) {
      if (!old.isRight) trace.reorder(old.order);
      trace.seek(old.position);
      this.folding.trace = this.scene.trace = trace;
    } else {
      this.chosen = null;
      this.folding = new Folding(trace, script.pieces);
      this.scene = new Scene(trace, this.folding, this.canvas.getContext("2d"));
    }
    this.title.textContent = script.title;
    this.timeline.max = trace.last;
    this.update();
  }

  build() {
    const step = by => () => this.go(this.trace.position + by);
    this.canvas = make("canvas.graph", {role: "img"});
    this.title = make("h1");
    this.phase = make("span.phase");
    this.live = make("div.spoken", {ariaLive: "polite"});
    this.folds = make("div.folds");
    this.formula = make("div.equation");
    this.panel = new Panel(this);
    this.search = make("input.search", {type: "search", placeholder: "/  search"});
    this.search.ariaLabel = "Search a name, an operation or the number of a step";
    this.timeline = make("input.timeline", {type: "range", min: 0, step: 1, ariaLabel: "Step"});
    this.playing = tool("play", "Play and pause (Space)", () => this.play());
    this.following = tool("follow", "Follow the step (f)", () => this.toggleFollow());
    this.help = make("dialog.help", {onclick: () => this.help.close()}, make("h2", "Keys"),
      make("dl", Object.entries(KEYS).flatMap(([keys, what]) => [make("dt", keys), make("dd", what)])),
      make("p", MOUSE));
    const header = make("header", this.title, this.phase, make("span.space"), this.search,
      tool("theme", "Light or dark (t)", () => this.toggleTheme()),
      tool("help", "Help (?)", () => this.help.showModal()));
    this.stage = make("div.stage", this.canvas, this.folds, make("div.corner",
      tool("more", "Zoom in (+)", () => this.zoom(1.3)), tool("less", "Zoom out (−)", () => this.zoom(1 / 1.3)),
      tool("fit", "Fit everything in view (0)", () => this.fit()), this.following));
    const footer = make("footer",
      tool("first", "To the beginning (Home)", () => this.go(0)), tool("back", "Back (←)", step(-1)), this.playing,
      tool("next", "Forward (→)", step(1)), tool("last", "To the end (End)", () => this.go(this.trace.last)),
      make("div.track", this.timeline, make("div.parts", make("span", "forward"), make("span", "backward"))));
    const body = make("div.body", this.stage, this.formula, this.panel.element);
    this.element = make("div.chainrule", header, body, footer, this.live, this.help, {tabIndex: 0, role: "region"});
    this.element.ariaLabel = "Backward pass, step by step. Press question mark for the keys.";
    this.element.dataset.lmSuppressShortcuts = "true";                       // else JupyterLab takes the keys
    this.element.player = this;
  }

  // The colours of the style sheet, by the reader's choice, else as light as the page around, else as the system.
  dress() {
    const {documentElement: page, body} = document, {jpThemeLight} = body.dataset;
    const dark = jpThemeLight === "false" || [page, body].some(one => one.matches(".dark, [data-theme=dark]"));
    this.element.style.colorScheme = this.element.dataset.theme ?? (dark ? "dark" : jpThemeLight ? "light" : "");
    const probe = make("i");
    this.element.append(probe);
    this.look = {};
    for (const name of COLOURS) {
      probe.style.color = `var(--${name})`;
      this.look[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    this.update();
  }

  toggleTheme() {
    const [red] = this.look.paper.match(/\d+/);
    this.setTheme(red < 128 ? "light" : "dark");
  }

  setTheme(theme) {
    this.element.dataset.theme = theme;
    this.dress();
  }

  // Moving

  // The node that is looked at: the one chosen, else that of the last event.
  get looked() {
    return this.chosen ?? this.trace.event?.node ?? this.trace.root;
  }

  go(k, quietly) {
    const {trace} = this, from = trace.position;
    trace.seek(k);
    if (trace.position !== from) {
      this.chosen = null;
      this.t = trace.position === from + 1 && trace.edge && !this.still ? 0 : 1;
      if (this.follow) this.show();
      if (!quietly) this.onMove?.(trace.position);
    }
    this.update();
  }

  // Where the boxes of this step are, or where one receives; closer, if it could not be read.
  show(closer) {
    const {trace, scene} = this, {event, edge} = trace;
    if (!event) return;
    const boxes = [event.node, edge?.to ?? event.node].map(n => scene.boxOf(n)), {x, y} = boxes[0];
    this.glide(closer && scene.zoom < 0.6 ? {x, y, zoom: 1} : scene.toShow(boxes) ?? scene.toShow([boxes[0]]));
  }

  // What one goes over in one stride: a module, else a folded box, else a node.
  unit(k) {
    const {trace, folding} = this, n = trace.turn[k];
    return trace.nodes[n].module ?? (folding.units.length < trace.nodes.length ? folding.place[n] : n);
  }

  // Who wrote the gradient of a node: the last event that did, and at the next call the one before.
  who(n) {
    const writers = this.trace.writers[n], here = writers.indexOf(this.trace.position - 1);
    this.go(writers.length ? writers.at(here > 0 ? here - 1 : -1) + 1 : n + 1);
    this.chosen = n;
    this.update();
  }

  // What these letters find: a step by its number, nodes by name, operation or module.
  find(text) {
    const wanted = text.trim().toLowerCase(), exact = [], other = [];
    if (/^\d+$/.test(wanted)) return this.go(+wanted);
    this.trace.nodes.forEach(({name, op, primitive, module}, n) => {
      const names = [name, op, primitive, module].filter(Boolean).map(one => one.toLowerCase());
      if (names.includes(wanted)) exact.push(n);
      else if (names.some(one => one.includes(wanted))) other.push(n);
    });
    this.matches = wanted ? [...exact, ...other] : [];
    this.match = -1;
    this.nextMatch(1);
  }

  nextMatch(direction) {
    const {matches} = this, {length} = matches;
    if (!length) return this.say("Nothing found.");
    this.match = (this.match + direction + length) % length;
    const n = matches[this.match];
    if (this.folding.unitOf(n).node < 0) this.folding.reveal(n), this.arrange();
    this.who(n);
    this.show(true);
    this.say(`${this.match + 1} of ${length} found: ${nameOf(this.trace, n)}.`);
  }

  play() {
    if (this.clock) return this.pause();
    const step = () => this.trace.position < this.trace.last ? this.go(this.trace.position + 1) : this.pause();
    if (this.trace.position === this.trace.last) this.go(this.trace.begin);
    this.clock = setInterval(step, BEAT);
    drawIcon(this.playing, "pause");
    step();
  }

  pause() {
    clearInterval(this.clock);
    this.clock = null;
    drawIcon(this.playing, "play");
  }

  // Changing

  editable(n) {
    const {trace, onChange} = this, {kind, elements} = trace.nodes[n];
    return kind !== "result" && (trace.live || onChange && (trace.single || elements));
  }

  change(n, value, index) {
    if (this.trace.live) this.trace.change(n, value);
    this.onChange?.(n, value, index);
    this.update();
  }

  reorder(order) {
    const {trace} = this;
    trace.reorder(order);
    this.go(trace.isRight ? trace.begin : trace.last);
    if (!trace.isRight) this.say(`Another order. Gradients that come out wrong: ${trace.wrong.size}.`);
  }

  open(unit) {
    this.folding.open(unit);
    this.arrange();
  }

  openAll() {
    if (this.trace.nodes.length > MOST) return this.say(`More than ${MOST} nodes: open what you want to see.`);
    this.folding.openAll();
    this.arrange();
  }

  // Lay out anew; what was in the middle of the view stays there.
  arrange() {
    const {scene} = this, far = box => Math.hypot(box.x - scene.x, box.y - scene.y);
    const anchor = scene.boxes.reduce((a, b) => far(b) < far(a) ? b : a), {x, y} = anchor;
    scene.arrange();
    const now = scene.boxOf(anchor.unit.members[0]);
    scene.x += now.x - x, scene.y += now.y - y;
    this.update();
  }

  // The camera

  get still() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  glide(to) {
    const {x, y, zoom} = this.scene;
    this.journey = this.still ? null : {from: {x, y, zoom}, to, begun: performance.now()};
    if (this.still) Object.assign(this.scene, to);
    this.draw();
  }

  fit() {
    this.glide(this.scene.whole());
  }

  zoom(factor, x = this.scene.width / 2, y = this.scene.height / 2) {
    this.journey = null;
    this.scene.zoomAt(factor, x, y);
    this.draw();
  }

  // At first everything is in view, if it can be read then; else the step is.
  frame() {
    const {scene} = this;
    Object.assign(scene, scene.whole());
    if (scene.zoom < 0.45) {
      scene.zoom = 0.8;
      Object.assign(scene, scene.toShow([scene.boxOf(this.looked)]));
    }
    this.framed = true;
  }

  resize() {
    const {clientWidth: width, clientHeight: height} = this.stage, ratio = devicePixelRatio;
    if (!width || !height) return;
    Object.assign(this.scene, {width, height});
    Object.assign(this.canvas, {width: Math.round(width * ratio), height: Math.round(height * ratio)});
    if (!this.framed) this.frame();
    showEquation(this.trace, this.formula);
    this.paint();
  }

  draw() {
    this.waiting ??= requestAnimationFrame(time => this.paint(time));
  }

  paint(time = performance.now()) {
    cancelAnimationFrame(this.waiting);
    this.waiting = null;
    if (this.journey) {
      const {from, to, begun} = this.journey, s = Math.max(0, Math.min(1, (time - begun) / GLIDE));
      for (const key in to) this.scene[key] = from[key] + (to[key] - from[key]) * ease(s);
      if (s === 1) this.journey = null;
    }
    if (this.t < 1) {
      this.begun ??= time;
      this.t = Math.max(0, Math.min(1, (time - this.begun) / (1.6 * GLIDE)));
    }
    if (this.t === 1) this.begun = null;
    if (this.scene.width) paint(this.scene, this.look, this.t);
    if (this.journey || this.t < 1) this.draw();
  }

  // The page

  focused() {
    const {activeElement} = this.element.getRootNode();
    return this.element.contains(activeElement) ? activeElement : null;
  }

  update() {
    if (!this.look) return;
    const {trace, element, timeline, phase} = this, {position, last, begin} = trace, focus = this.focused();
    const words = showEquation(trace, this.formula), back = position - begin;
    phase.textContent = back <= 0 ? `forward ${position} of ${begin}` : `backward ${back} of ${last - begin}`;
    phase.dataset.phase = back <= 0 ? FORWARD : BACKWARD;
    timeline.value = element.dataset.position = position;
    timeline.ariaValueText = `Step ${position} of ${last}: ${words}`;
    element.style.setProperty("--forward", begin / last);
    this.canvas.ariaLabel = `Graph of ${trace.nodes.length} nodes. ${words}`;
    this.following.ariaPressed = this.follow;
    this.showFolds();
    this.panel.update();
    this.say(words);
    if (focus && !this.focused()) element.focus({preventScroll: true});      // what had the focus was drawn anew
    this.draw();
  }

  showFolds() {
    const {folding} = this, close = unit => () => (folding.close(unit), this.arrange());
    const chip = unit => make("button.chip", `${heading(unit)}  ✕`, {title: "Close (c)", onclick: close(unit)});
    this.folds.replaceChildren(...folding.opened.slice(-6).map(chip));
  }

  say(words) {
    this.live.textContent = words;
  }

  toggleFollow() {
    this.follow = !this.follow;
    if (this.follow) this.show();
    this.update();
  }
}

function tool(icon, title, onclick) {
  const button = make("button.tool", {title, ariaLabel: title, onclick});
  drawIcon(button, icon);
  return button;
}

function drawIcon(button, icon) {
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
}
