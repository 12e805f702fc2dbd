// Panel: what there is to know about one node, and the order in which the nodes have their turn.

const SHOWN = 400;                                                           // rows of a long list, around the present
const WHY = "Each node has its turn after all of its consumers: then its gradient is complete, and can be handed on.";
const FINE = "This order is right, too: each node still comes after all of its consumers.";

class Panel {
  constructor(player) {
    this.player = player;
    this.parts = ["about", "array", "sum", "turns"].map(name => make(`section.${name}`));
    const [left, right] = [make("div", this.parts.slice(0, 3)), make("div", this.parts[3])];
    this.element = make("aside.panel", left, right, {ariaLabel: "Details"});
  }

  update() {
    const {player, parts} = this, n = player.looked, focus = player.focused();
    [this.node, this.array, this.sum, this.order].forEach((show, i) => {
      if (i === 0 && this.shown === n && parts[0].contains(focus)) return;             // not under the reader's hand
      parts[i].replaceChildren(...show.call(this, player.trace, n).filter(Boolean));
      parts[i].hidden = !parts[i].firstChild;
    });
    this.shown = n;
    const here = parts[3].querySelector("[aria-current]"), list = parts[3].parentNode;
    const below = here ? here.offsetTop + here.offsetHeight - list.clientHeight : 0;
    if (here) list.scrollTop = Math.max(Math.min(list.scrollTop, here.offsetTop - 90), below + 12);
    if (focus?.name) this.element.querySelector(`[name="${focus.name}"]`)?.focus({preventScroll: true});
  }

  node(trace, n) {
    const node = trace.nodes[n], {kind, code, module, params} = node;
    const origin = {leaf: "a leaf: you made it", constant: "a constant: no derivative"}[kind];
    const facts = [origin ?? `made by ${node.primitive}`, shapeText(node), params, module && `in ${module}`];
    return [
      make("h2", nameOf(trace, n)),
      make("p.facts", facts.filter(Boolean).join(" · ")),
      code && make("pre.code", code.text),
      code && make("p.facts", code.where),
      this.player.editable(n) && this.editor(trace, n),
    ];
  }

  // A number that can be typed or dragged; of a small array one element, which is chosen.
  editor(trace, n) {
    const {elements, shape} = trace.nodes[n], choice = make("select", {ariaLabel: "Element"});
    const box = make("input", {ariaLabel: "Value", type: "number", step: "any"});
    const slider = make("input", {ariaLabel: "Drag the value", type: "range"});
    const fill = () => {
      const value = elements ? elements[choice.selectedIndex] : trace.values[n];
      const reach = Math.max(2, 2 * Math.abs(value));
      Object.assign(slider, {min: value - reach, max: value + reach, step: reach / 200});
      slider.value = box.value = value;
    };
    const changed = ({target}) => {
      const x = target.value === "" ? NaN : +target.value, i = choice.selectedIndex;
      if (!Number.isFinite(x)) return;
      (target === box ? slider : box).value = x;
      if (elements) elements[i] = x;
      this.player.change(n, x, Math.max(0, i));
    };
    choice.append(...(elements ?? []).map((_, i) => make("option", `[${indexOf(i, shape).join(", ")}]`)));
    choice.onchange = fill;
    box.oninput = slider.oninput = changed;
    fill();
    return make("div.editor", make("label", "value", elements?.length > 1 && choice, box), slider);
  }

  array(trace, n) {
    const value = trace.known[n] && trace.nodes[n].heat, gradient = trace.gradientHeat(n), {look} = this.player;
    return [value && arrayFigure("value", value, look), gradient && arrayFigure("gradient", gradient, look)];
  }

  // Who wrote this gradient: a line for each consumer, the ones to come in pale.
  sum(trace, n) {
    const writers = trace.writers[n], all = writers.length, complete = trace.arrived[n] === all;
    if (!all) return [];
    const total = [`${trace.arrived[n]} of ${all} have arrived`, brief(trace.gradientText(n))];
    const wrong = trace.single ? `✗ It should be ${number(trace.rightFinal?.[n])}.` : "✗ Something is missing in it.";
    return [
      make("h3", "Who wrote this gradient?"),
      make("ul", writers.slice(0, SHOWN).map(k => make("li", this.contribution(trace, k)))),
      all > 1 && make("p.total", make("span", total[0]), make("b", total[1])),
      complete && trace.wrong.has(n) && make("p.alarm", wrong),
    ];
  }

