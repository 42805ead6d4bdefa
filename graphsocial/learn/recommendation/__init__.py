"""Which post a user takes up next, by global time: candidates, evidence, floors and the learned ranking."""
