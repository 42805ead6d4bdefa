from __future__ import annotations

import copy
import math

import pytest
import torch
from torch_geometric.data import HeteroData

from graphsocial.errors import SchemaError
from graphsocial.nn import EncoderConfig, GraphEncoder
from graphsocial.nn.cross_modal_attention import CrossModalAttention, edge_key
from graphsocial.nn.encoder import Encoded
from graphsocial.nn.neighbour_table import build_neighbour_table

TEXT_SLOT, IMAGE_SLOT, STRUCTURE_SLOT = 0, 1, 2


def shuffled(batch, seed=1):
    """The same batch with each target's edges in another order (targets still ascending)."""
    g = torch.Generator().manual_seed(seed)
    batch = copy.copy(batch)
    for e in batch.edge_types:
        index = batch[e].edge_index
        mixed = torch.randperm(index.shape[1], generator=g)
        order = mixed[index[1][mixed].sort(stable=True).indices]
        batch[e].edge_index, batch[e].age = index[:, order], batch[e].age[order]
    return batch


def test_shapes(make_batch, make_encoder):
    batch, encoder = make_batch(), make_encoder()
    out = encoder(batch, attention=True)
    assert isinstance(out, Encoded)
    for t in batch.node_types:
        count = len(batch[t].hop)
        assert out.slots[t].shape == (count, 3, 16)
        assert out.present[t].shape == (count, 3)
        assert out.fused[t].shape == (count, 16)
        assert out.fused[t].isfinite().all()
    assert len(out.attention) == 2
    assert encoder(batch).attention is None


def test_same_input_same_bits_and_global_stream_untouched(make_batch, make_encoder, seeds_of):
    batch, encoder = make_batch(), make_encoder(train=True, dropout=0.3, modality_dropout=0.3)
    state = torch.get_rng_state()
    encoder.generator.manual_seed(5)
    first = seeds_of(encoder, batch)
    second = seeds_of(encoder, batch)
    encoder.generator.manual_seed(5)
    assert torch.equal(first, seeds_of(encoder, batch))
    assert not torch.equal(first, second)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("fusion", ["cross_modal", "late"])
def test_order_of_neighbours_does_not_matter(make_batch, make_encoder, seeds_of, fusion):
    batch, encoder = make_batch(), make_encoder(fusion=fusion)
    torch.testing.assert_close(seeds_of(encoder, batch), seeds_of(encoder, shuffled(batch)), atol=1e-5, rtol=1e-4)


