"""`trapline bench`: the same guests on our engines and on others', as ratios."""
