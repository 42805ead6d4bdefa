"""The engine a user holds: graph, content and a trained model → answers with their evidence."""

from graphsocial.query.answers import Embedding, Prediction, SimilarPosts
from graphsocial.query.engine import Engine

__all__ = ["Embedding", "Engine", "Prediction", "SimilarPosts"]
