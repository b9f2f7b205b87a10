"""Units, officers, and the posts they hold. An officer acts in one post of one unit at a time."""
