"""Tasks, temporal splits, training and honest scores."""

from graphsocial.learn.epoch_report import EpochReport
from graphsocial.learn.evaluation import Evaluation, TaskScore
from graphsocial.learn.examples import Examples
from graphsocial.learn.task import Task
from graphsocial.learn.task_file import read_task_file
from graphsocial.learn.temporal_split import TemporalSplit
from graphsocial.learn.trainer import Trainer
from graphsocial.learn.training_config import TrainingConfig

__all__ = [
    "EpochReport",
    "Evaluation",
    "Examples",
    "Task",
    "TaskScore",
    "TemporalSplit",
    "Trainer",
    "TrainingConfig",
    "read_task_file",
]
