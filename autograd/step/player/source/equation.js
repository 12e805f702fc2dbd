// Equation: a step as mathematics, in symbols and below with the numbers, and in words for those who listen.

const tex = name => /^\p{L}\d*$|^−?[\d.]+(e-?\d+)?$/u.test(name) ? name : `\\text{${name}}`;
const slope = (above, below) => `\\frac{\\partial ${tex(above)}}{\\partial ${tex(below)}}`;
const guarded = text => /^[−-]/.test(text) ? `\\left(${text}\\right)` : text;
const result = text => `\\as{result}{${text}}`;
const nameOf = (trace, n) => trace.nodes[n].name || trace.valueText(n) || trace.nodes[n].text;

// What stands for the letters of a formula: names, and numbers.
function standing(trace, n) {
  const names = {y: tex(nameOf(trace, n))}, numbers = {y: number(trace.values[n])};
  trace.nodes[n].parents.forEach((parent, i) => {
    names[`a${i}`] = tex(nameOf(trace, parent));
    numbers[`a${i}`] = number(trace.values[parent]);
  });
  return [names, numbers];
}

// Rows of cells in LaTeX; what stands in the third row says what the cells are.
function equation(trace, k) {
  const event = trace.events[k], n = event?.node;
  if (!event) return {rows: [], words: "Nothing has been computed yet. Press → to begin."};
  const name = nameOf(trace, n), root = nameOf(trace, trace.root), {kind, rule} = trace.nodes[n], value = trace.valueText(n);
  if (event.phase === FORWARD) {
    const tree = trace.single && trace.formulas[rule]?.value, words = `${name} is ${value}${kind === "result" ? "" : `, a ${kind}`}.`;
    if (!tree) return {rows: asRecorded(event.latex, tex(name), value, kind), words};
    const [symbols, plugged] = standing(trace, n).map(letters => latex(tree, letters));
    return {rows: [[tex(name), "=", symbols], ["", "=", plugged, "=", result(value)]], words};
  }
  const after = trace.at(k, "after"), flow = trace.at(k, "flow"), left = slope(root, name);
  if (event.phase === SEED) return {rows: [[left, "=", result(after)]], words: `The gradient of ${root} by itself: it begins with ${after}.`};
  const {to} = trace.edges[event.edge], above = nameOf(trace, to), [symbols, plugged] = derivative(trace, event.edge);
  const words = trace.flow[k] === null ? `Nothing flows to ${name}: no gradient has arrived at ${above} yet.`
    : `${above} sends ${flow} to ${name}. The gradient of ${name} is now ${after}.`;
  if (!trace.single) return {rows: asRecorded(trace.flow[k] !== null && event.latex, `${left} \\as{sign}{+=}`, flow), words};
  return {words, rows: [
    [left, "\\as{sign}{+=}", `\\as{upstream}{${slope(root, above)}}`, "\\times", `\\as{own}{${symbols}}`],
    ["", "=", `\\as{upstream}{${guarded(trace.at(k, "upstream"))}}`, "\\times", `\\as{own}{${plugged}}`, "=", result(flow)],
    ["", "", `gradient of ${above}`, "", `slope of ${above} in ${name}`, "", "contribution"],
  ]};
}

// A recorded line of LaTeX, with the numbers of an array below.
function asRecorded(line, name, numbers, kind = "result") {
  if (kind !== "result") return [[name, "=", result(numbers)], ["", "", `a ${kind}`]];
  const cut = line ? line.lastIndexOf(" = ") : -1, rule = cut < 0 ? name : line.slice(0, cut).replace("\\mathrel{+}=", "\\as{sign}{+=}");
  return [[rule], [numbers.length > 16 ? "= " + numbers : `= ${result(numbers)}`]];
}

// ∂consumer/∂operand in symbols and with numbers, in brackets where a product needs them.
function derivative(trace, e) {
  const {from, to, slot, local_latex, local_numbers} = trace.edges[e], tree = trace.single && trace.formulas[trace.nodes[to].rule]?.partials[slot];
  if (tree == null || tree === false) return [local_latex || slope(nameOf(trace, to), nameOf(trace, from)), local_numbers || guarded(number(trace.slopes[e]))];
  return standing(trace, to).map(letters => written(tree, letters)).map(([text, strength]) => strength > 2 ? guarded(text) : `\\left(${text}\\right)`);
}

function showEquation(trace, place) {
  const {rows, words} = equation(trace, trace.position - 1), wide = Math.max(1, ...rows.map(row => row.length));
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
  const room = (place.clientWidth - 40) / grid.scrollWidth;                  // it is made smaller where it would not fit
  if (room > 0 && room < 1) grid.style.zoom = Math.max(room, 0.4);
  return words;
}

// The numbers of an array without its shape, which stands elsewhere.
const brief = text => text.replace(/, shape .*/, "");
