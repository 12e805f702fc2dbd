// Layout: where boxes and edges go. It is autograd/view/layout.py in the language of the page, where boxes are opened
// and closed without Python; a test holds that both put everything in the same places.

const SWEEPS = 12, GAP = 42, ROOM = 16;                                  // GAP between ranks, ROOM between their boxes

// Sizes are [along, across], edges [tail, head] with tail < head, gaps the free way that an edge wants.
// When `until` (a time of performance.now) has passed, the best order found so far is kept.
function layout(sizes, edges, gaps, until = Infinity) {
  const ranks = rankOf(sizes.length, edges), heights = sizes.map(size => size[1]);
  const rows = lists(Math.max(...ranks) + 1);
  ranks.forEach((rank, box) => rows[rank].push(box));
  const chains = chained(edges, ranks, heights, rows);
  const before = heights.map(() => []), after = heights.map(() => []), met = new Set();
  for (const chain of chains) for (let i = 1; i < chain.length; i++) {
    const [a, b] = [chain[i - 1], chain[i]], key = a * heights.length + b;
    if (!met.has(key)) met.add(key), before[b].push(a), after[a].push(b);
  }
  const ordered = orderRows(rows, before, after, until);
  const across = placed(ordered, before, after, heights, until);

  const along = node => node < sizes.length ? sizes[node][0] : 0;
  const wide = ordered.map(row => row.reduce((most, node) => Math.max(most, along(node)), 0));
  const free = rows.map(() => GAP);
  edges.forEach(([, head], i) => free[ranks[head]] = Math.max(free[ranks[head]], gaps[i] + GAP));
  const left = [0];
  for (let rank = 1; rank < rows.length; rank++) left.push(left[rank - 1] + wide[rank - 1] + free[rank]);
  const centres = ranks.map((rank, box) => [left[rank] + wide[rank] / 2, across[box]]);
  const paths = chains.map(chain => {
    const first = chain[0], last = chain.at(-1);
    const path = [[centres[first][0] + sizes[first][0] / 2, across[first]]];
    for (let i = 1; i < chain.length - 1; i++) {
      const rank = ranks[first] + i;
      path.push([left[rank], across[chain[i]]], [left[rank] + wide[rank], across[chain[i]]]);
    }
    path.push([centres[last][0] - sizes[last][0] / 2, across[last]]);
    return path;
  });
  spread(paths, edges, sizes);
  const high = sizes.reduce((most, size, box) => Math.max(most, across[box] + size[1] / 2), 0);
  return {centres, paths, along: left.at(-1) + wide.at(-1), across: high};
}

// As late as the consumers allow, so that leaves stand beside what uses them.
function rankOf(boxes, edges) {
  const operands = lists(boxes), rank = new Array(boxes).fill(0);
  for (const [tail, head] of edges) operands[head].push(tail);
  for (let head = boxes - 1; head >= 0; head--)
    for (const tail of operands[head]) rank[tail] = Math.min(rank[tail], rank[head] - 1);
  const first = rank.reduce((a, b) => Math.min(a, b), 0);
  return rank.map(r => r - first);
}

// Each edge as a chain of nodes, one a rank: dummies are added to heights and rows, shared by the edges of one box.
function chained(edges, ranks, heights, rows) {
  const dummies = new Map(), copies = new Map(), chains = [];
  for (const [tail, head] of edges) {
    const pair = `${tail} ${head}`, copy = (copies.get(pair) ?? -1) + 1, chain = [tail];
    copies.set(pair, copy);
    for (let rank = ranks[tail] + 1; rank < ranks[head]; rank++) {
      const key = `${tail} ${rank} ${copy}`;
      if (!dummies.has(key)) dummies.set(key, heights.length), rows[rank].push(heights.length), heights.push(2);
      chain.push(dummies.get(key));
    }
    chains.push([...chain, head]);
  }
  return chains;
}

// Sweeps put everything at the barycentre of its neighbours; the order with the fewest crossings stays.
function orderRows(rows, before, after, until) {
  const place = new Array(before.length).fill(0);
  const settle = row => row.forEach((node, i) => place[node] = i);
  rows.forEach(settle);
  let best = rows.map(row => [...row]), fewest = crossings(rows, place, after);
  for (let sweep = 0; sweep < SWEEPS && fewest && performance.now() < until; sweep++) {
    const late = sweep % 2 == 0, neighbours = late ? after : before;
    for (const row of late ? [...rows].reverse() : rows) {
      const wish = new Map(row.map(node => [node, meanPlace(neighbours[node], place, node)]));
      row.sort((a, b) => wish.get(a) - wish.get(b));
      settle(row);
    }
    if (before.length <= 1000) swap(rows, place, before, after);             // it takes longer than the sweeps
    const found = crossings(rows, place, after);
    if (found < fewest) best = rows.map(row => [...row]), fewest = found;
  }
  return best;
}