  contribution(trace, k) {
    const {phase, edge} = trace.events[k], here = k < trace.position, backward = phase === BACKWARD;
    const [upstream, local, flow] = ["upstream", "local", "flow"].map(what => backward ? trace.at(k, what) : "");
    const product = `${upstream} × ${local[0] === "−" ? `(${local})` : local}`;
    return make(here ? "button.here" : "button",
      make("span.from", backward ? `from ${nameOf(trace, trace.edges[edge].to)}` : "to begin with"),
      make("span.product", backward && here && trace.single && product),
      make("b", !here ? NOTHING : brief(flow || trace.at(k, "after"))),
      {title: `Go to step ${k + 1}`, ariaCurrent: k === trace.position - 1 ? "step" : null,
        onclick: () => this.player.go(k + 1)});
  }

  order(trace) {
    const {position, isRight, early, wrong} = trace, turns = trace.order.filter(n => trace.expected[n]);
    const now = trace.edge ? turns.indexOf(trace.edge.to) : position > trace.begin ? -1 : null;
    const from = Math.max(0, Math.min((now ?? 0) - SHOWN / 2, turns.length - SHOWN));
    const rows = turns.slice(from, from + SHOWN).map((n, i) => make("li", this.turn(trace, turns, n, from + i, now)));
    const change = () => this.player.reorder(isRight ? trace.tempting() : trace.rightOrder);
    const reasons = [...early].slice(0, 3).map(found => this.reason(trace, ...found)).join(" ");
    const why = isRight ? WHY : wrong.size ? `✗ Gradients that come out wrong: ${wrong.size}. ${reasons}` : FINE;
    const button = make("button.plain", isRight ? "Try a wrong order" : "Put it right", {onclick: change});
    return [
      make("div.head", make("h3", isRight ? "Order of turns" : "Another order"), turns.length > 1 && button),
      make(wrong.size ? "p.alarm" : "p.facts", why),
      make("ol", rows),
    ];
  }

  reason(trace, n, arrived) {
    const name = nameOf(trace, n), late = trace.consumers[n].map(e => nameOf(trace, trace.edges[e].to));
    if (!arrived)
      return `${name} has its turn before ${late.join(" and ")}: nothing has arrived, so it has nothing to hand on.`;
    return `${name} hands its gradient on when only ${arrived} of ${trace.expected[n]} parts of it have arrived.`;
  }

  // A row of the order, which can be dragged, or moved with Alt and the arrows.
  turn(trace, turns, n, place, now) {
    const state = trace.early.has(n) ? "✗" : now === null || place > now ? "" : place < now ? "✓" : "▸";
    const move = (from, to) => {
      if (turns[to] === undefined) return;
      const moved = turns.filter(other => other !== turns[from]);
      moved.splice(to, 0, turns[from]);
      this.player.reorder([...moved, ...trace.order.filter(other => !trace.expected[other])]);
    };
    return make("button.turn",
      make("span.state", state), make("span.op", trace.nodes[n].op), make("span.name", nameOf(trace, n)),
      trace.single && trace.gradientText(n), {
        name: `turn${n}`, draggable: true, ariaCurrent: place === now ? "step" : null,
        title: "Drag, or Alt+↑ and Alt+↓, to give it another turn",
        onclick: () => this.player.go(trace.turn.indexOf(n, trace.begin + 1) + 1),
        onkeydown: event => {
          const step = event.altKey && {ArrowUp: -1, ArrowDown: 1}[event.key];
          if (step) event.preventDefault(), event.stopPropagation(), move(place, place + step);
        },
        ondragstart: event => (event.dataTransfer.setData("text/plain", nameOf(trace, n)), this.dragged = place),
        ondragover: event => event.preventDefault(),
        ondrop: event => (event.preventDefault(), move(this.dragged, place)),
      });
  }
}

// The index of an element of an array, from its place when all stand in one row.
function indexOf(i, shape) {
  const sizes = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return shape.map((size, axis) => Math.floor(i / sizes[axis]) % size);
}

// A heat map with its range, and a histogram.
function arrayFigure(name, heat, look) {
  const {min, mean, max, rows, cols, histogram, nan, inf} = heat, [low, middle, high] = [min, mean, max].map(number);
  const picture = heatPicture(heat, look), {width, height} = picture, most = Math.max(...histogram);
  const canvas = make("canvas.heat", {width, height});
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.style.aspectRatio = Math.min(4, Math.max(0.5, cols / rows));
  const bars = histogram.map((count, i) => {
    const bar = make(min + (i + 0.5) / histogram.length * (max - min) < 0 ? "i.below" : "i");
    bar.style.height = `${100 * count / most}%`;
    return bar;
  });
  const range = make("div.range", make("span", low), make("span", high), make("span.mean", `mean ${middle}`));
  const odd = nan + inf > 0 && make("p.alarm", `⚠ not a number: ${nan}, infinite: ${inf}`);
  const words = {ariaLabel: `${name} from ${low} to ${high}, mean ${middle}`};
  return make(`figure.${name}`, make("figcaption", name), canvas, make("div.histogram", bars), range, odd, words);
}
