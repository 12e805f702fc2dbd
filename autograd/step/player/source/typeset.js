// Typeset: mathematics on the page, from the part of LaTeX that rules are written in. No library, no font to fetch.
// One command is ours: \as{class}{...} gives a part a class of the style sheet (upstream, own, result, sign).

const LETTERS = {partial: "∂", cdot: "·", times: "×", ge: "≥", le: "≤", ne: "≠", sum: "Σ", odot: "⊙", top: "⊤", infty: "∞",
  bmod: "mod", lfloor: "⌊", rfloor: "⌋", ldots: "…", alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η",
  theta: "θ", lambda: "λ", mu: "μ", pi: "π", sigma: "σ", tau: "τ", phi: "φ", omega: "ω"};

// An element: `make("p.why", "text", {title: "..."})` has a class, content and properties.
function make(what, ...parts) {
  const [tag, name = ""] = what.split("."), element = document.createElement(tag);
  element.className = name;
  for (const part of parts.flat())
    if (part?.constructor === Object) Object.assign(element, part);
    else if (part || part === 0) element.append(part);
  return element;
}

function typeset(latex) {
  const tokens = latex.match(/\\[a-zA-Z]+|\\.|[{}^_]|\d[\d.,]*(?:e-?\d+)?|\p{L}+|\s+|./gu) ?? [];
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
    const token = tokens[at++], command = token.slice(1);
    if (token === "{") return sequence("}");
    if (token === "^" || token === "_") return make(token === "^" ? "sup" : "sub", argument());
    if (/^\d/.test(token)) return token;
    if (/^\p{L}/u.test(token)) return [make("i", token), /^\d+$/.test(tokens[at] ?? "") ? make("sub", tokens[at++]) : ""];
    if (token[0] !== "\\") {
      const before = tokens.slice(0, at - 1).filter(t => /\S/.test(t)).at(-1);           // of a negative number no space
      const prefix = /[-−+]/.test(token) && /^[({=,×·]?$|^\\(times|cdot|left)$/.test(before ?? "") || token + tokens[at] === "+=" || before === "+";
      return prefix ? token.replace("-", "−") : sign(token.replace("-", "−"));
    }
    if (command === "frac") return make("span.frac", argument(), argument());
    if (command === "sqrt") return make("span.sqrt", "√", argument());
    if (command === "as") return [raw()].map(name => make(`span.${name}`, argument()));
    if (command === "left") {
      const open = tokens[at++], inside = sequence("\\right"), tall = inside.querySelector(".frac") ? ".tall" : "";
      return [make("span" + tall, open), inside, make("span" + tall, tokens[at++] ?? "")];
    }
    if (/^(operatorname|mathrm|text)$/.test(command)) return make("span", raw());
    return command in LETTERS ? sign(LETTERS[command]) : /^\w/.test(command) ? make("span", command) : command;
  }
  function sequence(end) {
    const group = make("span");
    while (at < tokens.length && tokens[at] !== end) group.append(...[one()].flat());
    at++;
    return group;
  }
  return sequence();
}
