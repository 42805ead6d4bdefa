"""The page that tells of one phrase; every number on it is computed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from benchmarks.bridge_case_facts import BridgeCaseFacts, FitFacts
from graphsocial.graph import format_time
from graphsocial.learn.activation.candidate_edges import OUTSIDE
from graphsocial.query.post_choice import BLIND, FOR_THIS, PostChoice
from graphsocial.query.what_if import WhatIf
from graphsocial.report.times import show_duration

EDGES, NAMES = 8, 15
RESULTS = Path("benchmarks/results/bridge.jsonl")
_LINES: Any = {"width": 120, "break_long_words": False, "break_on_hyphens": False}


@dataclass(frozen=True, eq=False)
class Told:
    """What the page is made of.

    Attributes:
        facts: The phrase.
        fit: The model on other phrases.
        same: What if it said what it says.
        other: What if it said something else.
        other_text: What.
        seeds: Whom to seed.
        blocked: Whom to block.
        chosen_by: How the phrase was chosen, a sentence.
        command: What makes the page.
        quick: Whether it was made of little, for a first look.
        pictures: Paths of the pictures from the page, by name.
    """

    facts: BridgeCaseFacts
    fit: FitFacts
    same: WhatIf
    other: WhatIf
    other_text: str
    seeds: PostChoice
    blocked: PostChoice
    chosen_by: str
    command: str
    quick: bool
    pictures: dict[str, str]


def page(told: Told) -> str:
    """The page in Markdown."""
    parts = (_begin, _known, _learned, _growth, _reached, _seeds, _what_if, _fit, _limits)
    blocks = "\n\n".join(part(told).strip() for part in parts).split("\n\n")
    return "\n\n".join(map(_filled, blocks)) + "\n"


def _filled(block: str) -> str:
    """Paragraphs and lists in lines of one width; anything else as it is."""
    if block.startswith("- "):
        items = block[2:].split("\n- ")
        return "\n".join(fill(f"- {' '.join(item.split())}", subsequent_indent="  ", **_LINES) for item in items)
    if block.startswith(("|", "```", "#", ">", "!", "<")):
        return block
    return fill(block, **_LINES)


def _begin(told: Told) -> str:
    facts = told.facts
    return f"""
# This very post: one phrase, from its words to its simulated spread

<!-- Made by `{told.command}`; every number and picture comes from there. Do not edit. -->

{_warned(told)}> {facts.text}

Phrase {facts.post} of `{facts.data.name}`: quotations as news sites and blogs took them up over six months
(MemeTracker,
Leskovec, Backstrom and Kleinberg, KDD 2009, with the texts). An adopter is a site, here a number, and a cascade is
who had the
phrase when; nobody recorded who had it from whom. {told.chosen_by} All that was fitted was fitted on what came before
{format_time(facts.data.test_time)}, and the phrase began on {format_time(facts.early[0][1])}.
"""


def _warned(told: Told) -> str:
    if not told.quick:
        return ""
    return (
        f"**For a first look only:** made with `--quick`, from {len(told.facts.data.record):,} phrases and few epochs, "
        "runs and samples; its figures are not those of the benchmark.\n\n"
    )


def _known(told: Told) -> str:
    facts = told.facts
    began = facts.early[0][1]
    rows = [[f"site {who}", show_duration(time - began) if time > began else "first"] for who, time in facts.early]
    known = sum(who in facts.activation.ages for who, _ in facts.early)
    shown = _table(["site", "after"], rows[:6])
    more = f"\n\n… and {len(rows) - 6} more" if len(rows) > 6 else ""
    return f"""
## What was known

The question is asked {show_duration(facts.now - began)} after the beginning, as of {format_time(facts.now)}. By
then {len(facts.early)}
sites had it, {known} of which had been seen before:

{shown}{more}

```python
engine = gs.Engine.open("runs/phrases", graph.as_of("{format_time(facts.now)}"))
activation = engine.activation(("post", "{facts.post}"))
```

`{facts.activation!r}`
"""


def _learned(told: Told) -> str:
    facts = told.facts
    rows = [
        [f"site {u}", f"site {v}", f"{chance:.3f}", f"{together:,}", "came" if v in facts.came else "did not"]
        for u, v, chance, together in facts.strongest(EDGES)
    ]
    law, graph = facts.activation.virality, facts.activation.spread
    outside = facts.activation.probability[graph.source == graph.num_nodes - 1]
    size = facts.simulated
    low, middle, high = np.quantile(size, [0.05, 0.5, 0.95])
    return f"""
