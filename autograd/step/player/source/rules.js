// Rules: numbers, and the recorded formulas computed on them and written as LaTeX. A formula is a tree: a number, "y"
// (the result), "a0", "a1", ... (the operands), or an operation with its operands, ["multiply", "y", "a0"].

const NOTHING = "·";                                                             // a gradient not reached: never 0

// As autograd/view/text.py writes them: four digits, floats keep a point.
function number(x) {
  if (x == null) return NOTHING;
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "−inf";
  const size = Math.abs(x), short = rounded(size), [digits, power] = short.toExponential().split("e");
  const plain = power >= -4 && power < 4;
  let text = plain ? String(short) : digits;
  if (/^\d+$/.test(text) && (text.length < 4 || short === size)) text += ".0";
  return (x < 0 || Object.is(x, -0) ? "−" : "") + text + (plain ? "" : `e${+power}`);
}

// To four digits; what lies exactly between two goes to the even one, as in Python.
function rounded(size) {
  const [, digits, power] = size.toExponential(60).match(/^(.{5})50*e(.*)$/) ?? [];
  return digits && digits.at(-1) % 2 === 0 ? Number(`${digits}e${power}`) : Number(size.toExponential(3));
}

const sigmoid = x => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const modulo = (a, b) => a - b * Math.floor(a / b);
const even = x => modulo(Math.abs(x), 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);          // ties go to even

// 1 − erf(x): near 0 by the series of erf, farther out by the continued fraction of erfc.
function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) return 1 - erf(x);
  let f = 0;
  for (let k = 60; k > 0; k--) f = k / 2 / (x + f);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
}

function erf(x) {
  if (Math.abs(x) >= 2) return 1 - erfc(x);
  let term = x, sum = x;
  for (let n = 1; n < 60; n++) term *= -x * x / n, sum += term / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * sum;
}

const OPERATIONS = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b,
  negative: a => -a, positive: a => a, reciprocal: a => 1 / a, square: a => a * a,
  floor_divide: (a, b) => Math.floor(a / b), remainder: modulo, power: (a, b) => a ** b, power_of: (a, n) => a ** n,
  greater: (a, b) => +(a > b), greater_equal: (a, b) => +(a >= b), less: (a, b) => +(a < b),
  less_equal: (a, b) => +(a <= b), equal: (a, b) => +(a === b), not_equal: (a, b) => +(a !== b),
  where: (c, a, b) => c ? a : b, absolute: Math.abs, sign: Math.sign, floor: Math.floor, ceil: Math.ceil,
  trunc: Math.trunc, rint: even, relu: a => a > 0 ? a : a < 0 ? 0 : a * 0, maximum: Math.max, minimum: Math.min,
  leaky_relu: (a, slope) => a > 0 ? a : a * slope, clip: (a, low, high) => Math.min(Math.max(a, low), high),
  exp: Math.exp, exp2: a => 2 ** a, expm1: Math.expm1, log: Math.log, log2: Math.log2, log10: Math.log10,
  log1p: Math.log1p, sqrt: Math.sqrt, cbrt: Math.cbrt, sigmoid, softplus, log_sigmoid: a => -softplus(-a),
  logaddexp: (a, b) => a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
  sin: Math.sin, cos: Math.cos, tan: Math.tan, arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan,
  arctan2: Math.atan2, hypot: Math.hypot, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, arcsinh: Math.asinh,
  arccosh: Math.acosh, arctanh: Math.atanh, erf, erfc, gelu: a => 0.5 * a * erfc(-a * Math.SQRT1_2),
  silu: a => a * sigmoid(a),
};

// Whether this page can compute a formula.
const computable = tree => !Array.isArray(tree) ? tree != null
  : tree[0] in OPERATIONS && tree.slice(1).every(computable);

// The value of a formula, where y is the result and a the operands.
function evaluate(tree, y, a) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return tree === "y" ? y : a[+tree.slice(1)];
  return OPERATIONS[tree[0]](...tree.slice(1).map(part => evaluate(part, y, a)));
}

const SIGNS = {add: [2, "+"], subtract: [2, "-"], multiply: [3, "\\times"], greater: [1, ">"], less: [1, "<"],
  greater_equal: [1, "\\ge"], less_equal: [1, "\\le"], equal: [1, "="], not_equal: [1, "\\ne"],
  remainder: [3, "\\bmod"]};

// A formula in LaTeX, where `names` gives what stands for "y", "a0", ...
const latex = (tree, names) => written(tree, names)[0];

// Its text, and how tightly it holds together (6: a name).
function written(tree, names) {
  if (!Array.isArray(tree)) {
    const text = typeof tree === "number" ? number(tree).replace(/\.0$/, "") : names[tree] ?? tree;
    return [text, /^[−-]/.test(text) ? 4 : 6];
  }
  const [operation, ...operands] = tree, parts = operands.map(operand => written(operand, names));
  const hold = (part, strength) => part[1] >= strength ? part[0] : `\\left(${part[0]}\\right)`;
  const same = operands.length === 2 && JSON.stringify(operands[0]) === JSON.stringify(operands[1]);
  if (operation === "square" || operation === "multiply" && same) return [`${hold(parts[0], 6)}^{2}`, 5];
  if (operation in SIGNS) {
    const [strength, sign] = SIGNS[operation];
    const held = (part, i) => hold(part, i === 0 ? strength : part[1] === 4 ? 5 : strength + 1);
    return [parts.map(held).join(` ${sign} `), strength];
  }
  if (operation === "divide") return [`\\frac{${parts[0][0]}}{${parts[1][0]}}`, 5];
  if (operation === "reciprocal") return [`\\frac{1}{${parts[0][0]}}`, 5];
  if (operation === "negative") return [`-${hold(parts[0], 4)}`, 4];
  if (operation === "power" || operation === "power_of") return [`${hold(parts[0], 6)}^{${parts[1][0]}}`, 5];
  if (operation === "sqrt") return [`\\sqrt{${parts[0][0]}}`, 6];
  if (operation === "absolute") return [`|${parts[0][0]}|`, 6];
  return [`\\operatorname{${operation}}\\left(${parts.map(part => part[0]).join(", ")}\\right)`, 6];
}
