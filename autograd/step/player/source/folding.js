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
    this.top = this.folded = (given ?? trace.nodes.map((_, n) => ({items: [[n]]}))).map(piece => this.unit(piece));
    this.refresh();
  }

  // A box: `items` are the lists of nodes that it opens into, of which `count` are alike, or `count` times a pattern.
  unit({items, kind = "alike", count = items.length, ...words}, parent = null) {
    const members = items.flat(), unit = {items, members, kind, count, parent, node: members.length === 1 ? members[0] : -1};
    return unit.node < 0 ? Object.assign(unit, this.words(unit), words) : unit;
  }

  words({items, members, kind}) {
    const {nodes} = this.trace, tally = {}, paths = members.map(n => nodes[n].module ?? ""), first = paths[0].split(".");
    for (const n of members) tally[nodes[n].op || nodes[n].kind] = (tally[nodes[n].op || nodes[n].kind] ?? 0) + 1;
    const common = Object.keys(tally).sort((a, b) => tally[b] - tally[a]), note = common.slice(0, 5).join("  ");
    if (kind === "alike" && common.length === 1) return {title: note, note: `${nodes[members[0]].name} … ${nodes[members.at(-1)].name}`};
    const inside = first.slice(0, first.findIndex((_, i) => !paths.every(path => (path + ".").startsWith(first.slice(0, i + 1).join(".") + "."))) >>> 0);
    return {title: items.length === 1 && inside.join(".") || (kind === "pattern" ? "pattern" : "…"), note};
  }

  // What is inside a box: its repetitions, its items, runs of what is alike, ranges; in the end the nodes.
  inside({items, kind, count}) {
    const slices = (list, size, more) => Array.from({length: Math.ceil(list.length / size)}, (_, i) => more(list.slice(i * size, (i + 1) * size)));
    if (kind === "pattern" && count > 1) {
      const once = items.length / count;
      return slices(items, once * Math.ceil(count / PARTS), some => ({items: some, kind, count: some.length / once}));
    }
    if (items.length > FEW) return slices(items, Math.ceil(items.length / PARTS), some => ({items: some, kind}));
    if (items.length > 1) return items.map(item => ({items: [item]}));
    const [members] = items, {nodes} = this.trace, runs = [], depth = n => nodes[n].module?.split(".").length ?? 0;
    if (members.length <= FEW) return members.map(n => ({items: [[n]]}));
    const least = Math.min(...members.map(depth));
    for (const n of members) {
      const key = depth(n) > least ? nodes[n].module.split(".").slice(0, least + 1).join(".") : nodes[n].op + nodes[n].kind;
      if (runs.at(-1)?.key !== key) runs.push({key, items: [[]], deeper: depth(n) > least});
      runs.at(-1).items[0].push(n);
    }
    if (runs.length > 1 && runs.length <= FEW) return runs.map(run => run.deeper ? run : {items: run.items[0].map(n => [n])});
    return slices(members, Math.ceil(members.length / PARTS), some => ({items: [some], kind: "rest"}));
  }

  open(unit) {
    if (unit.node >= 0) return;
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
    this.top = this.trace.nodes.map((_, n) => this.unit({items: [[n]]}));
    this.refresh();
  }

  // Open what a node lies in, until it is a box of its own.
  reveal(n) {
    while (this.unitOf(n).node < 0) this.open(this.unitOf(n));
    return this.unitOf(n);
  }

  refresh() {
    this.units = [];
    this.opened = [];
    const walk = unit => unit.opened ? (this.opened.push(unit), unit.parts.forEach(walk)) : this.units.push(unit);
    this.top.forEach(walk);
    this.place = new Int32Array(this.trace.nodes.length);
    this.units.forEach((unit, i) => unit.members.forEach(n => this.place[n] = i));
  }

  unitOf(n) {
    return this.units[this.place[n]];
  }

  // The edges between boxes: each operand of each node, and from box to box only as many as from one node to another.
  links() {
    const links = [], at = new Map();                                        // at: node and slot → number of the link
    const known = new Map();
    this.trace.nodes.forEach((node, head) => {
      node.parents.forEach((tail, slot) => {
        const from = this.place[tail], to = this.place[head];
        if (from === to) return;
        const copy = node.parents.slice(0, slot).filter(parent => parent === tail).length, key = `${from} ${to} ${copy}`;
        if (!known.has(key)) {
          known.set(key, links.length);
          links.push({from, to, head, slot, constant: this.trace.nodes[tail].kind === "constant"});
        }
        at.set(head * 4096 + slot, known.get(key));
      });
    });
    return {links, at};
  }
}
