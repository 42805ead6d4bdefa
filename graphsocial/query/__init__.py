"""The engine a user holds: graph, content and a trained model → answers with their evidence."""

from graphsocial.query.answers import Embedding, Prediction, SimilarPosts
from graphsocial.query.behaviour.activity_rhythm import ActivityRhythm, activity_rhythm
from graphsocial.query.behaviour.interest_drift import InterestDrift, interest_drift
from graphsocial.query.behaviour.interest_profile import InterestProfile, interest_profile
from graphsocial.query.behaviour.post_topics import PostTopics, fit_topics
from graphsocial.query.behaviour.roles import Roles, roles
from graphsocial.query.behaviour.similar_users import SimilarUsers, similar_users
from graphsocial.query.emerging_topics import EmergingTopics, emerging_topics
from graphsocial.query.engine import Engine
from graphsocial.query.post_choice import PostChoice
from graphsocial.query.what_if import WhatIf

__all__ = [
    "ActivityRhythm",
    "Embedding",
    "EmergingTopics",
    "Engine",
    "InterestDrift",
    "InterestProfile",
    "PostTopics",
    "PostChoice",
    "Prediction",
    "Roles",
    "SimilarPosts",
    "SimilarUsers",
    "WhatIf",
    "activity_rhythm",
    "emerging_topics",
    "fit_topics",
    "interest_drift",
    "interest_profile",
    "roles",
    "similar_users",
]