def test_trees_do_not_see_each_other(make_batch, make_encoder, seeds_of):
    """Encoding two batches as one gives what each gives alone."""
    a, b, encoder = make_batch(0), make_batch(1), make_encoder()
    joined = HeteroData()
    index = {}
    for t in a.node_types:
        order = torch.cat([a[t].hop, b[t].hop]).sort(stable=True).indices  # seeds first
        place = order.argsort()
        index[t] = place[: len(a[t].hop)], place[len(a[t].hop) :]
        for name in ("hop", "structure", "text_row", "image_row"):
            if name in a[t]:
                shift = {"text_row": len(a.text_tokens), "image_row": len(a.image_tokens)}.get(name, 0)
                second = torch.where(b[t][name] >= 0, b[t][name] + shift, -1) if shift else b[t][name]
                joined[t][name] = torch.cat([a[t][name], second])[order]
    for m in ("text", "image"):
        for part in ("tokens", "mask"):
            joined[f"{m}_{part}"] = torch.cat([a[f"{m}_{part}"], b[f"{m}_{part}"]])
    for e in a.edge_types:
        both = [
            torch.stack([index[e[0]][k][x[e].edge_index[0]], index[e[2]][k][x[e].edge_index[1]]])
            for k, x in enumerate((a, b))
        ]
        pairs, age = torch.cat(both, dim=1), torch.cat([a[e].age, b[e].age])
        order = pairs[1].sort(stable=True).indices
        joined[e].edge_index, joined[e].age = pairs[:, order], age[order]
    fused = encoder(joined).fused["post"][:16]
    expected = torch.cat([seeds_of(encoder, a), seeds_of(encoder, b)])
    torch.testing.assert_close(fused, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("fusion", ["cross_modal", "late"])
@pytest.mark.parametrize("use_graph", [True, False])
def test_attention_sums_to_one_over_neighbour_and_modality(make_batch, make_encoder, fusion, use_graph):
    batch = make_batch()
    shares = make_encoder(fusion=fusion, use_graph=use_graph)(batch, attention=True).attention
    for number, share in enumerate(shares, start=1):
        for t in batch.node_types:
            total = share.own[t].sum(2) + share.none[t]
            for e in batch.edge_types:
                if e[2] == t:
                    total = total.index_add(0, batch[e].edge_index[1], share.edges[e].sum(2))
            computed = batch[t].hop <= 2 - number
            torch.testing.assert_close(total[computed], torch.ones_like(total[computed]))
            assert (total[~computed] == 0).all()
        for target in ("text", "image", "structure"):
            assert math.isclose(sum(v for k, v in share.mass.items() if k[0] == target), 1.0, rel_tol=1e-5)
        if not use_graph:
            assert all((weight == 0).all() for weight in share.edges.values())
        if fusion == "late":
            assert all(v == 0 for (target, _, source), v in share.mass.items() if target != source)
    assert shares[0].rows()[0].keys() == {"target", "relation", "source", "share"}


def dense_reference(layer, x, present, node_type, target, neighbours):
    """One target's attention written out key by key."""
    keys, values = [], []
    own = layer.own[node_type](layer.norm(x[node_type][target]))
    for slot in range(3):
        if present[node_type][target, slot]:
            keys.append(own[slot, :16])
            values.append(own[slot, 16:])
    seen = False
    for edge_type, source, age in neighbours:
        kv = layer.relation[edge_key(edge_type)](layer.norm(x[edge_type[0]][source]))
        kv = kv + layer.from_time(layer.time(torch.tensor(age)))
        for slot in range(3):
            if present[edge_type[0]][source, slot]:
                keys.append(kv[slot, :16])
                values.append(kv[slot, 16:])
                seen = True
    query = layer.query[node_type](layer.norm(x[node_type][target]))
    out = []
    for slot in range(3):
        null = layer.null[node_type][slot]
        k = torch.stack(keys if seen else [*keys, null[:16]]).view(-1, 4, 4)
        v = torch.stack(values if seen else [*values, null[16:]]).view(-1, 4, 4)
        weight = ((query[slot].view(4, 4) * k).sum(-1) / 2).softmax(0)  # [key, head]
        out.append((weight.unsqueeze(-1) * v).sum(0).flatten())
    y = x[node_type][target] + layer.out(torch.stack(out))
    return y + layer.feed_forward(y)


def test_layer_equals_attention_written_out(make_batch):
    batch, g = make_batch(3), torch.Generator().manual_seed(0)
    types = sorted(batch.node_types)
    layer = CrossModalAttention(types, batch.edge_types, 3, 16, 4)
    sizes = [len(batch[t].hop) for t in types]
    x = torch.randn(sum(sizes), 3, 16, generator=g).requires_grad_()
    present = torch.rand(sum(sizes), 3, generator=g) < 0.6
    wanted = {t: batch[t].hop <= 1 for t in types}
    table = build_neighbour_table(wanted, {e: batch[e].edge_index for e in batch.edge_types})
    out, _, _ = layer(x, present, table, {e: batch[e].age for e in batch.edge_types})
    xs, ps, outs = (dict(zip(types, v.split(sizes), strict=True)) for v in (x, present, out))
    ours, written_out = [], []
    for t in types:
        for target in range(len(batch[t].hop)):
            if not wanted[t][target]:
                assert torch.equal(outs[t][target], xs[t][target])
                continue
            neighbours = [
                (e, int(s), float(a))
                for e in batch.edge_types
                if e[2] == t
                for s, d, a in zip(*batch[e].edge_index, batch[e].age, strict=True)
                if d == target
            ]
            expected = dense_reference(layer, xs, ps, t, target, neighbours)
            torch.testing.assert_close(outs[t][target], expected, atol=1e-5, rtol=1e-4)
            ours.append(outs[t][target])
            written_out.append(expected)
    inputs = [x, *layer.parameters()]
    grads = [
        torch.autograd.grad(torch.stack(found).pow(3).sum(), inputs, retain_graph=True, allow_unused=True)
        for found in (ours, written_out)
    ]
    for got, expected in zip(*grads, strict=True):
        assert (got is None or not got.any()) if expected is None else torch.allclose(got, expected, 1e-3, 1e-3)


def test_projecting_nodes_or_edges_first_is_the_same():
    """Both branches of the layer, and the gradients of both."""
    layer = CrossModalAttention(["user"], [("user", "repost", "user")], 3, 16, 4)
    e = ("user", "repost", "user")
    pairs = torch.tensor([[0, 1, 2, 0, 2, 2], [0, 0, 0, 1, 1, 2]])
    age = torch.rand(6)
    table = build_neighbour_table({"user": torch.ones(3, dtype=torch.bool)}, {e: pairs})
    many = build_neighbour_table({"user": torch.tensor([True] * 3 + [False] * 9)}, {e: pairs})
    x = torch.randn(12, 3, 16, requires_grad=True)
    there = torch.ones(12, 3, dtype=torch.bool)
    per_node = layer(x[:3], there[:3], table, {e: age})[0]
    per_edge = layer(x, there, many, {e: age})[0][:3]
    torch.testing.assert_close(per_node, per_edge)
    grads = [torch.autograd.grad(out.square().sum(), x)[0] for out in (per_node, per_edge)]
    torch.testing.assert_close(grads[0][:3], grads[1][:3])


def test_tokens_under_the_mask_change_nothing(make_batch, make_encoder, seeds_of):
    batch, encoder = make_batch(), make_encoder()
    before = seeds_of(encoder, batch)
    batch.text_tokens[~batch.text_mask] = 1e6
    assert torch.equal(before, seeds_of(encoder, batch))


def test_image_without_tokens_is_a_missing_image(make_batch, make_encoder, seeds_of):
    batch, encoder = make_batch(), make_encoder()
    batch.image_mask[2] = False
    before = seeds_of(encoder, batch)
    batch.image_tokens[2] = 7.0
    assert torch.equal(before, seeds_of(encoder, batch))
    batch["post"].image_row = torch.where(batch["post"].image_row == 2, -1, batch["post"].image_row)
    batch["media"].image_row = torch.where(batch["media"].image_row == 2, -1, batch["media"].image_row)
    assert torch.equal(before, seeds_of(encoder, batch))


@pytest.mark.parametrize("off", ["text", "image", "structure"])
def test_a_modality_switched_off_changes_nothing(make_batch, make_encoder, seeds_of, off):
    kept = tuple(m for m in ("text", "image", "structure") if m != off)
    batch, encoder = make_batch(), make_encoder(modalities=kept)
    before = seeds_of(encoder, batch)
    if off == "structure":
        for t in ("user", "post", "hashtag"):
            batch[t].structure = batch[t].structure + 3
    else:
        batch[f"{off}_tokens"] = batch[f"{off}_tokens"].flip(0) * 2
    assert torch.equal(before, seeds_of(encoder, batch))


def test_switches_keep_the_number_of_parameters(make_encoder):
    sizes = {
        sum(p.numel() for p in make_encoder(**config).parameters())
        for config in ({}, {"fusion": "late"}, {"use_graph": False}, {"modalities": ("text",)})
    }
    assert len(sizes) == 1


def gradients(encoder, batch, slot):
    """How the given slot of the post seeds depends on text tokens and image tokens."""
    text = batch.text_tokens.clone().requires_grad_()
    image = batch.image_tokens.float().requires_grad_()
    batch = copy.copy(batch)
    batch.text_tokens, batch.image_tokens = text, image
    value = encoder(batch).slots["post"][: batch["post"].num_seeds, slot].square().sum()
    return torch.autograd.grad(value, [text, image], allow_unused=True)


def amount(gradient):
    return 0.0 if gradient is None else float(gradient.abs().sum())


def test_late_fusion_blocks_the_flow_between_modalities(make_batch, make_encoder):
    batch = make_batch()
    text, image = gradients(make_encoder(fusion="late"), batch, TEXT_SLOT)
    assert amount(text) > 0
    assert amount(image) == 0
    text, image = gradients(make_encoder(fusion="cross_modal"), batch, TEXT_SLOT)
    assert amount(text) > 0
    assert amount(image) > 0


def test_without_a_graph_no_neighbour_is_seen(make_batch, make_encoder, seeds_of):
    batch, encoder = make_batch(), make_encoder(use_graph=False)
    before = seeds_of(encoder, batch)
    own = set(batch["post"].text_row[:8].flatten().tolist())
    others = [row for row in range(12) if row not in own]
    assert others
    batch.text_tokens[others] += 5
    batch["user"].structure += 1
    assert torch.equal(before, seeds_of(encoder, batch))
    assert not torch.equal(before, seeds_of(make_encoder(use_graph=True), batch))


def test_neighbours_two_hops_away_matter_only_with_two_layers(make_batch, make_encoder, seeds_of):
    batch = make_batch()
    far = batch["user"].hop == 2
    assert far.any()
    for layers, expected in ((1, True), (2, False)):
        encoder = make_encoder(layers=layers)
        before = seeds_of(encoder, batch)
        changed = copy.copy(batch)
        changed["user"].structure = batch["user"].structure + far.unsqueeze(1) * 3.0
        assert torch.equal(before, seeds_of(encoder, changed)) is expected


def test_age_of_an_edge_matters(make_batch, make_encoder, seeds_of):
    batch, encoder = make_batch(), make_encoder()
    before = seeds_of(encoder, batch)
    for e in batch.edge_types:
        batch[e].age = batch[e].age * 50
    assert not torch.allclose(before, seeds_of(encoder, batch), atol=1e-4)


def test_graph_without_images_or_hashtags(make_batch, make_encoder, seeds_of):
    """Text only: no image tokens, no media and hashtag types at all, in training and out of it."""
    full = make_batch()
    batch = HeteroData()
    for t in ("user", "post"):
        batch[t].hop, batch[t].structure = full[t].hop.clamp(max=1), full[t].structure
    batch["post"].text_row = full["post"].text_row
    batch["post"].num_seeds = 8
    batch.text_tokens, batch.text_mask = full.text_tokens, full.text_mask
    e = ("user", "author", "post")
    batch[e].edge_index, batch[e].age = full[e].edge_index, full[e].age
    for train in (False, True):
        fused = seeds_of(make_encoder(train=train), batch)
        assert fused.isfinite().all()
        fused.sum().backward()


def test_encoder_built_without_images(make_batch):
    batch = make_batch()
    encoder = GraphEncoder(EncoderConfig(channels=8), batch.node_types, batch.edge_types, {"text": 6}, {"user": 3})
    for t in ("post", "hashtag"):
        del batch[t].structure
    assert encoder(batch).fused["hashtag"].isfinite().all()


def test_no_nodes_no_edges(make_encoder):
    batch = HeteroData()
    batch["user"].hop, batch["user"].structure = torch.zeros(0, dtype=torch.int64), torch.zeros(0, 3)
    assert make_encoder()(batch, attention=True).fused["user"].shape == (0, 16)
    batch["user"].hop, batch["user"].structure = torch.zeros(2, dtype=torch.int64), torch.zeros(2, 3)
    share = make_encoder()(batch, attention=True).attention[0]
    assert (share.none["user"] > 0).all()


def test_users_hold_the_mean_of_their_own_posts(make_encoder):
    batch = HeteroData()
    batch["user"].hop, batch["user"].structure = torch.tensor([0, 0, 0]), torch.zeros(3, 3)
    batch["post"].hop, batch["post"].structure = torch.tensor([1, 1, 1]), torch.zeros(3, 2)
    batch["post"].text_row = torch.tensor([[0], [1], [-1]])
    batch.text_tokens, batch.text_mask = torch.randn(2, 1, 6), torch.ones(2, 1, dtype=torch.bool)
    batch["post", "rev_author", "user"].edge_index = torch.tensor([[0, 1, 2, 2], [0, 0, 0, 1]])
    batch["post", "rev_author", "user"].age = torch.ones(4)
    encoder = make_encoder(layers=0)
    out = encoder(batch)
    text = out.slots["post"][:2, TEXT_SLOT] - encoder.slots.kind["post"]
    torch.testing.assert_close(out.slots["user"][0, TEXT_SLOT] - encoder.slots.kind["user"], text.mean(0))
    assert out.present["user"].tolist() == [[True, False, True], [False, False, True], [False, False, True]]
    null = encoder.slots.null["user"][TEXT_SLOT] + encoder.slots.kind["user"]
    torch.testing.assert_close(out.slots["user"][1, TEXT_SLOT], null)


def test_a_slot_is_present_once_a_neighbour_brought_its_modality(make_batch, make_encoder):
    batch = make_batch()
    start, end = make_encoder(layers=0)(batch).present, make_encoder(layers=1)(batch).present
    tags = batch["hashtag"].hop <= 0
    assert not start["hashtag"][:, TEXT_SLOT].any()
    assert not tags.any()
    batch["hashtag"].hop = torch.zeros_like(batch["hashtag"].hop)
    end = make_encoder(layers=1)(batch).present["hashtag"][:, TEXT_SLOT]
    source, target = batch["post", "rev_tag", "hashtag"].edge_index
    expected = torch.zeros(len(end), dtype=torch.bool)
    expected[target[start["post"][source, TEXT_SLOT]]] = True
    assert torch.equal(end, expected)


def test_modality_dropout_keeps_one(make_batch, make_encoder):
    batch = make_batch()
    encoder = make_encoder(train=True, layers=0, modality_dropout=0.9, dropout=0.0)
    full = make_encoder(layers=0)(batch).present
    less = encoder(batch).present
    for t in batch.node_types:
        assert not (less[t] & ~full[t]).any()
        assert torch.equal(less[t].any(1), full[t].any(1))
    assert sum(int(p.sum()) for p in less.values()) < sum(int(p.sum()) for p in full.values())


def test_bfloat16_autocast_trains(make_batch, make_encoder):
    batch, encoder = make_batch(), make_encoder(train=True)
    with torch.autocast("cpu", torch.bfloat16):
        fused = encoder(batch).fused["post"][:8]
    fused.float().square().mean().backward()
    assert all(p.grad.isfinite().all() for p in encoder.parameters() if p.grad is not None)
    encoder.eval()
    exact = encoder(batch).fused["post"][:8]
    with torch.autocast("cpu", torch.bfloat16):
        close = encoder(batch).fused["post"][:8].float()
    assert (exact - close).abs().max() < 0.1 * exact.abs().max()


def test_state_dict_round_trip(make_batch, make_encoder, seeds_of):
    batch, first, second = make_batch(), make_encoder(0), make_encoder(1)
    assert not torch.equal(seeds_of(first, batch), seeds_of(second, batch))
    second.load_state_dict(first.state_dict())
    assert torch.equal(seeds_of(first, batch), seeds_of(second, batch))
    assert torch.equal(seeds_of(first, batch), seeds_of(copy.deepcopy(first), batch))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"heads": 3}, "divide"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"modalities": ()}, "at least one"),
        ({"modalities": ("text", "img")}, "Did you mean"),
        ({"fusion": "crossmodal"}, "cross_modal"),
        ({"layers": -1}, "layers=-1"),
    ],
)
def test_wrong_configuration(wrong, message):
    with pytest.raises(SchemaError, match=message):
        EncoderConfig(**wrong)


def test_wrong_batches_are_named(make_batch, make_encoder):
    encoder, batch = make_encoder(), make_batch()
    batch["usr"].hop = torch.zeros(1, dtype=torch.int64)
    with pytest.raises(SchemaError, match="Did you mean 'user'"):
        encoder(batch)
    batch = make_batch()
    batch["user", "reposts", "user"].edge_index = torch.zeros(2, 0, dtype=torch.int64)
    with pytest.raises(SchemaError, match="Did you mean 'user repost user'"):
        encoder(batch)
    batch = make_batch()
    batch.text_tokens = torch.zeros(12, 3, 9)
    with pytest.raises(SchemaError, match=r"expected \[content, token, 6\]"):
        encoder(batch)
    batch = make_batch()
    batch["user"].structure = batch["user"].structure[:, :1]
    with pytest.raises(SchemaError, match="structure features of 'user'"):
        encoder(batch)
