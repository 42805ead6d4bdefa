"""The engine a user holds: graph, content and a trained model → answers with their evidence."""

from graphsocial.query.answers import Embedding, Prediction, SimilarPosts
from graphsocial.query.engine import Engine
from graphsocial.query.what_if import WhatIf

__all__ = ["Embedding", "Engine", "Prediction", "SimilarPosts", "WhatIf"]
