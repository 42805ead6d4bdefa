"""The learned activation on planted spreads: what it finds again, what it may not see, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from graphsocial.diffusion import Activation, simulate
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.errors import DataIntegrityError, LeakageError, SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import CascadeSet, format_time
from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.candidate_edges import OUTSIDE
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.checkpoint import write_checkpoint
from tests.learn.activation.planted_spread import DELAYS, HORIZON, LIKED, OBSERVE, PlantedSpread, planted_spread

TRAINED, ASKED = 600, 40
POST = TRAINED + 11
"""Two acted before the question, five come within the day after it."""
SMALL = ActivationTraining(
    epochs=3, draws=48, judged_draws=96, virality_nets=2, virality_epochs=6, judged_posts=30, judged_runs=40
)
TINY = replace(SMALL, epochs=1, blocks=3, virality_epochs=1, judged_posts=3, judged_runs=10, contagion=(0.0, 1.0))


def fitted(
    world: PlantedSpread,
    cascades: int = TRAINED,
    content: np.ndarray | None = None,
    config: ActivationTraining = SMALL,
    links: bool = True,
    observed: CascadeSet | None = None,
) -> ActivationModel:
    return ActivationModel.fit(
        observed or world.cascades,
        observe=OBSERVE,
        horizon=HORIZON,
        known_until=world.start(cascades),
        content=None if content is None else {"text": content},
        links=world.graph if links else None,
        config=config,
        rng=3,
    )


def asked(model: ActivationModel, world: PlantedSpread, post: int, content: np.ndarray | None) -> LearnedActivation:
    given = None if content is None else {"text": content}
    return model.activation(
        world.cascades,
        f"p{post}",
        as_of=world.start(post) + OBSERVE,
        content=None if given is None else {"text": given["text"][post]},
        past_content=given,
    )


def edges_of_seeds(learned: LearnedActivation) -> np.ndarray:
    """Edges from who acted before the question, the outside left out, bool [edge]."""
    spread = learned.spread
    return np.isin(spread.source, spread.numbers([seed for seed in learned.seeds if seed != OUTSIDE]))


def chances_of_seeds(
    model: ActivationModel, world: PlantedSpread, content: np.ndarray | None, posts: range
) -> tuple[np.ndarray, np.ndarray]:
    """Learned and true chance of every edge from those who acted before the question, over some posts, [edge]."""
    learned, truth = [], []
    for post in posts:
        found = asked(model, world, post, content)
        spread, here = found.spread, edges_of_seeds(found)
        links = zip(*(world.graph.ids[end].tolist() for end in (world.graph.source, world.graph.target)), strict=True)
        true = dict(zip(links, world.chance(int(world.topic[post])).tolist(), strict=True))
        pairs = zip(spread.ids[spread.source[here]].tolist(), spread.ids[spread.target[here]].tolist(), strict=True)
        learned.append(found.probability[here])
        truth.append([true[pair] for pair in pairs])
    return np.concatenate(learned), np.concatenate(truth)


def same(one: LearnedActivation, other: LearnedActivation) -> bool:
    """Whether two are the same to the bit."""
    return (
        one.probability.tobytes() == other.probability.tobytes()
        and one.spread.ids.tolist() == other.spread.ids.tolist()
        and one.spread.target.tobytes() == other.spread.target.tobytes()
        and one.virality.factor.tobytes() == other.virality.factor.tobytes()
        and one.virality.weight.tobytes() == other.virality.weight.tobytes()
        and (one.seeds, one.ages, one.assumptions) == (other.seeds, other.ages, other.assumptions)
    )


@pytest.fixture(scope="module")
def world() -> PlantedSpread:
    return planted_spread(TRAINED + ASKED)


@pytest.fixture(scope="module")
def model(world: PlantedSpread) -> ActivationModel:
    return fitted(world, content=world.content)


@pytest.fixture(scope="module")
def learned(model: ActivationModel, world: PlantedSpread) -> LearnedActivation:
    return asked(model, world, POST, world.content)


# ---- what it finds again


def test_who_takes_to_a_topic_is_found(model: ActivationModel, world: PlantedSpread) -> None:
    chance, truth = chances_of_seeds(model, world, world.content, range(TRAINED, TRAINED + ASKED))
    assert roc_auc_score(truth == LIKED, chance) > 0.9
    assert chance[truth == LIKED].mean() > 2 * chance[truth != LIKED].mean()
    hidden, _ = chances_of_seeds(model, world, None, range(TRAINED, TRAINED + ASKED))
    assert roc_auc_score(truth == LIKED, hidden) < 0.75


def test_shuffled_content_takes_the_gain_away(world: PlantedSpread) -> None:
    shuffled = world.content[np.random.default_rng(0).permutation(len(world.content))]
    model = fitted(world, content=shuffled)
    chance, truth = chances_of_seeds(model, world, shuffled, range(TRAINED, TRAINED + ASKED))
    assert roc_auc_score(truth == LIKED, chance) < 0.75


def test_sizes_and_delays_are_found(model: ActivationModel, world: PlantedSpread) -> None:
    found, truth = [], []
    for post in range(TRAINED, TRAINED + ASKED):
        act = asked(model, world, post, world.content)
        runs = simulate(act.cascade(), act.seeds, 300, rng=7, horizon=act.horizon, threads=1)
        found.append(act.new_adopters(runs).mean())
        own = [seed for seed in act.seeds if seed != OUTSIDE]
        true = DelayedCascade(
            Activation(world.graph, world.chance(int(world.topic[post]))), DELAYS, ages={s: act.ages[s] for s in own}
        )
        truth.append(simulate(true, own, 300, rng=8, horizon=HORIZON, threads=1).size.mean() - len(own))
    assert abs(np.mean(found) - np.mean(truth)) < 0.4 * np.mean(truth)
    assert np.corrcoef(found, truth)[0, 1] > 0.5
    assert abs(model.delays.mean - DELAYS.mean) < 0.3 * DELAYS.mean


def test_the_fit_says_how_it_went(model: ActivationModel) -> None:
    report = model.fit_report
    assert report.training > 400 and report.validation >= 50 and len(report.judged) == SMALL.epochs
    assert max(report.judged) > report.judged[0] - 1e-12 and report.frailty > 0
    assert model.contagion >= min(report.contagion, key=lambda factor: report.contagion[factor])
    assert set(report.contagion) == set(SMALL.contagion)


@pytest.mark.slow
def test_error_shrinks_as_data_grow() -> None:
    errors = []
    for cascades in (150, 600, 2_400):
        world = planted_spread(cascades + ASKED, rng=5)
        config = replace(SMALL, epochs=6, draws=96)
        model = fitted(world, cascades, world.content, config)
        chance, truth = chances_of_seeds(model, world, world.content, range(cascades, cascades + ASKED))
        errors.append(float(np.abs(np.log(chance / truth)).mean()))
    assert errors[0] > errors[1] > errors[2] and errors[2] < 0.6 * errors[0]


# ---- what it may not see


def test_erasing_the_future_changes_no_bit(
    model: ActivationModel, world: PlantedSpread, learned: LearnedActivation
) -> None:
    as_of = world.start(POST) + OBSERVE
    whole = world.cascades
    cascade = np.repeat(np.arange(len(whole)), whole.size)
    kept = np.flatnonzero(whole.time < as_of)
    own = whole.time[cascade == POST]
    assert (own < as_of).sum() == 2 and (own >= as_of).sum() >= 5
    order = np.random.default_rng(1).permutation(np.unique(cascade[kept]))  # nor does the order of the cascades
    members = np.concatenate([kept[cascade[kept] == c] for c in order])
    erased = CascadeSet(
        whole.node[members],
        np.full(len(members), -1),
        whole.time[members],
        np.concatenate([[0], np.cumsum([np.sum(cascade[kept] == c) for c in order])]),
        whole.names[order],
        whole.censored[order],
    )
    again = model.activation(
        erased,
        f"p{POST}",
        as_of=as_of,
        content={"text": world.content[POST]},
        past_content={"text": world.content[order]},
    )
    assert same(learned, again)
    # somebody new, and others earlier in the alphabet, come later
    later = CascadeSet(
        np.append(whole.node, ["a", "new"]),
        np.append(whole.parent, [-1, -1]),
        np.append(whole.time, [as_of, as_of + 5]),
        np.append(whole.offsets, len(whole.node) + 2),
        np.append(whole.names, "later"),
        np.append(whole.censored, False),
    )
    past = {"text": np.vstack([world.content, np.ones(8)])}
    content = {"text": world.content[POST]}
    assert same(learned, model.activation(later, f"p{POST}", as_of=as_of, content=content, past_content=past))


def test_a_fit_reads_nothing_from_its_end_on_and_touches_no_global_stream(world: PlantedSpread) -> None:
    until, whole = world.start(300), world.cascades
    moved = replace(whole, time=np.where(whole.time >= until, whole.time + 999, whole.time))
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    one = fitted(world, 300, world.content, TINY, links=False)
    other = fitted(world, 300, world.content, TINY, links=False, observed=moved)
    assert torch.equal(torch_before, torch.get_rng_state())
    assert numpy_before == np.random.get_state()[1].tolist()  # noqa: NPY002
    nets = ((model.reader.net, *model.reader.virality) for model in (one, other))
    for first, second in zip(*nets, strict=True):
        for name, tensor in first.state_dict().items():
            assert torch.equal(tensor, second.state_dict()[name]), name
    assert one.delays.quantile.tobytes() == other.delays.quantile.tobytes() and one.contagion == other.contagion
    assert one.fit_report == other.fit_report


def test_without_content_nothing_of_it_is_read(model: ActivationModel, world: PlantedSpread) -> None:
    as_of = world.start(POST) + OBSERVE
    ask = {"cascades": world.cascades, "post": f"p{POST}", "as_of": as_of}
    blind = model.activation(**ask)
    assert same(blind, model.activation(**ask, past_content={"text": world.content}))
    assert same(blind, model.activation(**ask, content={"text": np.zeros(8)}, past_content={"text": world.content}))
    assert not same(blind, asked(model, world, POST, world.content))
    structural = fitted(world, 300, None, TINY)
    assert structural.modalities == {} and structural.activation(**ask).probability.min() >= 0


def test_a_model_from_later_is_refused_unless_allowed(model: ActivationModel, world: PlantedSpread) -> None:
    as_of = world.start(400) + OBSERVE
    with pytest.raises(LeakageError) as error:
        model.activation(world.cascades, "p400", as_of=as_of)
    assert format_time(model.known_until) in str(error.value) and format_time(as_of) in str(error.value)
    allowed = model.activation(world.cascades, "p400", as_of=as_of, allow_future_model=True)
    assert allowed.allow_future_model and "may know the answer" in allowed.assumptions[-1]
    assert simulate(allowed.cascade(), allowed.seeds, 3, rng=1, horizon=allowed.horizon).size.min() >= 2


def test_a_graph_serves_many_posts(model: ActivationModel, world: PlantedSpread) -> None:
    graph = model.candidates(world.cascades, world.start(TRAINED), content={"text": world.content})
    for post in (TRAINED, TRAINED + 9):
        ask = {"as_of": world.start(post) + OBSERVE, "content": {"text": world.content[post]}}
        shared = model.activation(world.cascades, f"p{post}", graph=graph, **ask)
        assert shared.known_until == model.known_until and not shared.allow_future_model
        assert len(shared.probability) == graph.spread.num_edges
    earlier = model.candidates(world.cascades, world.start(100))
    old = model.activation(world.cascades, f"p{TRAINED}", as_of=world.start(TRAINED) + OBSERVE, graph=earlier)
    assert not old.allow_future_model  # an older graph is no leak
    future = model.candidates(world.cascades, world.start(TRAINED + 20))
    with pytest.raises(LeakageError, match="candidate edges as of"):
        model.activation(world.cascades, f"p{TRAINED}", as_of=world.start(TRAINED) + OBSERVE, graph=future)


# ---- what it gives


def test_unchanged_input_makes_exactly_no_difference(
    model: ActivationModel, world: PlantedSpread, learned: LearnedActivation
) -> None:
    again = asked(model, world, POST, world.content)
    one, other = (
        simulate(act.cascade(coupled=True), act.seeds, 200, rng=7, horizon=act.horizon) for act in (learned, again)
    )
    assert one.node.tolist() == other.node.tolist() and one.time.tobytes() == other.time.tobytes()
    other_words = {"text": -world.content[POST]}
    changed = model.activation(
        world.cascades, f"p{POST}", as_of=learned.as_of, content=other_words, past_content={"text": world.content}
    )
    assert not same(learned, changed)


def test_seeds_are_who_acted_before_and_the_outside(learned: LearnedActivation, world: PlantedSpread) -> None:
    whole = world.cascades
    event = np.arange(whole.offsets[POST], whole.offsets[POST + 1])
    event = event[whole.time[event] < learned.as_of]
    assert learned.seeds == (*whole.node[event], OUTSIDE)
    assert learned.ages[learned.seeds[0]] == OBSERVE == learned.ages[OUTSIDE]
    runs = simulate(learned.cascade(), learned.seeds, 50, rng=1, horizon=learned.horizon)
    assert (learned.new_adopters(runs) == runs.size - len(event) - 1).all()
    assert learned.spread.num_edges > learned.spread.num_nodes and repr(learned).startswith("LearnedActivation of post")
    with pytest.raises(SchemaError, match="expected the"):
        learned.new_adopters(simulate(DelayedCascade(learned, learned.delays), [OUTSIDE], 2, rng=1, horizon=0.0))


def test_edges_are_the_links(learned: LearnedActivation, world: PlantedSpread, model: ActivationModel) -> None:
    spread, graph = learned.spread, world.graph
    links = set(zip(graph.ids[graph.source].tolist(), graph.ids[graph.target].tolist(), strict=True))
    social = spread.ids[spread.source] != OUTSIDE
    assert set(zip(*(spread.ids[end[social]].tolist() for end in (spread.source, spread.target)), strict=True)) <= links
    assert any("links carry no time" in sentence for sentence in model.assumptions)


def test_another_age_than_was_learned_is_named(model: ActivationModel, world: PlantedSpread) -> None:
    late = model.activation(world.cascades, f"p{TRAINED}", as_of=world.start(TRAINED) + 5 * OBSERVE)
    assert any("18,000 seconds after the first event" in sentence for sentence in late.assumptions)


def test_opens_as_saved(
    model: ActivationModel, world: PlantedSpread, learned: LearnedActivation, tmp_path: Path
) -> None:
    path = tmp_path / "activation.safetensors"
    model.save(path)
    opened = ActivationModel.open(path)
    assert same(learned, asked(opened, world, POST, world.content))
    assert opened.known_until == model.known_until and opened.fit_report == model.fit_report
    assert opened.config == model.config and repr(opened) == repr(model)
    opened.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_damage_is_noticed(model: ActivationModel, tmp_path: Path) -> None:
    path = tmp_path / "activation.safetensors"
    model.save(path)
    whole = path.read_bytes()
    for place in (len(whole) - 5, whole.index(b"known_until") + 18, len(whole) // 2):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DataIntegrityError, match="damaged"):
            ActivationModel.open(path)
    path.write_bytes(whole[:-9])
    with pytest.raises(DataIntegrityError, match="damaged"):
        ActivationModel.open(path)
    write_checkpoint(path, {"x": torch.zeros(1)}, {})
    with pytest.raises(DataIntegrityError, match="expected 'activation model'"):
        ActivationModel.open(path)


# ---- what it refuses


def test_a_post_without_an_event_is_unknown(model: ActivationModel, world: PlantedSpread) -> None:
    for post in ("p9999", f"p{TRAINED}"):
        with pytest.raises(UnknownNodeError, match=f"no post '{post}' with an event before .* Did you mean 'p"):
            model.activation(world.cascades, post, as_of=world.start(TRAINED))


def test_no_candidate_edges(model: ActivationModel, world: PlantedSpread) -> None:
    late = world.start(TRAINED)
    strangers = CascadeSet(
        ["x", "y", "z"], [-1] * 3, [late, late + 1, late + 5], [0, 1, 2, 3], ["a", "b", "c"], [False] * 3
    )
    with pytest.raises(SchemaError, match="no candidate edges: no link joins"):
        model.activation(strangers, "c", as_of=late + 10)
    with pytest.raises(SchemaError, match="no candidate edges: nobody else"):
        model.activation(strangers, "a", as_of=late + 1)
    with pytest.raises(SchemaError, match="no candidate edges: no two users"):
        replace(model, links=None).activation(strangers, "c", as_of=late + 10)


def test_too_few_cascades(world: PlantedSpread) -> None:
    with pytest.raises(SchemaError, match=r"too few cascades: .* expected at least 50 and 10"):
        fitted(world, 40)


def test_content_and_times_that_do_not_fit(model: ActivationModel, world: PlantedSpread) -> None:
    ask = {"cascades": world.cascades, "post": f"p{TRAINED}", "as_of": world.start(TRAINED) + OBSERVE}
    with pytest.raises(SchemaError, match=r"\(7,\), expected numbers \(8,\)"):
        model.activation(**ask, content={"text": np.ones(7)})
    with pytest.raises(SchemaError, match="Did you mean 'text'"):
        model.activation(**ask, content={"tex": np.ones(8)})
    with pytest.raises(SchemaError, match="cascade of the set"):
        model.activation(**ask, past_content={"text": np.ones((3, 8))})
    with pytest.raises(SchemaError, match="expected a CascadeSet"):
        model.activation([1], "p1", as_of=ask["as_of"])  # type: ignore[arg-type]
    read_early = replace(world.cascades, known_until=world.start(TRAINED))
    with pytest.raises(TimeWindowError, match="what came in between"):
        model.activation(read_early, f"p{TRAINED}", as_of=ask["as_of"])
    with pytest.raises(SchemaError, match="horizon got 0"):
        ActivationModel.fit(world.cascades, observe=OBSERVE, horizon=0, known_until=world.start(TRAINED))
    with pytest.raises(LeakageError, match="links known until"):
        ActivationModel.fit(
            world.cascades,
            observe=OBSERVE,
            horizon=HORIZON,
            known_until=world.start(300),
            links=replace(world.graph, known_until=world.start(301)),
        )
