"""Training in several processes, on one machine or more, through Hugging Face Accelerate."""

from graphsocial.scale.training.accelerated_processes import AcceleratedProcesses
from graphsocial.scale.training.launch_training import launch_training
from graphsocial.scale.training.launched_processes import launched_processes

__all__ = ["AcceleratedProcesses", "launch_training", "launched_processes"]
