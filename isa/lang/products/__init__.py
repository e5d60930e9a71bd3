"""What people are told of descriptions: explained, compared, exported, begun. Nothing here changes what one becomes."""
