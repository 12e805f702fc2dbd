// Typeset: mathematics on the page, from the part of LaTeX that rules are written in. No library, no font to fetch.
// One command is ours: \as{class}{...} gives a part a class of the style sheet (upstream, own, result, sign).

const LETTERS = {partial: "∂", cdot: "·", times: "×", ge: "≥", le: "≤", ne: "≠", sum: "Σ", odot: "⊙", top: "⊤",
  infty: "∞", bmod: "mod", lfloor: "⌊", rfloor: "⌋", ldots: "…", alpha: "α", beta: "β", gamma: "γ", delta: "δ",
  epsilon: "ε", eta: "η", theta: "θ", lambda: "λ", mu: "μ", pi: "π", sigma: "σ", tau: "τ", phi: "φ", omega: "ω"};
const TOKENS = /\\[a-zA-Z]+|\\.|[{}^_]|\d[\d.,]*(?:e-?\d+)?|\p{L}+|\s+|./gu;

// An element: `make("p.why", "text", {title: "..."})` has a class, content and properties.
function make(what, ...parts) {
  const [tag, name = ""] = what.split("."), element = document.createElement(tag);
  element.className = name;
  for (const part of parts.flat()) {
    if (part?.constructor === Object) Object.assign(element, part);
    else if (part || part === 0) element.append(part);
  }
  return element;
}

function typeset(latex) {
  const tokens = latex.match(TOKENS) ?? [];
  let at = 0;
  const gap = () => /^\s+$/.test(tokens[at] ?? "");
  const argument = () => {
    while (gap()) at++;
    return tokens[at] === "{" ? (at++, sequence("}")) : make("span", one());
  };
  const raw = () => {                                                        // what stands in braces, as bare text
    let depth = 1, text = "";
    for (at++; at < tokens.length; at++) {
      depth += (tokens[at] === "{") - (tokens[at] === "}");
      if (!depth) break;
      text += tokens[at].replace(/^\\(?=[^a-zA-Z])/, "");
    }
    at++;
    return text;
  };
  const sign = letter => /[=+−×·<>≥≤≠⊙]/.test(letter) ? make("span.sign", letter) : letter;
  function one() {
    if (gap()) return at++, [];
    const token = tokens[at++];
    if (token === "{") return sequence("}");
    if (token === "^" || token === "_") return make(token === "^" ? "sup" : "sub", argument());
    if (/^\d/.test(token)) return token;
    if (/^\p{L}/u.test(token)) return [make("i", token), /^\d+$/.test(tokens[at] ?? "") && make("sub", tokens[at++])];
    return token[0] === "\\" ? command(token.slice(1)) : punctuation(token.replace("-", "−"));
  }
  function punctuation(letter) {                                             // no space around the sign of a number
    const before = tokens.slice(0, at - 1).filter(token => /\S/.test(token)).at(-1) ?? "";
    const first = /^[({=,×·]?$|^\\(times|cdot|left)$/.test(before), sum = letter + tokens[at] === "+=";
    return /[−+]/.test(letter) && first || sum || before === "+" ? letter : sign(letter);
  }
  function command(name) {
    if (name === "frac") return make("span.frac", argument(), argument());
    if (name === "sqrt") return make("span.sqrt", "√", argument());
    if (name === "as") {
      const kind = raw();
      return make(`span.${kind}`, argument());
    }
    if (name === "left") {
      const open = tokens[at++], inside = sequence("\\right");
      const kind = inside.querySelector(".frac") ? "span.tall" : "span";
      return [make(kind, open), inside, make(kind, tokens[at++] ?? "")];
    }
    if (/^(operatorname|mathrm|text)$/.test(name)) return make("span", raw());
    return name in LETTERS ? sign(LETTERS[name]) : /^\w/.test(name) ? make("span", name) : name;
  }
  function sequence(end) {
    const group = make("span");
    while (at < tokens.length && tokens[at] !== end) group.append(...[one()].flat().filter(Boolean));
    at++;
    return group;
  }
  return sequence();
}
