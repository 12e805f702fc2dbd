// Trace: the recorded graph and its events, and where in them the reader stands. It knows nothing of the page.
//
// The position k says that k events have happened; event k − 1 is the one being looked at. Of single numbers all is
// computed here, so that a changed leaf or another order gives new gradients; of arrays the recorded texts are shown.

const FORWARD = "forward", SEED = "seed", BACKWARD = "backward";
const WORDS = new Set(["op", "primitive", "rule", "module", "params", "dtype"]);    // in a node, numbers of words

const parsed = x => typeof x === "string" ? {nan: NaN, inf: Infinity, "-inf": -Infinity}[x] : x ?? null;
const filled = (count, x) => new Array(count).fill(x);
const lists = count => Array.from({length: count}, () => []);

// A script with everything that it left out because it can be told (step/script.py and step/player/pack.py say what).
function unpack(script) {
  const nodes = unpackedNodes(script), {order, right = order, root} = script, slopes = script.edges.local_value;
  const edges = slopes ? [] : script.edges, given = script.events, texts = given?.backward, into = lists(nodes.length);
  if (slopes) nodes.forEach(({parents}, to) => parents.forEach((from, slot) => {
    edges.push({from, to, slot, local_value: slopes[edges.length]});
  }));
  if (given?.[0]) return {...script, nodes, edges};
  const events = [...nodes.map((_, node) => ({phase: FORWARD, node})), {phase: SEED, node: root, after: "1.0"}];
  const current = {[root]: "1.0"}, begin = events.length;
  edges.forEach(({from, to}, e) => nodes[from].kind !== "constant" && into[to].push(e));
  for (const n of texts ? order : right) for (const edge of into[n]) {
    const node = edges[edge].from, [contribution, after] = texts?.[events.length - begin] ?? [];
    events.push({phase: BACKWARD, edge, node, contribution, after, before: current[node], upstream: current[n]});
    current[node] = after;
  }
  return {...script, nodes, edges, events};
}

function unpackedNodes({nodes, words, defaults}) {
  const taken = new Set(nodes.map(node => node.name));
  let count = 0;
  const free = () => taken.has(`v${++count}`) ? free() : `v${count}`;
  return nodes.map(given => {
    const node = {parents: [], op: "", ...defaults};
    for (const key in given) node[key] = WORDS.has(key) ? words[given[key]] : given[key];
    node.kind ??= node.parents.length ? "result" : "leaf";
    node.value = parsed(node.value);
    node.text ??= number(node.value);
    node.primitive ??= node.op;
    node.name ||= node.kind === "constant" ? "" : free();
    return node;
  });
}

class Trace {
  constructor(packed) {
    const {nodes, edges, events, order, right = order, scalar, formulas, root, seed, position} = unpack(packed);
    const count = nodes.length;
    Object.assign(this, {nodes, edges, root, formulas: formulas ?? {}, single: scalar, rightOrder: right});
    this.seed = scalar ? seed : true;
    this.begin = count;                                                      // the event where the backward pass begins
    this.operands = lists(count);                                            // edges into each node, by slot
    this.consumers = lists(count);                                           // edges out of it
    edges.forEach(({from, to}, e) => (this.operands[to].push(e), this.consumers[from].push(e)));
    this.live = scalar && nodes.every(({kind, rule}) => kind !== "result" || this.knows(rule));
    this.values = nodes.map(node => node.value);
    this.slopes = edges.map(edge => parsed(edge.local_value));
    this.forward = events.slice(0, count + 1);
    this.backward = new Map(events.slice(count + 1).map(event => [event.edge, event]));
    this.position = 0;
    this.reorder(right);
    if (right !== order) this.reorder(order);
    this.seek(position ?? count);
  }

  // Whether the page can compute an operation and its slopes.
  knows(rule) {
    const {value, partials} = this.formulas[rule] ?? {};
    return computable(value) && partials.every(tree => tree === null || computable(tree));
  }

  // Values and slopes, recomputed from the leaves.
  change(leaf, value) {
    const {nodes, values, slopes, formulas} = this, read = n => nodes[n].parents.map(parent => values[parent]);
    values[leaf] = value;
    nodes.forEach(({kind, rule}, n) => {
      if (kind === "result") values[n] = evaluate(formulas[rule].value, NaN, read(n));
    });
    this.edges.forEach(({from, to, slot}, e) => {
      if (nodes[from].kind === "constant") return;
      slopes[e] = evaluate(formulas[nodes[to].rule].partials[slot], values[to], read(to));
    });
    this.sweep();
  }

  // The events when the nodes have their turns in this order.
  inOrder(order) {
    const sent = n => this.operands[n].map(e => this.backward.get(e)).filter(Boolean);
    return [...this.forward, ...order.flatMap(sent)];
  }