function meanPlace(neighbours, place, node) {
  if (!neighbours.length) return place[node];
  let sum = 0;
  for (const other of neighbours) sum += place[other];
  return sum / neighbours.length;
}

// Exchange neighbours as long as fewer edges cross for it.
function swap(rows, place, before, after) {
  const gain = (upper, lower) => {
    let sum = 0;
    for (const end of upper) for (const other of lower) sum += (other < end) - (other > end);
    return sum;
  };
  for (let moved = true, turns = 8; moved && turns; turns--) {
    moved = false;
    for (const row of rows) {
      const ends = row.map(node => [before, after].map(side => side[node].map(other => place[other])));
      for (let i = 0; i < row.length - 1; i++) {
        if (gain(ends[i][0], ends[i + 1][0]) + gain(ends[i][1], ends[i + 1][1]) <= 0) continue;
        [row[i], row[i + 1], ends[i], ends[i + 1], moved] = [row[i + 1], row[i], ends[i + 1], ends[i], true];
      }
      row.forEach((node, i) => place[node] = i);
    }
  }
}

// Counted in a Fenwick tree: how many ends of the edges before lie behind each end.
function crossings(rows, place, after) {
  let found = 0;
  for (const row of rows) {
    let size = 0;
    for (const node of row) for (const other of after[node]) size = Math.max(size, place[other] + 1);
    const tree = new Uint32Array(size + 1);
    let ends = 0;
    for (const node of row) {
      const mine = after[node].map(other => place[other]);
      for (const end of mine) {
        let upTo = 0;
        for (let i = end + 1; i > 0; i -= i & -i) upTo += tree[i];
        found += ends - upTo;
      }
      for (const end of mine) for (let i = end + 1; i <= size; i += i & -i) tree[i]++;
      ends += mine.length;
    }
  }
  return found;
}

function placed(rows, before, after, heights, until) {
  const across = new Array(heights.length).fill(0);
  for (const row of rows) {
    let at = 0;
    for (const node of row) across[node] = at + heights[node] / 2, at += heights[node] + ROOM;
  }
  for (let sweep = 0; sweep < SWEEPS && performance.now() < until; sweep++) {
    const late = sweep % 2 == 0, neighbours = late ? after : before;
    for (const row of late ? [...rows].reverse() : rows)
      apart(row.map(node => meanPlace(neighbours[node], across, node)), row.map(node => heights[node]))
        .forEach((y, i) => across[row[i]] = y);
  }
  let top = Infinity;
  for (const row of rows) for (const node of row) top = Math.min(top, across[node] - heights[node] / 2);
  return across.map(y => y - top);
}

// The places nearest to those wished that keep order and distances: where wishes fall, they are pooled into their mean.
function apart(wished, heights) {
  const offsets = [], pools = [];
  let at = 0;
  for (const height of heights) offsets.push(at + height / 2), at += height + ROOM;
  wished.forEach((wish, i) => {
    let mean = wish - offsets[i], members = 1;
    while (pools.length && pools.at(-1)[0] > mean) {
      const [other, others] = pools.pop();
      mean = (mean * members + other * others) / (members + others);
      members += others;
    }
    pools.push([mean, members]);
  });
  return pools.flatMap(([mean, members]) => new Array(members).fill(mean)).map((y, i) => y + offsets[i]);
}

// The edges of a box begin and end side by side, in the order in which they come from across.
function spread(paths, edges, sizes) {
  for (const [end, inward] of [[0, 1], [1, -2]]) {
    const meeting = new Map();
    edges.forEach((edge, i) => meeting.has(edge[end]) ? meeting.get(edge[end]).push(i) : meeting.set(edge[end], [i]));
    for (const [box, numbers] of meeting) {
      numbers.sort((a, b) => paths[a].at(inward)[1] - paths[b].at(inward)[1]);
      const step = Math.min(14, 0.7 * sizes[box][1] / numbers.length);
      numbers.forEach((number, i) => paths[number].at(end && -1)[1] += (i - (numbers.length - 1) / 2) * step);
    }
  }
}
