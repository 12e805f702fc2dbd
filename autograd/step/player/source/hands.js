// Hands: keys, mouse, wheel and fingers; and what a notebook calls.

Player.prototype.listen = function () {
  const {canvas, element, search} = this, pointers = this.pointers = new Map();
  const stop = this.stopped = new AbortController();
  const on = (target, type, act, options) => target.addEventListener(type, act, {signal: stop.signal, ...options});
  on(element, "keydown", event => this.key(event));
  this.timeline.oninput = () => this.go(+this.timeline.value);
  search.onkeydown = event => {
    event.stopPropagation();
    if (event.key === "Enter") this.find(search.value);
    if (event.key === "Enter" || event.key === "Escape") element.focus();
  };
  on(canvas, "wheel", event => {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.offsetX, event.offsetY);
  }, {passive: false});
  on(canvas, "pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    this.moved = 0;
  });
  on(canvas, "pointermove", event => this.drag(event));
  on(canvas, "pointerup", event => {
    pointers.delete(event.pointerId);
    if (!pointers.size && this.moved < 5) this.click(event);
  });
  on(canvas, "pointercancel", event => pointers.delete(event.pointerId));
  on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.dress());
  const sizes = new ResizeObserver(() => this.resize()), theme = new MutationObserver(() => this.dress());
  sizes.observe(this.stage);
  for (const place of [document.documentElement, document.body]) theme.observe(place, {attributes: true});
  on(stop.signal, "abort", () => (sizes.disconnect(), theme.disconnect(), this.pause()));
};

Player.prototype.key = function (event) {
  const {target, key} = event, whole = event.ctrlKey || event.metaKey, pressed = key === " " ? "Space" : key;
  if (this.help.open || target.matches("input:not(.timeline), select") && key !== "Escape") return;
  if (pressed === "Space" && target.matches("button")) return;
  const act = this.acts(whole, event.shiftKey)[pressed];
  if (!act || whole && !key.startsWith("Arrow")) return;
  event.preventDefault();
  event.stopPropagation();
  if (pressed !== "Space") this.pause();
  act();
};

Player.prototype.acts = function (whole, shift) {
  const {trace, folding, panel, search} = this, n = this.looked, unit = folding.unitOf(n);
  const module = direction => this.go(trace.nextTurn(direction, k => this.unit(k)));
  const node = direction => this.go(trace.nextTurn(direction)), step = direction => this.go(trace.position + direction);
  const arrow = whole ? module : shift ? node : step;
  return {
    ArrowRight: () => arrow(1), ArrowLeft: () => arrow(-1), "]": () => module(1), "[": () => module(-1),
    Home: () => this.go(0), End: () => this.go(trace.last), Space: () => this.play(), "?": () => this.help.showModal(),
    "/": () => search.select(), n: () => this.matches.length ? this.nextMatch(1) : search.select(),
    N: () => this.nextMatch(-1), w: () => this.who(n), e: () => panel.element.querySelector("input")?.select(),
    o: () => unit.node < 0 && this.open(unit), O: () => this.openAll(),
    c: () => unit.parent && (folding.close(unit.parent), this.arrange()), C: () => (folding.closeAll(), this.arrange()),
    "+": () => this.zoom(1.2), "-": () => this.zoom(1 / 1.2), 0: () => this.fit(), f: () => this.toggleFollow(),
    p: () => panel.element.toggleAttribute("hidden"), t: () => this.toggleTheme(), Escape: () => this.element.focus(),
  };
};

Player.prototype.drag = function (event) {
  const {scene, pointers, canvas} = this, {pointerId, clientX, clientY, offsetX, offsetY} = event;
  const before = pointers.get(pointerId);
  if (!before) return void (canvas.style.cursor = scene.pick(offsetX, offsetY) ? "pointer" : "grab");
  const x = clientX - before.clientX, y = clientY - before.clientY;
  this.moved += Math.hypot(x, y);
  if (pointers.size === 2) {
    const other = [...pointers.values()].find(one => one.pointerId !== pointerId);
    const apart = one => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    scene.zoomAt(apart(event) / apart(before), (offsetX + other.offsetX) / 2, (offsetY + other.offsetY) / 2);
  }
  pointers.set(pointerId, event);
  this.journey = null;
  scene.x -= x / scene.zoom / pointers.size;
  scene.y -= y / scene.zoom / pointers.size;
  this.draw();
};

Player.prototype.click = function (event) {
  const unit = this.scene.pick(event.offsetX, event.offsetY)?.unit;
  this.element.focus({preventScroll: true});
  this.pause();
  if (unit) unit.node < 0 ? this.open(unit) : this.who(unit.node);
};

// What Jupyter and marimo ask for (anywidget). Python counts events from 0: its position is that of the last one.
function render({model, el}) {
  const share = (name, value) => (model.set(name, value), model.save_changes());
  const player = new Player(el, JSON.parse(model.get("script")), {
    onMove: position => share("position", position - 1),
    onChange: (node, value, index) => share("edit", {node, value, index}),
  });
  model.on("change:script", () => player.load(JSON.parse(model.get("script"))));
  model.on("change:position", () => player.go(model.get("position") + 1, true));
  return () => player.stopped.abort();
}

export default {render};