  reorder(order) {
    const {position, nodes} = this, count = nodes.length;
    this.order = order;
    this.isRight = order.every((n, i) => n === this.rightOrder[i]);
    this.events = this.inOrder(order);
    this.last = this.events.length;
    this.eventOf = filled(this.edges.length, -1);                            // the event of each edge
    this.writers = lists(count);                                             // the events that write each gradient
    this.turn = this.events.map((event, k) => {                              // whose turn each event belongs to
      if (event.phase !== FORWARD) this.writers[event.node].push(k);
      if (event.phase !== BACKWARD) return event.node;
      this.eventOf[event.edge] = k;
      return this.edges[event.edge].to;
    });
    this.expected = this.writers.map(events => events.length);
    this.sweep();
    this.position = 0;
    this.arrived = filled(count, 0);
    this.writer = filled(count, -1);                                         // the last event that wrote each gradient
    this.writerBefore = filled(this.last, -1);
    this.known = filled(count, false);                                       // whether the forward pass has been there
    this.seek(position);
  }

  sweep() {
    Object.assign(this, this.swept(this.events));
    if (this.isRight) return;
    this.rightFinal = this.swept(this.inOrder(this.rightOrder)).final;
    const differs = n => this.final[n] !== this.rightFinal[n];
    if (this.single) this.wrong = new Set([...this.nodes.keys()].filter(differs));
  }

  // The numbers of the backward pass: before, flow and after of each event; null where nothing has arrived. Of arrays
  // only whether something has. `early` says of nodes that had their turn too early how many parts had arrived.
  swept(events) {
    const {edges, slopes, single, expected} = this, count = this.nodes.length;
    const final = filled(count, null), arrived = filled(count, 0), wrong = new Set(), early = new Map();
    const [before, flow, after, upstream] = lists(4).map(() => filled(events.length, null));
    events.forEach(({phase, node, edge}, k) => {
      if (phase === FORWARD) return;
      flow[k] = this.seed;
      if (phase === BACKWARD) {
        const {to} = edges[edge];
        if (arrived[to] < expected[to] && !early.has(to)) early.set(to, arrived[to]);
        if (early.has(to) || wrong.has(to)) wrong.add(node);
        upstream[k] = final[to];
        flow[k] = final[to] === null ? null : single ? final[to] * slopes[edge] : true;
      }
      before[k] = final[node];
      arrived[node]++;
      if (flow[k] !== null) final[node] = single && final[node] !== null ? final[node] + flow[k] : flow[k];
      after[k] = final[node];
    });
    return {before, flow, after, upstream, final, early, wrong};
  }

  seek(k) {
    k = Math.max(0, Math.min(this.last, Math.round(k)));
    while (this.position !== k) {
      const on = this.position < k, at = on ? this.position++ : --this.position, {phase, node} = this.events[at];
      if (phase === FORWARD) {
        this.known[node] = on;
        continue;
      }
      if (on) this.writerBefore[at] = this.writer[node];
      this.writer[node] = on ? at : this.writerBefore[at];
      this.arrived[node] += on ? 1 : -1;
    }
  }

  // What is being looked at

  get event() {
    return this.events[this.position - 1];
  }

  get edge() {
    return this.edges[this.event?.edge];
  }

  valueText(n) {
    return !this.known[n] ? NOTHING : this.single ? number(this.values[n]) : this.nodes[n].text;
  }

  gradientText(n) {
    if (this.nodes[n].kind === "constant") return "";
    return this.writer[n] < 0 ? NOTHING : this.at(this.writer[n], "after");
  }

  // The picture of the gradient of a node, as far as it is known.
  gradientHeat(n) {
    return this.isRight || !this.wrong.has(n) ? this.events[this.writer[n]]?.heat : null;
  }

  // Whether the backward pass has come along an edge.
  passed(edge) {
    return this.eventOf[edge] >= 0 && this.eventOf[edge] < this.position;
  }

  // Of what these nodes receive, how much has arrived.
  share(members) {
    let here = 0, all = 0;
    for (const n of members) here += this.arrived[n], all += this.expected[n];
    return all ? here / all : 0;
  }

  // The text of `before`, `flow`, `after`, `upstream` or `local` of event k.
  at(k, what) {
    const event = this.events[k];
    if (what === "local") return this.single ? number(this.slopes[event.edge]) : event.local ?? "";
    if (this.single || this[what][k] === null) return number(this[what][k]);
    if (!this.isRight) return this.wrong.has(event.node) ? "incomplete" : "complete";
    return (what === "flow" ? event.contribution : event[what]) ?? NOTHING;
  }

  // Where to go

  // The end of the next run of events of one turn (a node) or of one unit, forward (1) or back (−1). In the forward
  // pass what has no operands is passed over.
  nextTurn(direction, unit = k => this.turn[k]) {
    const {events, last, begin} = this, leaf = k => k < begin && !this.nodes[k].parents.length;
    const same = k => leaf(k - 1) || unit(k) === unit(k - 1) && events[k].phase === events[k - 1].phase;
    let k = this.position + direction;
    while (k > 0 && k < last && same(k)) k += direction;
    return k;
  }

  // An order in which a gradient is handed on too early: a node with several consumers (else the first that has one)
  // moved before the last of them.
  tempting() {
    const movable = this.order.filter(n => n !== this.root && this.expected[n]);
    const chosen = movable.find(n => this.consumers[n].length > 1) ?? movable[0];
    const consumers = new Set(this.consumers[chosen].map(e => this.edges[e].to));
    const rest = this.order.filter(n => n !== chosen);
    rest.splice(rest.findLastIndex(n => consumers.has(n)), 0, chosen);
    return rest;
  }
}
