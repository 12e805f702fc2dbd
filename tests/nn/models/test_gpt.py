"""GPT: the published counts, nothing seen of what is to come, a cache that changes nothing, PyTorch's numbers."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, annotate, draw, no_grad
from nn.models.gpt import SIZES

PUBLISHED = {"gpt2-medium": 354_823_168, "gpt2-large": 774_030_080, "gpt2-xl": 1_557_611_200}
TOKENS = np.random.default_rng(0).integers(0, 11, (3, 8))


def small(**how):
    nn.manual_seed(0)
    model = nn.models.GPT(11, 8, n_layer=2, n_head=2, n_embd=16, **{"dtype": np.float64} | how)
    for p in model.parameters():  # as far from their first values as training brings them
        p.data += np.random.default_rng(p.size).normal(0, 0.2, p.shape)
    return model


@pytest.mark.slow
def test_gpt2_has_the_published_count():
    model = nn.models.GPT.gpt2()
    assert model.num_parameters == 124_439_808
    assert len(model.state_dict()) == 2 + 12 * 12 + 2


@pytest.mark.parametrize("size", PUBLISHED)
def test_the_larger_ones_would_have_theirs(size):
    blocks, heads, width = SIZES[size]
    one = nn.models.gpt.Block(width // heads, 1, 0.0, True, np.float32).num_parameters
    assert one == 12 * (width // heads) ** 2 + 13 * (width // heads)  # the formula of the module, counted
    whole = 50257 * width + 1024 * width + blocks * (12 * width**2 + 13 * width) + 2 * width
    assert whole == PUBLISHED[size]


def test_the_names_are_those_of_the_checkpoints():
    names = [*small().state_dict()]
    assert names[:2] == ["wte.weight", "wpe.weight"]
    assert names[-2:] == ["ln_f.weight", "ln_f.bias"]
    parts = "ln_1 attn.c_attn attn.c_proj ln_2 mlp.c_fc mlp.c_proj".split()
    assert names[2:14] == [f"h.0.{part}.{kind}" for part in parts for kind in ("weight", "bias")]
    assert small().h[0].attn.c_attn.weight.shape == (16, 48)


def test_what_is_to_come_is_not_seen():
    model = small()
    with no_grad():
        whole = model(TOKENS)
        other = TOKENS.copy()
        other[:, 5:] = (other[:, 5:] + 1) % 11
        changed = model(other)
    np.testing.assert_array_equal(whole[:, :5], changed[:, :5])
    assert (np.abs(whole - changed)[:, 5:].max((1, 2)) > 0.01).all()


def test_the_past_is_seen_whole_and_in_order():
    model = small()
    with no_grad():
        last = model(TOKENS[:1])[0, -1]
        for place in range(7):
            other = TOKENS[:1].copy()
            other[0, place] = (other[0, place] + 1) % 11
            assert np.abs(model(other)[0, -1] - last).max() > 1e-6, place
        assert np.abs(model(TOKENS[:1, [1, 0, 2, 3, 4, 5, 6, 7]])[0, -1] - last).max() > 1e-6


@pytest.mark.parametrize("steps", [[8], [1] * 8, [3, 1, 4], [7, 1]])
def test_bit_by_bit_gives_the_same(steps):
    model, past, parts, at = small(), None, [], 0
    with no_grad():
        for length in steps:
            logits, past = model.advance(TOKENS[:, at : at + length], past)
            parts.append(logits)
            at += length
        np.testing.assert_allclose(np.concatenate(parts, 1), model(TOKENS), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("how", [{}, {"temperature": 0.0}, {"top_k": 3, "top_p": 0.9}])
def test_the_cache_changes_no_text(how):
    model, texts = small(), []
    for use_cache in (True, False):
        nn.manual_seed(3)
        texts.append(model.generate(TOKENS[:, :3], 20, use_cache=use_cache, **how))  # longer than it can look back
    np.testing.assert_array_equal(*texts)
    assert texts[0].shape == (3, 23)
    np.testing.assert_array_equal(texts[0][:, :3], TOKENS[:, :3])


def test_the_table_of_embeddings_is_the_output_layer():
    model = small()
    assert sum(name.startswith("wte") or "head" in name for name, _ in model.named_parameters()) == 1
    model(TOKENS % 6).sum().backward()
    assert np.abs(model.wte.weight.grad[6:]).min() > 0  # scored, though never read


def test_it_learns_a_line_by_heart():
    text = "to be, or not to be, that is the question"
    letters = nn.models.Vocabulary(text)
    tokens = letters.encode(text)
    nn.manual_seed(0)
    model = nn.models.GPT(len(letters), 48, n_layer=1, n_head=2, n_embd=32)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(80):
        loss = nn.models.token_loss(model(tokens[None, :-1]), tokens[None, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss) < 0.1
    assert letters.decode(model.generate(tokens[:1], 40, temperature=0)) == text


def test_it_is_drawn_folded_with_the_table_at_both_ends():
    model = small()
    with annotate():
        loss = nn.models.token_loss(model(TOKENS), TOKENS)
    lines = str(draw(loss, fold=["Block", "Embedding", "LayerNorm"])).splitlines()
    assert len(lines) == 13
    assert [line.split(" = ")[0] for line in lines if "Block = " in line] == ["h.0 · Block", "h.1 · Block"]
    readers = [line.split()[0] for line in lines if "(model.wte.weight)" in line]
    assert len(readers) == 2
    assert readers[0] == "wte"


def test_checkpoints_of_all_kinds_load():
    model, other = small(), nn.models.GPT(11, 8, n_layer=2, n_head=2, n_embd=16, dtype=np.float64)
    state = model.state_dict()
    hub = state | {"h.0.attn.bias": np.tri(8), "h.1.attn.masked_bias": np.array(-1e4)}
    prefixed = {f"transformer.{name}": array for name, array in hub.items()} | {"lm_head.weight": state["wte.weight"]}
    turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    nano = {name: array.T if name.endswith(turned) else array for name, array in prefixed.items()}
    for form in (state, hub, prefixed, nano):
        other.reset_parameters()
        other.load_gpt2(form)
        for name, array in other.state_dict().items():
            np.testing.assert_array_equal(array, state[name], err_msg=name)
    with pytest.raises(nn.StateError, match=r"h\.1\.ln_2\.weight"):
        other.load_gpt2({name: array for name, array in state.items() if name != "h.1.ln_2.weight"})


def test_dropout_is_for_training():
    model = small(dropout=0.5)
    assert np.abs((model(TOKENS) - model(TOKENS)).data).max() > 0.01
    model.eval()
    np.testing.assert_array_equal(model(TOKENS).data, small()(TOKENS).data)
    assert model.generate([1], 3).shape == (4,)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.models.GPT(11, 8, n_head=5, n_embd=16), ShapeError, "5 heads share a width"),
        (lambda: small()(np.zeros((1, 9), int)), ShapeError, r"L from 1 to block_size=8, and got \(1, 9\)"),
        (lambda: small()(np.zeros(3, int)), ShapeError, r"reads tokens \(N, L\)"),
        (lambda: nn.models.GPT.gpt2("gpt3"), OperandError, "'gpt2-xl', and not as 'gpt3'"),
        (lambda: small().generate(np.zeros(0, int), 3), ShapeError, "one token at least"),
        (lambda: small().generate("abc", 3), OperandError, "got 'abc'(.|\n)*vocabulary.encode"),
    ],
)
def test_what_does_not_fit_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_torch_computes_the_same():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    model = small()
    state = {name: torch.tensor(array, requires_grad=True) for name, array in model.state_dict().items()}

    def norm(x, name):
        return torch.nn.functional.layer_norm(x, (16,), state[f"{name}.weight"], state[f"{name}.bias"])

    def layer(x, name):
        return x @ state[f"{name}.weight"] + state[f"{name}.bias"]

    x = state["wte.weight"][TOKENS] + state["wpe.weight"]
    for h in ("h.0", "h.1"):
        q, k, v = (
            part.reshape(3, 8, 2, 8).transpose(1, 2)
            for part in layer(norm(x, f"{h}.ln_1"), f"{h}.attn.c_attn").chunk(3, -1)
        )
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + layer(y.transpose(1, 2).reshape(3, 8, 16), f"{h}.attn.c_proj")
        y = torch.nn.functional.gelu(layer(norm(x, f"{h}.ln_2"), f"{h}.mlp.c_fc"), approximate="tanh")
        x = x + layer(y, f"{h}.mlp.c_proj")
    logits = norm(x, "ln_f") @ state["wte.weight"].T
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 11), torch.tensor(TOKENS[:, 1:].reshape(-1)))
    loss.backward()
    ours = nn.models.token_loss(model(TOKENS)[:, :-1], TOKENS[:, 1:])
    ours.backward()
    assert float(ours) == pytest.approx(loss.item(), rel=1e-12)
    for name, p in model.named_parameters():
        np.testing.assert_allclose(p.grad, state[name].grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name)
