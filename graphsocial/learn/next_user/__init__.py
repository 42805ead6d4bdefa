"""Who joins a cascade next: protocols, floors and the learned ranking."""
