"""Point processes: events in continuous time that make further events likelier."""
