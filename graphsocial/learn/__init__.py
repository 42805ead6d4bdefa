"""Tasks, temporal splits, training and honest scores."""

from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.activation.post_spread import PostSpread
from graphsocial.learn.compute_config import ComputeConfig
from graphsocial.learn.epoch_report import EpochReport
from graphsocial.learn.evaluation import Evaluation, TaskScore
from graphsocial.learn.examples import Examples
from graphsocial.learn.processes import Processes, SingleProcess
from graphsocial.learn.task import Task
from graphsocial.learn.task_file import read_task_file
from graphsocial.learn.temporal_split import TemporalSplit
from graphsocial.learn.trainer import Trainer
from graphsocial.learn.training_config import TrainingConfig

__all__ = [
    "ActivationModel",
    "ActivationTraining",
    "ComputeConfig",
    "EpochReport",
    "Evaluation",
    "Examples",
    "LearnedActivation",
    "PostSpread",
    "Processes",
    "SingleProcess",
    "Task",
    "TaskScore",
    "TemporalSplit",
    "Trainer",
    "TrainingConfig",
    "read_task_file",
]
