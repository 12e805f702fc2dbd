// Folding: which nodes are drawn as one box. The boxes stand in a topological order; one that is opened gives its place
// to what is inside, so the order stays one.

const FEW = 60, PARTS = 12;                                       // nodes opened one by one; else so many parts at most

class Folding {
  constructor(trace, pieces) {
    this.trace = trace;
    this.top = this.folded = (pieces ?? trace.nodes.map((_, n) => ({members: [n]}))).map(piece => this.unit(piece, null));
    this.refresh();
  }

  unit({members, kind = "alike", count = members.length, name = "", parts = null}, parent) {
    const unit = {members, kind, count, name, parts, parent, inside: null, node: members.length === 1 ? members[0] : -1};
    if (unit.node < 0) Object.assign(unit, this.summary(unit));
    return unit;
  }

  summary({members, kind, count, name}) {
    const {nodes} = this.trace, tally = new Map();
    for (const n of members.slice(0, 5000)) {
      const what = nodes[n].op || nodes[n].kind;
      tally.set(what, (tally.get(what) ?? 0) + 1);
    }
    const common = [...tally].sort((a, b) => b[1] - a[1]).map(([what]) => what);
    const first = nodes[members[0]].name, last = nodes[members.at(-1)].name;
    const note = name ? common.slice(0, 4).join("  ") : common.length === 1 && kind === "alike" ? `${first} … ${last}`
      : common.slice(0, 4).join("  ") + (common.length > 4 ? " …" : "");
    return {title: name || (common.length === 1 ? common[0] : kind === "rest" ? "…" : "pattern"), note};
  }

  // What is inside a box: what was recorded, its repetitions, runs of alike nodes, ranges; in the end the nodes.
  inside({members, kind, count, parts}) {
    const {nodes} = this.trace, slice = (size, given) => {
      const found = [];
      for (let i = 0; i < members.length; i += size) found.push({members: members.slice(i, i + size), ...given(members.slice(i, i + size))});
      return found;
    };
    if (parts) return parts;
    if (kind === "pattern" && count > 1) {
      const once = members.length / count, several = Math.ceil(count / PARTS);
      return slice(once * several, some => ({kind: "pattern", count: some.length / once}));
    }
    if (members.length <= FEW) return members.map(n => ({members: [n]}));
    const runs = [];
    for (const n of members) {
      const key = nodes[n].op + nodes[n].kind;
      if (runs.at(-1)?.key === key) runs.at(-1).members.push(n);
      else runs.push({key, members: [n]});
    }
    if (runs.length > 1 && runs.length <= FEW) return runs;
    return slice(Math.ceil(members.length / PARTS), () => ({kind: runs.length > 1 ? "rest" : "alike"}));
  }

  open(unit) {
    if (unit.node >= 0) return;
    unit.inside ??= this.inside(unit).map(piece => this.unit(piece, unit));
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
    this.top = this.trace.nodes.map((_, n) => this.unit({members: [n]}, null));
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
    const walk = unit => unit.opened ? (this.opened.push(unit), unit.inside.forEach(walk)) : this.units.push(unit);
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
