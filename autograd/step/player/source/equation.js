// Equation: a step as mathematics, in symbols and below with the numbers, and in words for those who listen.

const tex = name => /^\p{L}\d*$|^−?[\d.]+(e-?\d+)?$/u.test(name) ? name : `\\text{${name}}`;
const slope = (above, below) => `\\frac{\\partial ${tex(above)}}{\\partial ${tex(below)}}`;
const guarded = text => /^[−-]/.test(text) ? `\\left(${text}\\right)` : text;
const result = text => `\\as{result}{${tex(text)}}`;
const brief = text => text.replace(/, shape .*/, "");          // of an array, whose shape stands elsewhere
const nameOf = (trace, n) => trace.nodes[n].name || trace.nodes[n].text;

// What stands for the letters of a formula: names, and numbers.
function standing(trace, n) {
  const names = {y: tex(nameOf(trace, n))}, numbers = {y: number(trace.values[n])};
  trace.nodes[n].parents.forEach((parent, i) => {
    names[`a${i}`] = tex(nameOf(trace, parent));
    numbers[`a${i}`] = number(trace.values[parent]);
  });
  return [names, numbers];
}

// The event k − 1 as rows of cells in LaTeX, and in words. The third row says what the cells are.
function equation(trace, k) {
  const event = trace.events[k - 1];
  if (!event) return {rows: [], words: "Nothing has been computed yet. Press → to begin."};
  return {forward: computing, seed: beginning, backward: sending}[event.phase](trace, event, k - 1);
}

function computing(trace, {node, latex: line}) {
  const name = nameOf(trace, node), value = trace.valueText(node), {kind, rule} = trace.nodes[node];
  const words = `${name} is ${value}${kind === "result" ? "" : `, a ${kind}`}.`, tree = trace.formulas[rule]?.value;
  if (kind !== "result") return {rows: [[tex(name), "=", result(value)], ["", "", `a ${kind}`]], words};
  if (!tree) return {rows: asRecorded(line, tex(name), value), words};
  const [symbols, plugged] = standing(trace, node).map(letters => latex(tree, letters));
  return {rows: [[tex(name), "=", symbols], ["", "=", plugged, "=", result(value)]], words};
}

function beginning(trace, {node}, k) {
  const name = nameOf(trace, node), start = trace.at(k, "after");
  return {
    rows: [[slope(name, name), "=", result(start)]],
    words: `The gradient of ${name} by itself: it begins with ${start}.`,
  };
}

function sending(trace, {node, edge, latex: line}, k) {
  const {to} = trace.edges[edge], [name, above, root] = [node, to, trace.root].map(n => nameOf(trace, n));
  const [upstream, flow, after] = ["upstream", "flow", "after"].map(what => trace.at(k, what));
  const nothing = flow === NOTHING;
  const words = nothing ? `Nothing flows to ${name}: no gradient has arrived at ${above} yet.`
    : `${above} sends ${flow} to ${name}. The gradient of ${name} is now ${after}.`;
  const left = slope(root, name), sum = "\\as{sign}{+=}";
  if (!trace.single) return {rows: asRecorded(nothing ? null : line, `${left} ${sum}`, flow), words};
  const [symbols, plugged] = derivative(trace, edge);
  return {words, rows: [
    [left, sum, `\\as{upstream}{${slope(root, above)}}`, "\\times", `\\as{own}{${symbols}}`],
    ["", "=", `\\as{upstream}{${guarded(upstream)}}`, "\\times", `\\as{own}{${plugged}}`, "=", result(flow)],
    ["", "", `gradient of ${above}`, "", `slope of ${above} in ${name}`, "", "contribution"],
  ]};
}

// A recorded line of LaTeX, with the numbers of an array below.
function asRecorded(line, name, numbers) {
  const cut = line ? line.lastIndexOf(" = ") : -1;
  const rule = cut < 0 ? name : line.slice(0, cut).replace("\\mathrel{+}=", "\\as{sign}{+=}");
  return [[rule], [numbers.length > 16 ? "= " + numbers : `= ${result(numbers)}`]];
}

// ∂consumer/∂operand in symbols and with numbers, in brackets where a product needs them.
function derivative(trace, e) {
  const {from, to, slot, local_latex: symbols, local_numbers: numbers} = trace.edges[e];
  const tree = trace.formulas[trace.nodes[to].rule]?.partials[slot] ?? null;
  if (tree === null)
    return [symbols || slope(nameOf(trace, to), nameOf(trace, from)), numbers || guarded(number(trace.slopes[e]))];
  const held = ([text, strength]) => strength > 2 ? guarded(text) : `\\left(${text}\\right)`;
  return standing(trace, to).map(letters => held(written(tree, letters)));
}

// Put the equation on the page; what is said.
function showEquation(trace, place) {
  const {rows, words} = equation(trace, trace.position), wide = Math.max(1, ...rows.map(row => row.length));
  const grid = make("div.formula", {role: "math", ariaLabel: words});
  grid.style.setProperty("--columns", wide);
  rows.forEach((row, i) => {
    for (let j = 0; j < wide; j++) {
      const cell = row[j] ?? "", caption = cell && (i === 2 || /^a (leaf|constant)$|^= [^\\]/.test(cell));
      grid.append(caption ? make("span.caption", cell) : make("span", typeset(cell)));
      grid.lastChild.classList.add(`column${j}`);
    }
  });
  place.replaceChildren(rows.length ? grid : make("p.hint", words));
  const room = (place.clientWidth - 40) / grid.scrollWidth;    // it is made smaller where it would not fit
  if (room > 0 && room < 1) grid.style.zoom = Math.max(room, 0.4);
  return words;
}
