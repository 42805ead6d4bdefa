"""The words of the nodes that examples ask about, and their TF-IDF vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from graphsocial.embed.shown_contents import content_known_at
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_within, nodes_of
from graphsocial.schema import MEASURED

Normalise = Callable[[str], str]
"""Text normalisation, such as `TextNormalisation().apply`."""

Analyser = Literal["word", "char"]
"""`word`: words and pairs of words; `char`: 2 to 4 characters inside words, for languages that write no spaces."""


def texts_before(
    graph: SocialGraph, examples: Examples, role: str, column: str, normalise: Normalise
) -> tuple[str, ...]:
    """Normalised text of each example's node [example].

    Empty where there is none, where the node's row was not known strictly before the example's time, and where the
    node type has no such column at all.

    Raises:
        SchemaError: No such role, or the column holds no strings.
        TimeWindowError: An example lies after the view's as_of.
    """
    check_within(graph, examples)
    node_type, node = nodes_of(examples, role)
    if column not in graph.schema.nodes[node_type] or not len(examples):
        return ("",) * len(examples)
    described = graph.schema.node_column(node_type, column)
    if described.type != "string":
        raise SchemaError(f"column {node_type}.{column} holds {described.type}, expected string")
    visible = graph.row_known_at(node_type)[node] < examples.time
    measured = described.known_at
    if isinstance(measured, int) and (graph.start or measured) <= measured < (graph.end or measured + 1):
        early = graph.as_of(measured).column(node_type, column)
        if early.null_count == len(early):  # nobody assumed the column known with its row
            visible &= examples.time > measured
    if measured == MEASURED:
        visible &= content_known_at(graph, node_type, column)[node] < examples.time
    texts = graph.column(node_type, column).take(pa.array(node))
    texts = pc.if_else(pa.array(visible), texts, pa.scalar(None, pa.string()))
    return tuple("" if text is None else normalise(text) for text in texts.to_pylist())


def tfidf(train: tuple[str, ...], test: tuple[str, ...], analyser: Analyser) -> tuple[csr_matrix, csr_matrix] | None:
    """TF-IDF vectors of both parts [example, term], vocabulary and weights from the training texts alone.

    Returns:
        None when the training texts hold no term.
    """
    vectorizer = TfidfVectorizer(
        analyzer="word" if analyser == "word" else "char_wb",
        ngram_range=(1, 2) if analyser == "word" else (2, 4),
        sublinear_tf=True,
    )
    analyse = vectorizer.build_analyzer()
    if not any(analyse(text) for text in set(train)):
        return None
    return vectorizer.fit_transform(train), vectorizer.transform(test)
