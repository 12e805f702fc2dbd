// Folding: which nodes are drawn as one box. The boxes stand in a topological order; one that is opened gives its place
// to what is inside, so the order stays one.

const FEW = 60, PARTS = 12;                                       // nodes opened one by one; else so many parts at most

class Folding {
  constructor(trace, pieces) {
    this.trace = trace;
    const given = pieces?.map(({members, sizes, ...piece}) => {
      let at = 0;
      return {...piece, items: (sizes ?? members.map(() => 1)).map(size => members.slice(at, at += size))};
    });
    this.folded = given?.map(piece => this.unit(piece)) ?? this.singles();
    this.top = this.folded;
    this.refresh();
  }

  singles() {
    return this.trace.nodes.map((_, n) => this.unit({items: [[n]]}));
  }

  // A box: `items` are the lists of nodes that it opens into, of which `count` are alike, or `count` times a pattern.
  unit({items, kind = "alike", count = items.length, ...words}, parent = null) {
    const members = items.flat(), unit = {items, members, kind, count, parent, node: -1};
    if (members.length > 1) return Object.assign(unit, this.words(unit), words);
    unit.node = members[0];
    return unit;
  }

  // What a box is called for which Python has no words: by its operation, or by the module around it.
  words({items, members, kind}) {
    const {nodes} = this.trace, tally = {};
    for (const n of members) tally[what(nodes[n])] = (tally[what(nodes[n])] ?? 0) + 1;
    const common = Object.keys(tally).sort((a, b) => tally[b] - tally[a]), [first] = members;
    if (kind === "alike" && common.length === 1)
      return {title: common[0], note: `${nodes[first].name} … ${nodes[members.at(-1)].name}`};
    const path = pathOf(nodes[first]), around = depth => path.slice(0, depth).join();
    let depth = path.length;
    while (depth && !members.every(n => pathOf(nodes[n]).slice(0, depth).join() === around(depth))) depth--;
    const module = items.length === 1 ? path.slice(0, depth).join(".") : "";
    return {title: module || (kind === "pattern" ? "pattern" : "…"), note: common.slice(0, 5).join("  ")};
  }

  // What is inside a box: its repetitions, its items, runs of what is alike, ranges; in the end the nodes.
  inside({items, kind, count}) {
    if (kind === "pattern" && count > 1) {
      const once = items.length / count;
      const repeated = some => ({items: some, kind, count: some.length / once});
      return slices(items, once * Math.ceil(count / PARTS)).map(repeated);
    }
    if (items.length > FEW) return slices(items, Math.ceil(items.length / PARTS)).map(some => ({items: some, kind}));
    if (items.length > 1) return items.map(item => ({items: [item]}));
    const [members] = items;
    if (members.length <= FEW) return members.map(n => ({items: [[n]]}));
    const runs = this.runs(members);
    if (runs.length > 1 && runs.length <= FEW) return runs;
    return slices(members, Math.ceil(members.length / PARTS)).map(some => ({items: [some], kind: "rest"}));
  }

  // Nodes that follow one another in one module inside, as one item; and outside of these those of one operation.
  runs(members) {
    const {nodes} = this.trace, paths = members.map(n => pathOf(nodes[n]));
    const least = paths.reduce((depth, path) => Math.min(depth, path.length), Infinity), runs = [];
    members.forEach((n, i) => {
      const deeper = paths[i].length > least, key = deeper ? paths[i].slice(0, least + 1).join() : what(nodes[n]);
      if (runs.at(-1)?.key !== key) runs.push({key, deeper, members: []});
      runs.at(-1).members.push(n);
    });
    return runs.map(({deeper, members}) => ({items: deeper ? [members] : members.map(n => [n])}));
  }

  open(unit) {
    unit.parts ??= this.inside(unit).map(piece => this.unit(piece, unit));
    unit.opened = true;
    this.refresh();
  }

  close(unit) {
    unit.opened = false;
    this.refresh();
  }

  closeAll() {
    for (const unit of this.opened) unit.opened = false;
    this.top = this.folded;
    this.refresh();
  }

  openAll() {
    this.top = this.singles();
    this.refresh();
  }

  // Open what a node lies in, until it is a box of its own.
  reveal(n) {
    while (this.unitOf(n).node < 0) this.open(this.unitOf(n));
  }

  refresh() {
    this.units = [];
    this.opened = [];
    const walk = unit => {
      (unit.opened ? this.opened : this.units).push(unit);
      if (unit.opened) unit.parts.forEach(walk);
    };
    this.top.forEach(walk);
    this.place = new Int32Array(this.trace.nodes.length);
    this.units.forEach((unit, i) => unit.members.forEach(n => this.place[n] = i));
  }

  unitOf(n) {
    return this.units[this.place[n]];
  }

  // The links between boxes: each operand of each node, and from box to box only as many as from one node to another.
  // `at` says which one an operand is on, by "node slot".
  links() {
    const {nodes} = this.trace, links = [], at = new Map(), known = new Map();
    nodes.forEach(({parents}, head) => {
      const met = new Map();
      parents.forEach((tail, slot) => {
        const from = this.place[tail], to = this.place[head], copy = met.get(tail) ?? 0, key = `${from} ${to} ${copy}`;
        met.set(tail, copy + 1);
        if (from === to) return;
        if (!known.has(key)) {
          known.set(key, links.length);
          links.push({from, to, head, slot, constant: nodes[tail].kind === "constant"});
        }
        at.set(`${head} ${slot}`, known.get(key));
      });
    });
    return {links, at};
  }
}

const what = node => node.op || node.kind;
const pathOf = node => node.module?.split(".") ?? [];
const slices = (list, size) =>
  Array.from({length: Math.ceil(list.length / size)}, (_, i) => list.slice(i * size, (i + 1) * size));
