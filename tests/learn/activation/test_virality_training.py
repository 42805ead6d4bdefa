"""The number of adopters: chosen on newer posts, then learned from all of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.earlier_cascades import earlier_cascades
from graphsocial.learn.activation.training_blocks import training_blocks
from graphsocial.learn.activation.virality_training import fit_virality
from tests.learn.activation.planted_spread import HORIZON, OBSERVE, planted_spread

CONFIG = ActivationTraining(blocks=3, virality_nets=2, virality_epochs=8)


@pytest.fixture(scope="module")
def blocks():
    world = planted_spread(400, rng=3)
    until = int(CascadeRecord.of(world.cascades).start[380])
    record = CascadeRecord.of(earlier_cascades(world.cascades, until))
    content = {"text": world.content[record.place].astype(np.float32)}
    return training_blocks(record, content, None, OBSERVE, HORIZON, until, None, CONFIG)


def weights(net, block):
    content = {name: torch.from_numpy(rows) for name, rows in block.post_content.items()}
    with torch.no_grad():
        return net(torch.from_numpy(block.context), content)


def test_what_answers_has_seen_the_newest_posts_and_what_chooses_has_not(blocks):
    train, valid = blocks
    fit = fit_virality(train, valid, CONFIG, 0)
    assert len(fit.judged) == len(fit.final) == len(fit.epochs) == 2
    none = fit_virality(train, replace_outcomes(valid), CONFIG, 0)
    for one, other in zip(fit.final, none.final, strict=True):
        assert not torch.equal(weights(one, valid), weights(other, valid))
    # the newest posts choose the epoch and give nothing else to the networks that are judged on them
    for one, other, mine, theirs in zip(fit.judged, none.judged, fit.epochs, none.epochs, strict=True):
        if mine == theirs:
            assert torch.equal(weights(one, valid), weights(other, valid))


def test_no_epoch_means_all_posts_alike(blocks):
    train, valid = blocks
    fit = fit_virality(train, valid, replace(CONFIG, virality_epochs=0), 0)
    assert fit.epochs == (0, 0)
    found = weights(fit.judged[0], valid)
    assert torch.equal(found, found[:1].expand_as(found))


def test_the_same_seed_gives_the_same_networks_and_leaves_the_global_stream_alone(blocks):
    train, valid = blocks
    state = torch.get_rng_state()
    one, other = (fit_virality(train, valid, CONFIG, 5) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    for mine, theirs in zip((*one.judged, *one.final), (*other.judged, *other.final), strict=True):
        assert torch.equal(weights(mine, valid), weights(theirs, valid))


def replace_outcomes(block):
    """The same posts, of which nobody saw what came in their last half."""
    windows = block.windows
    half = windows.as_of + (windows.end - windows.as_of) // 2
    return replace(block, windows=replace(windows, end=half))
