"""Training questions are those whose answers were there."""

from __future__ import annotations

from graphsocial.errors import LeakageError, NotFittedError
from graphsocial.graph import format_time
from graphsocial.trends.volume.volume_questions import VolumeQuestions


def check_known(name: str, train: VolumeQuestions, asked: VolumeQuestions) -> None:
    """Raises unless there is a training question and every training answer was complete at the first origin asked.

    Args:
        name: Of the forecaster.
        train: Questions with answers.
        asked: Questions.

    Raises:
        NotFittedError: There is no training question.
        LeakageError: An answer was complete only after an origin that is asked about.
    """
    if not len(train):
        raise NotFittedError(f"forecaster {name!r} needs at least one training question, got 0")
    if len(asked) and train.known_until.max() > asked.origin.min():
        raise LeakageError(
            f"forecaster {name!r} would learn from answers known at {format_time(int(train.known_until.max()))} for "
            f"origins from {format_time(int(asked.origin.min()))}; leave a gap of the longest horizon between them"
        )
