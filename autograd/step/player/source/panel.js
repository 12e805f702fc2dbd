// Panel: what there is to know about one node, and the order in which the nodes have their turn.

const SHOWN = 400;                                                           // rows of a long list, around the present

class Panel {
  constructor(player) {
    this.player = player;
    this.parts = ["about", "array", "sum", "turns"].map(name => make(`section.${name}`));
    this.element = make("aside.panel", make("div", this.parts.slice(0, 3)), make("div", this.parts[3]), {ariaLabel: "Details"});
  }

  update() {
    const {player, parts} = this, {trace} = player, n = player.chosen ?? trace.event?.node ?? trace.root, focus = player.focused();
    [this.node, this.array, this.sum, this.order].forEach((show, i) => {
      if (i === 0 && this.shown === n && parts[0].contains(focus)) return;               // not under the reader's hand
      parts[i].replaceChildren(...show.call(this, trace, n));
      parts[i].hidden = !parts[i].firstChild;
      const here = parts[i].querySelector("ol [aria-current]"), list = parts[i].parentNode;
      if (here && here.offsetTop < list.scrollTop) list.scrollTop = here.offsetTop - 90;
      if (here && here.offsetTop + here.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = here.offsetTop + here.offsetHeight - list.clientHeight + 12;
    });
    this.shown = n;
    if (focus?.name) this.element.querySelector(`[name="${focus.name}"]`)?.focus({preventScroll: true});
  }

  node(trace, n) {
    const node = trace.nodes[n], {kind, code, module} = node;
    const made = {leaf: "a leaf: you made it", constant: "a constant: no derivative"}[kind] ?? `made by ${node.primitive}`;
    return [make("h2", nameOf(trace, n)), make("p.facts", [made, shapeText(node), node.params, module && `in ${module}`].filter(Boolean).join(" · ")),
      ...code ? [make("pre.code", code.text), make("p.facts", code.where)] : [],
      ...this.player.editable(n) ? [this.editor(trace, n)] : []];
  }

  // A number that can be typed or dragged; of a small array one element, which is chosen.
  editor(trace, n) {
    const {elements, shape} = trace.nodes[n], choice = make("select", {ariaLabel: "Element"}), value = () => elements ? elements[choice.selectedIndex] : trace.values[n];
    const box = make("input", {ariaLabel: "Value", type: "number", step: "any"}), slider = make("input", {ariaLabel: "Drag the value", type: "range"});
    const fill = () => {
      const reach = Math.max(2, 2 * Math.abs(value()));
      Object.assign(slider, {min: value() - reach, max: value() + reach, step: reach / 200});
      slider.value = box.value = value();
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

  // Who wrote this gradient: a line for each consumer, the ones to come in pale.
  sum(trace, n) {
    const writers = trace.writers[n], wrong = trace.wrong.has(n);
    if (!writers.length) return [];
    const rows = writers.slice(0, SHOWN).map(k => {
      const {phase, edge} = trace.events[k], here = k < trace.position, backward = phase === BACKWARD, local = backward && trace.at(k, "local");
      const product = backward && here && trace.single && trace.at(k, "upstream") + " × " + (local[0] === "−" ? `(${local})` : local);
      return make("li", make("button" + (here ? ".here" : ""), make("span.from", backward ? `from ${nameOf(trace, trace.edges[edge].to)}` : "to begin with"),
        make("span.product", product), make("b", here ? brief(trace.at(k, "flow")) : NOTHING),
        {title: `Go to step ${k + 1}`, onclick: () => this.player.go(k + 1), ariaCurrent: k === trace.position - 1 ? "step" : null}));
    });
    return [make("h3", "Who wrote this gradient?"), make("ul", rows),
      writers.length > 1 && make("p.total", make("span", `${trace.arrived[n]} of ${writers.length} have arrived`), make("b", brief(trace.gradientText(n)))),
      wrong && trace.arrived[n] === trace.expected[n] && make("p.alarm", trace.single ? `✗ It should be ${number(trace.rightFinal[n])}.` : "✗ Something is missing in it.")].filter(Boolean);
  }

  array(trace, n) {
    return [["value", trace.known[n] && trace.nodes[n].heat], ["gradient", trace.gradientHeat(n)]].flatMap(([name, heat]) => heat ? arrayFigure(name, heat, this.player.look) : []);
  }

  order(trace) {
    const {position, isRight, early} = trace, turns = trace.order.filter(n => trace.expected[n]), wrong = trace.wrong.size;
    const now = trace.edge ? turns.indexOf(trace.edge.to) : position > trace.begin ? -1 : null;
    const from = Math.max(0, Math.min((now ?? 0) - SHOWN / 2, turns.length - SHOWN));
    const rows = turns.slice(from, from + SHOWN).map((n, i) => this.turn(trace, turns, n, from + i, now));
    const change = () => this.player.reorder(isRight ? trace.tempting() : trace.rightOrder), why = isRight ? "Each node has its turn after all of its consumers: then its gradient is complete, and can be handed on."
      : wrong ? `✗ Gradients that come out wrong: ${wrong}. ` + [...early].slice(0, 3).map(found => this.reason(trace, ...found)).join(" ")
      : "This order is right, too: each node still comes after all of its consumers.";
    return [make("div.head", make("h3", isRight ? "Order of turns" : "Another order"), turns.length > 1 && make("button.plain", isRight ? "Try a wrong order" : "Put it right", {onclick: change})),
      make(wrong ? "p.alarm" : "p.facts", why), make("ol", rows)];
  }

  reason(trace, n, arrived) {
    const name = nameOf(trace, n), late = trace.consumers[n].map(e => nameOf(trace, trace.edges[e].to));
    return arrived ? `${name} hands its gradient on when only ${arrived} of ${trace.expected[n]} parts of it have arrived.`
      : `${name} has its turn before ${late.join(" and ")}: nothing has arrived, so it has nothing to hand on.`;
  }

  // A row of the order can be dragged, or moved with Alt and the arrows.
  turn(trace, turns, n, place, now) {
    const state = trace.early.has(n) ? "✗" : now === null || place > now ? "" : place < now ? "✓" : "▸";
    const move = (from, to) => {
      const moved = [...turns];
      moved.splice(to, 0, ...moved.splice(from, 1));
      if (turns[to] !== undefined) this.player.reorder([...moved, ...trace.order.filter(other => !moved.includes(other))]);
    };
    return make("li", make("button.turn", make("span.state", state), make("span.op", trace.nodes[n].op), make("span.name", nameOf(trace, n)), trace.single && trace.gradientText(n), {
      name: `turn${n}`, draggable: true, ariaCurrent: place === now ? "step" : null, title: "Drag, or Alt+↑ and Alt+↓, to give it another turn",
      onclick: () => this.player.go(trace.turn.indexOf(n, trace.begin + 1) + 1),
      onkeydown: event => {
        const step = event.altKey && {ArrowUp: -1, ArrowDown: 1}[event.key];
        if (step) event.preventDefault(), event.stopPropagation(), move(place, place + step);
      },
      ondragstart: () => this.dragged = place,
      ondragover: event => event.preventDefault(),
      ondrop: event => (event.preventDefault(), move(this.dragged, place)),
    }));
  }
}

// The index of an element of an array, from its place when all stand in one row.
const indexOf = (i, shape) => shape.map((size, axis) => Math.floor(i / shape.slice(axis + 1).reduce((a, b) => a * b, 1)) % size);

// A heat map with its range, and a histogram.
function arrayFigure(name, heat, look) {
  const {min, mean, max, rows, cols, histogram, nan, inf} = heat, canvas = make("canvas.heat", {width: cols, height: rows});
  canvas.getContext("2d").drawImage(heatPicture(heat, look), 0, 0);
  canvas.style.aspectRatio = Math.min(4, Math.max(0.5, cols / rows));
  const bars = histogram.map((count, i) => {
    const bar = make(min + (i + 0.5) / histogram.length * (max - min) < 0 ? "i.below" : "i");
    bar.style.height = `${100 * count / Math.max(...histogram)}%`;
    return bar;
  });
  return make(`figure.${name}`, make("figcaption", name), canvas, make("div.histogram", bars),
    make("div.range", make("span", number(min)), make("span", number(max)), make("span.mean", `mean ${number(mean)}`)),
    nan + inf > 0 && make("p.alarm", `⚠ not a number: ${nan}, infinite: ${inf}`), {ariaLabel: `${name} from ${number(min)} to ${number(max)}, mean ${number(mean)}`});
}