## What the model says

Every candidate edge has a chance for this phrase. These are the strongest ones to sites that had not taken it up
(chances over
the whole law of delays, at a factor of 1; "together": cascades in which the one came soon before the other):

{_table(["from", "to", "chance", "together", "within the week"], rows)}

`{OUTSIDE}`, which stands for everything that reaches sites by other ways, has a mean chance of {outside.mean():.2g}
on each of
{len(outside):,} edges. How many act altogether is learned apart: a law of a factor on all hazards, here
{len(law.factor)} points
with mean {law.mean:.3g}. {_contagion(told)}

From there, {len(size):,} simulated spreads: {size.mean():.1f} new adopters in the mean, {low:.0f} to {high:.0f} in
90 % of the runs,
median {middle:.0f}, none in {100 * (size == 0).mean():.1f} %.
"""


def _contagion(told: Told) -> str:
    assert told.facts.engine.spread is not None
    model = told.facts.engine.spread.model
    scores = ", ".join(f"{factor:g}: {score:.3f}" for factor, score in model.fit_report.contagion.items())
    return (
        "Contagion by those who act after the question was tried at several strengths on validation phrases "
        f"(CRPS {scores}); {model.contagion:g}, the most that is worse than the best by no more than noise, is used "
        "here."
    )


def _growth(told: Told) -> str:
    facts = told.facts
    observed, size = len(facts.came), facts.simulated
    below = ((size < observed).mean() + 0.5 * (size == observed).mean()) * 100
    inside = np.quantile(size, 0.05) <= observed <= np.quantile(size, 0.95)
    return f"""
## How it grew

![Growth]({told.pictures["growth"]})

Within {show_duration(facts.activation.horizon)} it reached {len(facts.later)} more sites, {observed} of them known
at the question (the
other {len(facts.later) - observed} were first seen later: no forecast over known sites can name them). The observed
number stands
above {below:.0f} % of the simulated ones, {"inside" if inside else "outside"} their 90 % interval.

![Sizes]({told.pictures["sizes"]})
"""


def _reached(told: Told) -> str:
    facts = told.facts
    top = facts.reached[:NAMES]
    hits = sum(who in facts.came for who, _ in top)
    found, chance = facts.average_precision()
    return f"""
## Who is reached

![Reached]({told.pictures["reached"]})

Of the {len(top)} sites reached in most runs, {hits} came; the model expects {sum(share for _, share in top):.1f}.
Average precision
over all known sites is {found:.3f}, where a random order has {chance:.4f}.
"""


def _seeds(told: Told) -> str:
    seeds, blocked = told.seeds, told.blocked
    rows = [
        [str(i + 1), f"site {who}", f"{adds:.2f}", f"site {blind}"]
        for i, (who, adds, blind) in enumerate(zip(seeds.chosen, seeds.effect, seeds.content_blind, strict=True))
    ]
    return f"""
## Whom to seed for this phrase

```python
engine.select_seeds(("post", "{told.facts.post}"), k={len(seeds.chosen)}, rng=7)
engine.block_nodes(("post", "{told.facts.post}"), k={len(blocked.chosen)}, rng=7)
```

Sites are chosen for what they add to whom the phrase reaches anyway. Passing on is what seeding is about, so contagion
counts in full here{_although(told)}. Beside it stands the content-blind choice: the same model, asked as if the phrase
said nothing.

{_table(["", "for this phrase", "adds", "content-blind"], rows)}

![Seeds]({told.pictures["seeds"]})

{_mean(seeds, "nobody")} new adopters with nobody seeded, {_mean(seeds, FOR_THIS)} with these {len(seeds.chosen)}
sites (themselves
counted), {_mean(seeds, BLIND)} with the content-blind ones; the difference is {_difference(seeds)}. {seeds.overlap} of
{len(seeds.chosen)} sites are in both.

Blocking {len(blocked.chosen)} sites instead (nothing reaches them any more): {_mean(blocked, "nothing")} new
adopters with nothing
blocked, {_mean(blocked, FOR_THIS)} without the sites chosen for this phrase, {_mean(blocked, BLIND)} without the
content-blind ones,
difference {_difference(blocked)}; {blocked.overlap} of {len(blocked.chosen)} in both.
"""


def _although(told: Told) -> str:
    assert told.facts.engine.spread is not None
    best = told.facts.engine.spread.model.contagion
    return "" if best == 1 else f", although growth on validation leaves {best:g} of it"


def _mean(found: PostChoice, name: str) -> str:
    return f"{found.adopters[name].mean():.1f}"


def _difference(found: PostChoice) -> str:
    low, high = found.monte_carlo
    return f"{found.difference:+.2f} (95 % Monte Carlo {low:+.2f} to {high:+.2f})"


def _what_if(told: Told) -> str:
    other, same = told.other, told.same
    low, high = other.monte_carlo
    model = other.model_interval
    over = (
        f"over {len(other.refits)} models fitted again {model[0]:+.2f} to {model[1]:+.2f}"
        if model is not None
        else "how much hangs on the phrases that the model happened to see is not known without refits (`--refits 10`)"
    )
    columns = other.columns()
    rows = [
        [str(figure), f"{before:.3g}", f"{after:.3g}"]
        for figure, before, after in zip(columns["figure"], columns["before"], columns["after"], strict=True)
    ]
    warnings = "; ".join(note.rstrip(".") for note in other.notes)
    return f"""
## What if it said something else

The same sites at the same times, but with the words of another phrase, the next one by the rule that chose this:

> {told.other_text}

{_table(["new adopters", "as it is", "other words"], rows)}

Difference of the means {other.difference:+.2f} (95 % Monte Carlo {low:+.2f} to {high:+.2f}; {over}). With the text
that it has, put
in again word by word, the largest difference of any run is {_largest(same)}: both simulations share their random
numbers.

What the answer says of itself: {warnings}.
"""


def _largest(same: WhatIf) -> int:
    return int(np.abs(same.adopters_after - same.adopters_before).max())


def _fit(told: Told) -> str:
    fit = told.fit
    uniform = (
        f"are not uniform (Kolmogorov-Smirnov p = {fit.p_value:.2g}): the law is off in a way that so many phrases show"
        if fit.p_value < 0.05
        else f"do not differ from uniform by more than chance would (Kolmogorov-Smirnov p = {fit.p_value:.2g})"
    )
    return f"""
## Is it right in general

One phrase proves nothing. The same model on {len(fit.pit):,} held-out phrases, evenly spread over the test:

![Fit]({told.pictures["fit"]})

The places of the observed sizes {uniform}; {100 * fit.covered:.0f} % of them lie inside the 90 % interval, and the
CRPS of
log2(1 + new adopters) is {fit.crps:.3f}. Grey: where 95 % of the bars of a right law stand. `python -m benchmarks
bridge` compares it
with three others on the whole test.
"""


def _limits(told: Told) -> str:
    assumed = sorted({*told.facts.activation.assumptions, *told.facts.data.assumptions})
    listed = "\n".join(f"- {sentence[0].upper()}{sentence[1:].rstrip('.')}." for sentence in assumed)
    assert told.facts.engine.spread is not None
    factor = told.facts.engine.spread.model.contagion
    used = (
        "growth on validation leaves no contagion at all: who comes later is better explained by the first hour and by "
        "the outside than by one site setting off the next"
        if factor == 0
        else f"growth on validation leaves {factor:g} of the contagion that was learned"
    )
    return f"""
## What this is not

- No causal effect. Nobody changed words or seeded sites at random; what-if and seeding say what the model predicts.
- Words show hardly any gain on this corpus{_gain(told)}.
- Here {used}.
- Edges are sites that took up the same phrases before, not links that anybody saw something travel along.
{listed}
"""


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _gain(told: Told) -> str:
    """What the benchmark's last run on this corpus says of the texts, if it is there."""
    if not RESULTS.is_file():
        return ""
    lines = map(json.loads, RESULTS.read_text(encoding="utf-8").splitlines())
    named = ("bridge/no_content", "crps/difference", told.facts.data.name)
    found = [line for line in lines if (line["case"], line["metric"], line["data"]) == named]
    if not found or not found[-1]["interval"]:
        return ""
    low, high = found[-1]["interval"]
    return (
        f": CRPS with them less that without them is {found[-1]['value']:+.3f} ({low:+.3f} to {high:+.3f}) in "
        "`python -m benchmarks bridge`"
    )
